"""Targets apart, towns apart, capacities in a row: against counts done by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from models.evaluation.targets import at_capacity, shares
from tests.helpers.rankings import random_world
from zhaoren.errors import ZhaorenError

DAY = date(2026, 1, 5)
TARGETS = ("in_hardship", "is_hidden")


def world() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two towns of three; a, b and d in hardship, b hidden; b misses 100 yuan and 10 fen, c 5 yuan."""
    candidates = pl.DataFrame(
        {
            "as_of": [DAY] * 6,
            "household_id": list("abcdef"),
            "town_code": ["t1"] * 3 + ["t2"] * 3,
            "good": [3.0, 2.0, 1.0, 9.0, None, 1.0],
            "sent": [False, False, True, True, False, False],
        }
    )
    truth = candidates.select(
        "as_of",
        "household_id",
        in_hardship=pl.Series([True, True, False, True, False, False]),
        is_hidden=pl.Series([False, True, False, False, False, False]),
        missing_yuan_month=pl.Series([None, "100.10", "5", None, None, None], dtype=pl.String).cast(
            pl.Decimal(18, 2)
        ),
    )
    return candidates, truth


def one(table: pl.DataFrame, ranking: str, target: str, town: str = "all", as_of: str = "all") -> dict:
    return table.filter(ranking=ranking, target=target, town_code=town, as_of=as_of).row(0, named=True)


def test_each_target_is_counted_by_town_and_together() -> None:
    table = shares(at_capacity(*world(), 2, ["good", "sent"], TARGETS))
    good = one(table, "good", "in_hardship")
    assert (good["base_cnt"], good["listed_cnt"], good["hit_cnt"]) == (3, 4, 3)
    assert (good["precision"], good["recall"], good["yuan_month"]) == (0.75, 1, Decimal("100.10"))
    hidden = one(table, "good", "is_hidden")
    assert (hidden["base_cnt"], hidden["hit_cnt"], hidden["recall"]) == (1, 1, 1)
    assert one(table, "good", "is_hidden", "t2")["recall"] is None  # of nobody there is no share
    assert one(table, "sent", "in_hardship")["hit_cnt"] == 1
    blind = one(table, "random", "in_hardship", "t1")
    assert blind["hit_cnt"] == pytest.approx(2 * 2 / 3, abs=1e-5)
    assert one(table, "good", "in_hardship", "t1", str(DAY))["hit_cnt"] == 2


def test_equals_share_the_last_places_and_who_comes_after_them_has_none() -> None:
    candidates, truth = world()
    tied = candidates.with_columns(tied=pl.Series([1, 1, 0, 5, 3, 3]))
    table = at_capacity(tied, truth, 1, ["tied"], TARGETS)
    got = one(table, "tied", "in_hardship", "t1")
    assert (got["listed_cnt"], got["hit_cnt"], got["yuan_month"]) == (1, 1, Decimal("50.05"))
    two = one(at_capacity(tied, truth, 2, ["tied"], TARGETS), "tied", "in_hardship", "t2")
    assert (two["listed_cnt"], two["hit_cnt"]) == (2, 1)


def test_more_lines_never_find_fewer_and_rows_in_any_order_say_the_same() -> None:
    candidates, truth = random_world()
    truth = truth.with_columns(missing_yuan_month=pl.lit(Decimal("10.00")))
    found = []
    for lines in (1, 2, 5, 20):
        table = at_capacity(candidates, truth, lines, ["noise", "flat"], ["in_hardship", "is_silent"])
        mixed = at_capacity(
            candidates.sample(fraction=1, shuffle=True, seed=4),
            truth.sample(fraction=1, shuffle=True, seed=5),
            lines,
            ["noise", "flat"],
            ["in_hardship", "is_silent"],
        )
        assert table.equals(mixed)
        found.append([one(table, r, "in_hardship")["hit_cnt"] for r in ("random", "noise", "flat")])
        assert one(table, "flat", "is_silent") | {"ranking": ""} == one(table, "random", "is_silent") | {
            "ranking": ""
        }
    assert all(
        low <= high for a, b in zip(found, found[1:], strict=False) for low, high in zip(a, b, strict=True)
    )


def test_a_household_twice_or_a_target_that_is_not_there_is_refused() -> None:
    candidates, truth = world()
    with pytest.raises(ZhaorenError, match="duplicate key"):
        at_capacity(pl.concat([candidates, candidates[:1]]), truth, 2, ["good"], TARGETS)
    with pytest.raises(ZhaorenError, match="lacks 1 column"):
        at_capacity(candidates, truth, 2, ["good"], [*TARGETS, "is_unheard_of"])
