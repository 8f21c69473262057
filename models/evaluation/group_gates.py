"""Gates by group: a ranking that clearly serves a group worse than the whole is not promoted."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from models.evaluation.group_rates import ALL


@dataclass(frozen=True)
class GroupRules:
    """What a ranking owes each group (parameters of the policies, group `fairness`).

    recall_ratio_min            a group's recall over that of all others
    line_ratio_min              a group's lines per household in need over those of all others
    false_positive_ratio_max    a group's false-positive rate over that of all others
    score_excess_max            how far the mean score may lie from the share in need
    """

    recall_ratio_min: float
    line_ratio_min: float
    false_positive_ratio_max: float
    score_excess_max: float


@dataclass(frozen=True)
class Breach:
    """One group that is clearly served worse: which, by what measure, its value, the limit, and in words."""

    group: str
    value: str
    measure: str
    found: float
    limit: float

    def __str__(self) -> str:
        return f"{self.group} {self.value}: {self.measure} {self.found:.3f}, limit {self.limit:g}"


def group_gates(rates: pl.DataFrame, rules: GroupRules) -> list[Breach]:
    """The breaches of one ranking's `group_rates`, sorted by group and value; none: the gates are passed.

    A group breaches a gate when even the kind end of its 95 % interval does: chance alone stops nothing.
    Rates that are withheld or unknown breach nothing; they are named in the table.
    """
    whole = rates.filter(pl.col("group") == ALL)
    parts = rates.filter(pl.col("group") != ALL)
    if whole.is_empty() or parts.is_empty():
        return []
    parts = _with_rest(parts, whole)
    lines = _over(pl.col("rest_listed"), pl.col("rest_need"))
    per_need = _over(pl.col("selection_rate"), pl.col("label_rate"))
    at_most = _over(pl.col("selection_rate_high"), pl.col("label_rate_low"))
    recall = _over(pl.col("rest_hit"), pl.col("rest_need"))
    false = _over(pl.col("rest_listed") - pl.col("rest_hit"), pl.col("rest_weight") - pl.col("rest_need"))
    gates = [
        _Gate("recall_ratio", *_ratios("recall", "high", recall), rules.recall_ratio_min, False),
        _Gate("line_ratio", _over(per_need, lines), _over(at_most, lines), rules.line_ratio_min, False),
        _Gate(
            "false_positive_ratio",
            *_ratios("false_positive_rate", "low", false),
            rules.false_positive_ratio_max,
            True,
        ),
        _Gate("score_excess", pl.col("score_excess").abs(), _nearest_excess(), rules.score_excess_max, True),
    ]
    return [breach for gate in gates for breach in _breaches(parts, gate)]


@dataclass(frozen=True)
class _Gate:
    """A measure, its value, the end of its interval that is kind to the ranking, and the limit."""

    name: str
    found: pl.Expr
    kind_end: pl.Expr
    limit: float
    is_most: bool


def _breaches(parts: pl.DataFrame, gate: _Gate) -> list[Breach]:
    table = parts.select("group", "value", found=gate.found, kind_end=gate.kind_end).drop_nulls()
    past = pl.col("kind_end") > gate.limit if gate.is_most else pl.col("kind_end") < gate.limit
    rows = table.filter(past).sort("group", "value").rows()
    return [Breach(group, value, gate.name, round(found, 6), gate.limit) for group, value, found, _ in rows]


def _with_rest(parts: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    """Adds what is outside of each group: rest_weight, rest_need, rest_listed, rest_hit.

    A large group must not be compared with itself.
    """
    sums = {
        "weight": pl.col("weight_sum"),
        "need": pl.col("weight_sum") * pl.col("label_rate"),
        "listed": pl.col("weight_sum") * pl.col("selection_rate"),
        "hit": pl.col("weight_sum") * pl.col("label_rate") * pl.col("recall"),
    }
    total = whole.select(**sums).row(0, named=True)
    # what the table rounds off must not look like somebody
    rest = {f"rest_{name}": pl.lit(total[name]) - one for name, one in sums.items()}
    return parts.with_columns(pl.when(e > total["weight"] * 1e-5).then(e).alias(n) for n, e in rest.items())


def _ratios(rate: str, kind_end: str, rest: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    return _over(pl.col(rate), rest), _over(pl.col(f"{rate}_{kind_end}"), rest)


def _over(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """part / whole, null where the whole is unknown or nothing."""
    return pl.when(whole > 0).then(part / whole)


def _nearest_excess() -> pl.Expr:
    """The distance from zero of the interval's nearer end; 0 where the interval holds zero."""
    low, high = pl.col("score_excess_low"), pl.col("score_excess_high")
    return pl.when(low > 0).then(low).when(high < 0).then(-high).when(low.is_not_null()).then(0.0)
