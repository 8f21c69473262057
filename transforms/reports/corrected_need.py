"""How many of the visited families were in need, corrected by second looks drawn with known chances.

Of the visits that reported need, and of those that reported none, the second looks tell the share that was
truly in need (a confusion matrix, each look weighted by one through its chance). The estimate is the visits
of either kind times its share. Visits of a kind that were looked at too seldom leave it open.

Interval: 95 %, each share with two successes and two failures added (Agresti and Coull 1998) over the
effective number of looks (Kish 1965: the square of the sum of weights through the sum of squares).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

import polars as pl

Z = 1.96


@dataclass(frozen=True)
class Kind:
    """Visits of one kind of report: how many by the weights, looked at again, share truly in need."""

    visits: float
    looks: int
    share: float | None
    variance: float


@dataclass(frozen=True)
class Corrected:
    """The estimate of a place. need, low, high: families truly in need, null where it is not to be told.

    reported, unreported: the two kinds of visits; matrix: (reported, true) -> looks.
    """

    reported: Kind
    unreported: Kind
    matrix: dict[tuple[bool, bool], int]
    need: float | None = None
    low: float | None = None
    high: float | None = None


_NOTHING = Corrected(Kind(0.0, 0, None, 0.0), Kind(0.0, 0, None, 0.0), {})


def corrected(looks: pl.DataFrame, needed: int) -> Corrected:
    """The estimate over a place's drawn visits, of which looks has: share, is_reported, is_true (null: open).

    needed: so many answered looks of each kind of which there are any visits; with fewer nothing is said.
    """
    kinds = {kind: _kind(looks.filter(is_reported=kind)) for kind in (True, False)}
    answered = looks.drop_nulls("is_true")
    matrix = {
        (reported, true): answered.filter(is_reported=reported, is_true=true).height
        for reported in (True, False)
        for true in (True, False)
    }
    told = [kind for kind in kinds.values() if kind.visits]
    known = replace(_NOTHING, reported=kinds[True], unreported=kinds[False], matrix=matrix)
    if not told or any(kind.looks < needed for kind in told):
        return known
    need = sum(kind.visits * (kind.share or 0.0) for kind in told)
    spread = Z * sqrt(sum(kind.variance for kind in told))
    most = sum(kind.visits for kind in told)
    return replace(known, need=need, low=max(0.0, need - spread), high=min(most, need + spread))


def _kind(looks: pl.DataFrame) -> Kind:
    weight, true = 1 / pl.col("share"), pl.col("is_true").cast(pl.Float64)
    known = pl.col("is_true").is_not_null()
    sums = looks.select(
        visits=weight.sum(),
        looks=known.sum().cast(pl.Int64),
        weights=weight.filter(known).sum(),
        squares=(weight**2).filter(known).sum(),
        true=(weight * true).sum(),
    ).row(0, named=True)
    visits, count = float(sums["visits"]), int(sums["looks"])
    if not count:
        return Kind(visits, 0, None, 0.0)
    share, size = sums["true"] / sums["weights"], sums["weights"] ** 2 / sums["squares"]
    smooth = (size * share + 2) / (size + 4)
    unseen = max(0.0, 1 - count / visits)  # of all visits looked at there is nothing left to guess
    return Kind(visits, count, share, visits**2 * smooth * (1 - smooth) / (size + 4) * unseen)
