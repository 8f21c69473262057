"""Estimates from random lines, small enough to count by hand; and what cannot be told is not told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.evaluation.answering import among_unanswered, odds_of_unanswered
from models.evaluation.design_intervals import Range, ratio_range, share_range
from models.evaluation.random_estimates import estimates
from tests.helpers.rankings import D1


def rows(band: str, chance: float, labels: Sequence[bool | None], town: str = "t1") -> pl.DataFrame:
    same = {"as_of": D1, "town_code": town, "draw_band": band, "draw_chance": chance, "try_cnt": None}
    return pl.DataFrame(
        [{**same, "label": label} for label in labels],
        schema_overrides={"label": pl.Boolean, "try_cnt": pl.Int64},
    )


def sizes(**counts: int) -> pl.DataFrame:
    made = [{"as_of": D1, "town_code": "t1", "draw_band": b, "household_cnt": n} for b, n in counts.items()]
    return pl.DataFrame(made).with_columns(draw_chance=pl.lit(0.1))


def of(*parts: pl.DataFrame, **counts: int) -> dict[str, Any]:
    return estimates(pl.concat(parts), sizes(**counts)).row(0, named=True)


CERTAIN = rows("certain", 1.0, [True] * 30 + [False] * 20)
YES, NO = [True], [False]


def test_each_band_stands_for_its_households() -> None:
    got = of(
        CERTAIN,
        rows("edge", 0.5, YES * 10 + NO * 10),
        rows("quiet", 0.01, YES * 1 + NO * 19),
        edge=40, quiet=2000, certain=50,
    )  # fmt: skip
    # 30 found; 20 of 40 and 100 of 2,000 left out
    assert got["recall_share"] == pytest.approx(30 / 150) and got["unlisted_cnt"] == 2040
    assert got["missed_share"] == pytest.approx(120 / 2040, abs=1e-6) and got["yield_share"] == 0.6
    assert got["recall_naive"] == pytest.approx(30 / (30 + 2040 * 11 / 40), abs=1e-6)
    assert got["recall_low"] < 0.2 < got["recall_high"] < 1 and got["reason"] is None
    assert got["effective_cnt"] < 40  # 20 of the 40 lines stand for 40 households


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "no_random"),
        ([rows("quiet", 0.1, YES * 5 + NO * 24)], "few_random"),
        ([rows("quiet", 0.1, YES * 4 + NO * 60)], "few_need"),
        ([rows("quiet", 0.1, NO * 64)], "few_need"),
        ([rows("quiet", 0.1, YES * 9 + NO * 60 + [None] * 200)], "few_answers"),
    ],
)
def test_too_few_lines_give_no_estimate(lines: list[pl.DataFrame], reason: str) -> None:
    got = of(CERTAIN, *lines, quiet=600, certain=50)
    assert (got["recall_share"], got["reason"]) == (None, reason)
    assert (got["recall_low"] is None) == (reason in ("no_random", "few_random"))


def test_of_no_list_at_all_there_is_an_answer() -> None:
    got = estimates(CERTAIN.clear(), sizes(quiet=1).clear())
    assert got["reason"].to_list() == ["no_random"] and got["yield_share"].to_list() == [None]


def test_nothing_found_says_nothing_seen_not_nothing_missed() -> None:
    got = of(CERTAIN, rows("quiet", 0.1, NO * 64), quiet=600, certain=50)
    assert got["recall_share"] is None and got["recall_low"] < 0.6 and got["missed_high"] > 0.05


def test_what_was_not_answered_makes_the_interval_wider() -> None:
    full = of(CERTAIN, rows("quiet", 0.1, YES * 12 + NO * 60), quiet=720, certain=50)
    part = of(CERTAIN, rows("quiet", 0.1, YES * 12 + NO * 60 + [None] * 40), quiet=720, certain=50)
    assert part["recall_share"] == full["recall_share"]
    assert part["recall_low"] < full["recall_low"] - 0.02 and part["answered_share"] < 1


def test_a_band_that_nobody_answered_goes_with_the_next() -> None:
    got = of(
        CERTAIN, rows("edge", 0.5, [None]), rows("quiet", 0.1, YES * 10 + NO * 40),
        edge=100, quiet=500, certain=50,
    )  # fmt: skip
    assert got["unlisted_cnt"] == 600 and got["missed_share"] == pytest.approx(0.2)


def test_the_order_of_the_rows_changes_nothing() -> None:
    lines = pl.concat(
        [CERTAIN, rows("edge", 0.3, YES * 9 + NO * 30), rows("quiet", 0.007, YES * 3 + NO * 50)]
    )
    counts = sizes(edge=120, quiet=7000, certain=50)
    assert estimates(lines, counts).equals(estimates(lines.sample(fraction=1, shuffle=True, seed=3), counts))


def test_the_second_tries_tell_how_many_were_never_found() -> None:
    # in need: 400, then 240 of 600, 360 never; others: 600, then 240 of 400, 160 never
    odds = odds_of_unanswered(np.array([[600.0, 400.0]]), np.array([[240.0, 240.0]]))
    assert odds == pytest.approx((360 / 640) / (160 / 840))
    assert np.isnan(odds_of_unanswered(np.array([[600.0, 40.0]]), np.array([[240.0, 24.0]])))
    assert among_unanswered(np.array([0.5]), 3.0) == pytest.approx(0.75)


def test_the_interval_of_a_share_is_clopper_and_pearsons() -> None:
    got = share_range(np.array([0.1, 0.0, 0.5]), np.array([20.0, 20.0, 0.0]))
    assert got.low[:2] == pytest.approx([0.012349, 0.0], abs=1e-5)
    assert got.high[:2] == pytest.approx([0.316983, 0.168433], abs=1e-5) and np.isnan(got.value[2])


def test_a_ratio_with_an_unsure_denominator_has_no_limit() -> None:
    one, unsure = (Range(*(np.array([x]) for x in r)) for r in ((1.0, 0.5, 1.5), (1.0, 0.0, 2.5)))
    assert ratio_range(one, unsure)[1:] == (0.0, np.inf)
    assert ratio_range(one, one).low < 1 < ratio_range(one, one).high
