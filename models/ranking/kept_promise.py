"""What a model promised of the lines that were visited, and what the visits found."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from models.evaluation.intervals import wilson


@dataclass(frozen=True)
class Promise:
    """Of visited lines: how many, the share with need and its interval, and the mean chance promised."""

    cnt: int
    found: float | None
    low: float | None
    high: float | None
    promised: float | None


def kept_promise(visited: pl.DataFrame) -> Promise:
    """visited: one row per visited line: score (chance 0 to 1), label."""
    known = visited.drop_nulls(["score", "label"])
    yes = int(known["label"].sum())
    found = yes / known.height if known.height else None
    low, high = wilson(found, known.height)
    # summed in one order: the same rows shuffled give the same figure
    chance = known.select(pl.col("score").sort().mean()).item()
    return Promise(known.height, found, low, high, chance)


def first_half(visited: pl.DataFrame) -> tuple[Promise, float | None]:
    """The half that the model puts first, and the share with need in the half that rule points put first.

    visited: household_id, score, points, label. Ties go by household_id.
    """
    known = visited.drop_nulls(["score", "label"])
    half = known.height // 2
    by_score, by_points = (
        known.sort(name, "household_id", descending=[True, False], nulls_last=True).head(half)
        for name in ("score", "points")
    )
    rules = int(by_points["label"].sum()) / half if half else None
    return kept_promise(by_score), rules
