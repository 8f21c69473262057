"""Random lines: every household's chance is known and kept, in every band and station, and is not told."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.alerts import (
    AS_OF,
    COOLDOWNS,
    NEXT,
    SIGNALS,
    homes,
    many,
    operations,
    run,
    signal,
    visit,
)
from tests.helpers.examples import costly
from transforms.alerts.alerts import Lists, build_lists
from transforms.alerts.draw_chances import with_drawn_cnt, with_expected
from transforms.alerts.inputs import AlertInputs

HOMES = homes([f"H{i:03}" for i in range(60)])
SCORES = pl.DataFrame({"household_id": HOMES["household_id"], "score": [i / 60 for i in range(60)]})


def lists(levels: str, day: int, capacity: int = 4, share: str = "0.3", scores: Any = SCORES) -> Lists:
    as_of = AS_OF + timedelta(days=day)
    nothing = pl.DataFrame(
        schema=dict.fromkeys(("household_id", "benefit_ids", "gaps_zh", "missing_benefits_zh"), pl.String)
        | {"gap_cnt": pl.Int64, "gap_fen": pl.Int64}
    )
    return build_lists(
        AlertInputs(
            as_of=as_of,
            signals=pl.DataFrame(many(levels), schema=SIGNALS, orient="row"),
            missing=nothing,
            households=HOMES,
            stations=pl.DataFrame({"town_code": [HOMES["town_code"][0]], "capacity": [capacity]}),
            operations=operations(audit_share=share),
            due_dates=dict.fromkeys(("red", "orange", "yellow", "blue"), as_of),
            cooldowns=COOLDOWNS,
            scores=scores,
        )
    )


def often(levels: str, days: int, **more: Any) -> tuple[Counter[str], dict[str, float]]:
    """How often each household was listed, and the chance it was said to have where a row says it."""
    seen: Counter[str] = Counter()
    chances: dict[str, float] = {}
    for day in range(days):
        alerts = lists(levels, day, **more).alerts
        seen.update(alerts.filter("is_listed")["household_id"].to_list())
        chances |= dict(alerts.select("household_id", "draw_chance").iter_rows())
    return seen, chances


@pytest.mark.parametrize(("capacity", "share"), [(4, "0.3"), (2, "0.2"), (3, "0.1"), (10, "0.25")])
def test_each_household_is_listed_as_often_as_its_chance_says(capacity: int, share: str) -> None:
    days = 120
    seen, chances = often("o" * 20, days, capacity=capacity, share=share)
    sure = [home for home, chance in chances.items() if chance == 1.0]
    assert all(seen[home] == days for home in sure)
    for home, chance in chances.items():
        error = 4.5 * np.sqrt(max(chance * (1 - chance), 1e-9) / days) + 1 / days
        assert abs(seen[home] / days - chance) < error, (home, chance)


def test_every_band_has_its_share_of_the_lines_and_the_population_is_counted() -> None:
    drawn: Counter[str] = Counter()
    for day in range(120):
        made = lists("o" * 20, day)
        drawn.update(made.alerts.filter(pl.col("arm") == "audit")["draw_band"].to_list())
        assert made.draws["household_cnt"].sum() == 60
        assert (made.draws["household_cnt"] * made.draws["draw_chance"]).sum() == pytest.approx(4)
    shares = {band: count / 120 for band, count in drawn.items()}
    want = {"edge": 0.2, "sign": 0.3, "likely": 0.1, "quiet": 0.4}
    assert shares == pytest.approx(want, abs=0.15)


def test_without_a_model_its_band_is_empty_and_the_others_share_its_lines() -> None:
    draws = lists("o" * 20, 0, scores=None).draws
    assert draws["draw_band"].to_list() == ["certain", "edge", "quiet", "sign"]
    assert (draws["household_cnt"] * draws["draw_chance"]).sum() == pytest.approx(4)


def test_a_drawn_line_looks_like_any_other() -> None:
    seen = set()
    for day in range(60):
        alerts = lists("o" * 20, day).alerts.filter(pl.col("arm") == "audit")
        text = " ".join(alerts.select("reason_zh", "questions_zh").row(0))
        assert not any(word in text for word in ("随机", "抽", "audit"))
        seen |= set(alerts.select("draw_band", "level").iter_rows())
    assert {("edge", "orange"), ("sign", "orange"), ("quiet", "blue")} <= seen


def test_a_red_one_never_makes_way_for_chance() -> None:
    alerts = lists("r" * 8, 0).alerts
    assert alerts.filter(level="red")["is_listed"].all() and (alerts["arm"] == "audit").sum() == 1


def test_where_the_red_fill_the_list_the_next_in_order_are_still_a_band() -> None:
    draws = lists("r" * 8 + "o" * 12, 0).draws
    assert dict(draws.select("draw_band", "household_cnt").iter_rows())["certain"] == 8
    assert dict(draws.select("draw_band", "household_cnt").iter_rows())["edge"] == 4


def test_a_case_that_wakes_by_a_fresh_sign_has_a_chance_of_its_own() -> None:
    first = run([signal("H000")], households=HOMES)
    seen = visit("40", AS_OF + timedelta(days=2), "20260305-H000-N")
    fresh = [signal("H000"), signal("H000", "I02", level="red")]
    later = run(fresh, households=HOMES, previous=first, outcomes=seen, as_of=NEXT)
    assert later.filter(household_id="H000").select("is_listed", "draw_band").row(0) == (True, "certain")


@costly
@given(st.lists(st.integers(0, 30), min_size=4, max_size=4), st.floats(0, 9), st.floats(0, 0.999))
def test_the_lines_add_up_and_no_band_gets_more_than_it_has(
    counts: list[int], mean: float, ticket: float
) -> None:
    rows = pl.DataFrame(
        {"household_cnt": counts, "_mean": mean, "_ticket": ticket, "_share": [0.15, 0.25, 0.2, 0.4]}
    ).with_columns(_town_code=pl.lit("t"))
    made = with_drawn_cnt(with_expected(rows))
    drawn, expected = made["_drawn_cnt"].to_numpy(), made["_expected"].to_numpy()
    assert expected.sum() == pytest.approx(min(mean, sum(counts)))
    assert (drawn <= counts).all() and (np.abs(drawn - expected) < 1).all() and drawn.sum() <= mean + 1
