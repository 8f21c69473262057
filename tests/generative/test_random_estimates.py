"""The interval of recall holds the truth: over many made-up worlds, in every cell of how they may be."""

from __future__ import annotations

from itertools import product

import polars as pl
import pytest

from models.evaluation.random_estimates import estimates
from tests.helpers.random_worlds import World, seen, summary

CELLS = list(product((1, 12), ("one", "spread"), ("independent", "rising", "shy")))


def judged(world: World) -> dict:
    made = seen(world)
    table = estimates(made.lines, made.draws, ["seed"]).join(made.truth, on="seed")
    assert table.height == world.seeds
    return summary(world, table)


def shown(row: dict) -> str:
    return " | ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row.values())


@pytest.mark.slow
@pytest.mark.parametrize(("months", "sizes", "need"), CELLS)
def test_the_interval_of_recall_holds_the_truth(months: int, sizes: str, need: str) -> None:
    row = judged(World(months, sizes, need))
    print("\n| " + shown(row) + " |")
    assert row["interval_cnt"] == 200 and row["covered"] >= 0.92
    assert row["highest"] is None or row["highest"] < 0.9


@pytest.mark.slow
@pytest.mark.parametrize("months", [1, 12])
def test_where_nobody_tells_the_tries_the_interval_reaches_further(months: int) -> None:
    told, untold = (judged(World(months, "spread", "shy", are_tries_told=told)) for told in (True, False))
    print("\n| tries not told | " + shown(untold) + " |")
    assert untold["covered"] >= 0.92 and untold["error"] > told["error"]


def test_a_year_of_a_few_seeds_is_near_the_truth_and_one_month_tells_less() -> None:
    year, month = (judged(World(months, "spread", "rising", seeds=20)) for months in (12, 1))
    assert abs(year["error"]) < 0.03 < abs(year["naive_error"]) and year["width"] < month["width"]
    assert year["covered"] >= 0.85


def test_what_was_drawn_more_often_does_not_count_more() -> None:
    made = seen(World(12, "one", "independent", seeds=10))
    flat = made.lines.with_columns(draw_chance=pl.lit(1.0))
    right, wrong = (estimates(lines, made.draws) for lines in (made.lines, flat))
    assert right["missed_share"].item() == pytest.approx(
        wrong["missed_share"].item(), abs=0.01
    )  # bands hold it
    assert right["recall_naive"].item() < right["recall_share"].item() - 0.02
