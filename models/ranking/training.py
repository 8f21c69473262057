"""Learn a ranking from outcomes, and keep it only if it beats the rules on later lists."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from models.evaluation.audits import group_audit
from models.evaluation.compare_rankings import evaluate_rankings
from models.features.labels import known_labels
from models.features.splits import Split, choose_cut, matured, temporal_split
from models.ranking.fitting import KINDS, Model, fit, predict
from models.ranking.registry import ModelEntry, save
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class TrainingSettings:
    """How much must be known before a machine may order anything, and how candidates are compared.

    maturity_days   a list counts once its visits have had this long to be reported; with three weeks a
                    monthly list has matured when the next one is made
    min_rows        labelled households needed on the training side
    min_each_class  of them at least so many with a verified need, and so many without
    short_share     rankings are compared on this share of a station's visited lines, the highest ranked; over
                    all of them every ranking would find the same
    seed            of every draw
    """

    maturity_days: int = 21
    min_rows: int = 100
    min_each_class: int = 20
    short_share: float = 0.5
    seed: int = 0


def train(
    frame: pl.DataFrame,
    out_dir: Path,
    as_of: date,
    capacity: int | pl.DataFrame,
    settings: TrainingSettings | None = None,
) -> ModelEntry:
    """Fit every candidate, choose by yield at capacity on the later lists, refit on all, and register it.

    `frame` is `training_frame`'s; outcomes known after `as_of` are not looked at. `capacity` is lines per
    station and list (a number, or a frame town_code, line_cnt). Rule points are in the same comparison and
    win ties: the entry's kind may therefore be `rule_points`. Raises ZhaorenError when too little is known.
    """
    settings = settings or TrainingSettings()
    cut = choose_cut(frame, as_of, settings.maturity_days)
    split = temporal_split(frame, cut, as_of, settings.maturity_days)
    _refuse_thin(split, settings)
    scored = _scored(split, settings.seed)
    comparison, groups = _compare(scored, capacity, settings)
    kind = _best(comparison)
    # the measuring is done: the model that goes into use learns from the later lists as well
    rows = matured(known_labels(frame, as_of), as_of, settings.maturity_days)
    model = fit(kind, rows, settings.seed)
    metrics = _metrics(
        model,
        split,
        rows,
        comparison=comparison,
        groups=groups.filter(pl.col("ranking") == kind),
        as_of=as_of,
        settings=settings,
    )
    return save(model, metrics, Path(out_dir))


def _refuse_thin(split: Split, settings: TrainingSettings) -> None:
    yes, rows = int(split.train["label"].sum()), split.train.height
    held_yes, held = int(split.holdout["label"].sum()), split.holdout.height
    # the later lists must hold both answers, or every ranking would look the same on them
    enough = rows >= settings.min_rows and min(yes, rows - yes) >= settings.min_each_class
    if enough and 0 < held_yes < held:
        return
    raise ZhaorenError(
        f"too few outcomes to learn from: {rows} before {split.cut} ({yes} verified, {rows - yes} not), "
        f"{held} from then on ({held_yes} verified, {held - held_yes} not)",
        "training frame",
        f"at least {settings.min_rows} are needed before the cut, {settings.min_each_class} of each kind, "
        "and some of each kind after it",
        "collect more feedback; until then the rules rank",
    )


def _scored(split: Split, seed: int) -> pl.DataFrame:
    """The hold-out rows with one score column per candidate, each fitted on the training side only."""
    models = [fit(kind, split.train, seed) for kind in KINDS]
    scores = [pl.Series(m.kind, predict(m, split.holdout)) for m in models]
    return split.holdout.with_columns(scores)


def _compare(
    scored: pl.DataFrame, capacity: int | pl.DataFrame, settings: TrainingSettings
) -> tuple[pl.DataFrame, pl.DataFrame]:
    truth = scored.select("household_id", "as_of", in_hardship="label", is_silent=pl.lit(None, pl.Boolean))
    lines = _short_lines(scored, capacity, settings.short_share)
    table = evaluate_rankings(scored, truth, lines, KINDS, seed=settings.seed)
    audits = [
        group_audit(
            scored, truth, lines, kind, score=None if kind == "rule_points" else kind, seed=settings.seed
        )
        for kind in KINDS
    ]
    return table, pl.concat(audits)


def _short_lines(scored: pl.DataFrame, capacity: int | pl.DataFrame, share: float) -> pl.DataFrame:
    """Lines per list and station: its capacity, but at most `share` of what was visited (at least one)."""
    visited = scored.group_by("as_of", "town_code").agg(visited_cnt=pl.len())
    if isinstance(capacity, int):
        whole = visited.with_columns(line_cnt=pl.lit(capacity, pl.Int64))
    else:
        whole = visited.join(capacity.select("town_code", "line_cnt"), on="town_code", how="left")
    short = (pl.col("visited_cnt") * share).floor().cast(pl.Int64).clip(lower_bound=1)
    return whole.select(
        "as_of", "town_code", line_cnt=pl.min_horizontal(pl.col("line_cnt").cast(pl.Int64), short)
    )


def _best(comparison: pl.DataFrame) -> str:
    whole = comparison.filter((pl.col("as_of") == "all") & pl.col("ranking").is_in(KINDS))
    share = dict(whole.select("ranking", "share_in_hardship").iter_rows())
    # on equal shares the plainer kind: a model has to earn its place
    return max(KINDS, key=lambda kind: (share[kind] or 0.0, -KINDS.index(kind)))


def _metrics(
    model: Model,
    split: Split,
    rows: pl.DataFrame,
    *,
    comparison: pl.DataFrame,
    groups: pl.DataFrame,
    as_of: date,
    settings: TrainingSettings,
) -> dict[str, Any]:
    arms = rows.group_by("arm").agg(visited_cnt=pl.len(), verified_cnt=pl.col("label").sum()).sort("arm")
    return {
        "as_of": as_of.isoformat(),
        "kind": model.kind,
        "cut": split.cut.isoformat(),
        "train_lists": [d.isoformat() for d in split.train["as_of"].unique().sort()],
        "holdout_lists": [d.isoformat() for d in split.holdout["as_of"].unique().sort()],
        "train_rows": split.train.height,
        "holdout_rows": split.holdout.height,
        "fitted_rows": rows.height,
        "fitted_verified": int(rows["label"].sum()),
        "arms": arms.to_dicts(),
        "settings": asdict(settings),
        "comparison": _plain(comparison.filter(pl.col("as_of") == "all")),
        "groups": _plain(groups),
    }


def _plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """A small table as plain values for JSON; amounts of money as text."""
    return frame.with_columns(pl.col(pl.Decimal).cast(pl.String)).to_dicts()
