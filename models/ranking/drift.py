"""Whether households still look like those a model learned from: its score and top features, as histograms.

The bins are tenths of the households of the training date; what is unknown is a bin of its own (-1).
Counts of parts of a province add up, so nobody needs all households at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

SCORE = "score"
UNKNOWN = -1
_TENTHS = np.arange(1, 10) / 10
_TOP = 10  # features beside the score: those that move it most; more would only repeat them

COUNTS = pl.Schema({"column_name": pl.String, "bin_no": pl.Int64, "cnt": pl.Int64})
BASELINE = pl.Schema({"column_name": pl.String, "bin_no": pl.Int64, "lower": pl.Float64, "cnt": pl.Int64})


def baseline(scored: pl.DataFrame, features: Sequence[str]) -> pl.DataFrame:
    """The histograms to compare with: column_name, bin_no, lower (bound of the bin; none of the lowest), cnt.

    scored: one row per household of the training date: score and the model's features. Kept are the score
    and the ten features whose bins differ most in score, most first.
    """
    scored = scored.sort("household_id")
    points = _values(scored, SCORE)
    edges = {name: _edges(_values(scored, name)) for name in dict.fromkeys((SCORE, *features))}
    moved = {name: _moves(_bins(_values(scored, name), edges[name]), points) for name in features}
    top = [name for name in sorted(moved, key=lambda name: (-moved[name], name)) if moved[name] > 0][:_TOP]
    parts = [
        pl.DataFrame(
            {
                "bin_no": range(UNKNOWN, len(edges[name]) + 1),
                "lower": [None, None, *edges[name].tolist()],
                "cnt": _counted(_bins(_values(scored, name), edges[name]), len(edges[name])),
            },
            schema={name: BASELINE[name] for name in ("bin_no", "lower", "cnt")},
        ).select(pl.lit(name).alias("column_name"), "bin_no", "lower", "cnt")
        for name in (SCORE, *top)
    ]
    return pl.concat(parts)


def counts(scored: pl.DataFrame, base: pl.DataFrame) -> pl.DataFrame:
    """Households by the baseline's bins: column_name, bin_no, cnt. A column that is gone is all unknown."""
    rows = []
    for name in base["column_name"].unique(maintain_order=True):
        edges = base.filter(pl.col("lower").is_not_null(), column_name=name)["lower"].sort().to_numpy()
        found = _counted(_bins(_values(scored, name), edges), len(edges))
        rows += [(name, no, cnt) for no, cnt in enumerate(found, start=UNKNOWN)]
    return pl.DataFrame(rows, schema=COUNTS, orient="row")


def moves(base: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """How far each column moved: column_name, psi, unknown_before, unknown_now (shares), cnt (of now).

    psi: population stability index, the sum of (now - before) ln(now / before) over the bins; half a
    household is added to each bin, so that an empty one is no infinity. Null where there is no household.
    """
    summed = now.group_by("column_name", "bin_no").agg(now_cnt=pl.col("cnt").sum())
    both = base.join(summed, on=["column_name", "bin_no"], how="left", maintain_order="left")
    both = both.with_columns(pl.col("now_cnt").fill_null(0))
    before, after = (_smoothed(name) for name in ("cnt", "now_cnt"))
    unknown = pl.col("bin_no") == UNKNOWN
    return both.group_by("column_name", maintain_order=True).agg(
        psi=pl.when(pl.col("now_cnt").sum() > 0).then(((after - before) * (after / before).log()).sum()),
        unknown_before=pl.col("cnt").filter(unknown).sum() / pl.col("cnt").sum(),
        unknown_now=pl.col("now_cnt").filter(unknown).sum() / pl.col("now_cnt").sum(),
        cnt=pl.col("now_cnt").sum(),
    )


def _smoothed(name: str) -> pl.Expr:
    return (pl.col(name) + 0.5) / (pl.col(name).sum() + 0.5 * pl.len())


def _values(frame: pl.DataFrame, name: str) -> np.ndarray:
    if name not in frame.columns:
        return np.full(frame.height, np.nan)
    return frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _edges(values: np.ndarray) -> np.ndarray:
    known = values[np.isfinite(values)]
    if known.size == 0:
        return np.empty(0)
    edges = np.unique(np.quantile(known, _TENTHS, method="higher"))
    return edges[edges > known.min()]  # the lowest bin holds the lowest value


def _bins(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), np.searchsorted(edges, values, side="right"), UNKNOWN)


def _counted(bins: np.ndarray, edge_cnt: int) -> list[int]:
    return [int(cnt) for cnt in np.bincount(bins - UNKNOWN, minlength=edge_cnt + 2)]


def _moves(bins: np.ndarray, score: np.ndarray) -> float:
    """The part of the score's variance that lies between the bins."""
    cnt = np.bincount(bins - UNKNOWN)
    mean = np.divide(np.bincount(bins - UNKNOWN, weights=score), cnt, out=np.zeros(cnt.size), where=cnt > 0)
    return float(np.round((cnt * (mean - score.mean()) ** 2).sum() / max(cnt.sum(), 1), 12))
