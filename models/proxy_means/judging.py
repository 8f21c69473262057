"""The test judged on lists that it had not learned from: does it put those found later above the others?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import sqrt

import numpy as np
import polars as pl

from models.learners.leaks import area
from models.proxy_means.fitting import LEAST_FOUND, fit_means
from models.ranking.fitting import predict

_Z = 1.959963984540054
# The share of the households that is looked at as the top: stations can ask few.
TOP = 0.1
# Where fewer were found later, a list judges nothing.
LEAST_JUDGED = 20


@dataclass(frozen=True)
class Judged:
    """One list: how many had an unknown income, how many were found below the line later, how they stood.

    area: the chance that one found stands above one not found (ties half), with its 95 % interval (Hanley and
    McNeil 1982). top_share: of those found, the share among the first tenth; at random it is 0.1.
    """

    as_of: date
    household_cnt: int
    found_cnt: int
    area: float
    area_low: float
    area_high: float
    top_share: float


def judged_lists(rows: pl.DataFrame, count: int, seed: int) -> list[Judged]:
    """The newest `count` lists that can judge, each by a test that learned what lay before it; oldest first.

    rows: labelled rows with their features. Before a list: earlier lists' rows with what was known by it.
    """
    counts = rows.group_by("as_of").agg(pl.col("label").sum()).sort("as_of")
    days: list[date] = counts.filter(pl.col("label") >= LEAST_JUDGED)["as_of"].to_list()
    found: list[Judged] = []
    for day in days[::-1]:
        before = _known_before(rows, day)
        if len(found) < count and int(before["label"].sum()) >= LEAST_FOUND:
            found.append(_judged(before, rows.filter(as_of=day), seed))
    return found[::-1]


def _known_before(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """Rows of earlier lists with the answer as it stood on the day: later findings were not known yet."""
    known = pl.col("label") & (pl.col("found_on") <= day)
    return rows.filter(pl.col("as_of") < day).with_columns(label=known.fill_null(False))


def _judged(before: pl.DataFrame, held: pl.DataFrame, seed: int) -> Judged:
    model = fit_means(before, seed)
    chance, label = predict(model, held), held["label"].cast(pl.Float64).to_numpy()
    weight = held["weight"].to_numpy()
    value, yes = area(chance, label, weight), label.sum()
    low, high = _interval(value, float(yes), float(len(label) - yes))
    order = np.argsort(-chance, kind="stable")
    top = np.cumsum(weight[order]) <= TOP * weight.sum()
    return Judged(
        held["as_of"][0],
        held.height,
        int(yes),
        *(round(number, 4) for number in (value, low, high, label[order][top].sum() / yes)),
    )


def _interval(value: float, yes: float, no: float) -> tuple[float, float]:
    """Hanley and McNeil's standard error of an area (Radiology 143, 1982), 95 %."""
    q1, q2 = value / (2 - value), 2 * value**2 / (1 + value)
    variance = (value * (1 - value) + (yes - 1) * (q1 - value**2) + (no - 1) * (q2 - value**2)) / (yes * no)
    half = _Z * sqrt(max(variance, 0.0))
    return max(value - half, 0.0), min(value + half, 1.0)
