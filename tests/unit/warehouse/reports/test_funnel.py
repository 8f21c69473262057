"""The funnel's queries equal a count by hand, at every level, for every month and as of any day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.helpers.hand_count import NEED, STAGES, Hand
from tests.helpers.made_lives import made_lives
from tests.helpers.warehouses import empty_warehouse
from transforms.reports.rollup import LEVELS, UNPLACED, of_places
from warehouse.reports.registry import METRICS, Asked, rows_behind

PLACES = ("44", "4401", "4406", "440111", "440113", "440111001", "440111002", "--")
MEDIANS = [metric.name for metric in METRICS.values() if metric.kind == "median"]


def _asked(first: date, last: date, day: date) -> Asked:
    return Asked(
        first_date=first, last_date=last, day=day, need_codes=tuple(NEED),
        no_visit_codes=("60", "73", "90"), open_states=("assigned", "contacted", "not_reached"),
        signal_departments=pl.DataFrame({"signal_id": ["I01"], "department": ["medical_insurance"]}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seed", "first", "last", "day"),
    [
        (1, date(2025, 7, 1), date(2026, 2, 28), date(2026, 3, 5)),
        (2, date(2025, 10, 1), date(2025, 10, 31), date(2025, 11, 5)),
        (3, date(2025, 11, 1), date(2025, 11, 30), date(2025, 11, 20)),
    ],
)
def test_every_number_of_the_funnel_equals_a_count_by_hand(
    tmp_path: Path, seed: int, first: date, last: date, day: date
) -> None:
    con, lives = empty_warehouse(tmp_path / "w.duckdb"), made_lives(seed, 400)
    lives.put(con)
    hand = Hand(lives, last, day)
    rows = rows_behind(con, _asked(first, last, day))
    cells = {(m, a): v for m, p, a, v, _ in of_places(rows, MEDIANS, []).iter_rows() if p == ""}
    for place in PLACES:
        for stage in STAGES:
            assert cells.get((stage, place), 0) == hand.count(stage, first, place), (stage, place)
        for before, after in zip(STAGES, STAGES[1:], strict=False):
            by_hand = hand.days(before, after, first, place)
            assert cells.get((f"days_{before}_{after}", place)) == by_hand, (after, place)
    yuan = cells.get(("yuan_reached", "44"), 0) + cells.get(("yuan_reached", "--"), 0)
    assert yuan == sum(hand.yuan(first).values())
    assert day < date(2026, 1, 1) or (cells["paid", "44"] > 5 and cells["yuan_reached", "44"] > 1000)


def test_it_is_equal_on_every_household(tmp_path: Path) -> None:
    """One household at a time: each has a town of its own, so that no two errors cancel out."""
    con, lives = empty_warehouse(tmp_path / "w.duckdb"), made_lives(5, 250)
    for case in lives.of("mart.case"):
        case["town_code"] = f"440111{int(case['case_no']):03}"
    lives.put(con)
    first, last = date(2025, 7, 1), date(2026, 3, 31)
    hand = Hand(lives, last, last + timedelta(days=30))
    rows = rows_behind(con, _asked(first, last, last + timedelta(days=30)), *STAGES, "yuan_reached")
    mine = {(m, t): v for m, t, _, v in rows.iter_rows() if v}
    by_hand: dict[tuple[str, str], float] = {}
    for number, _ in hand.episodes():
        town = f"440111{int(number):03}"
        by_hand |= {(s, town): float(n) for s in STAGES if (n := hand.count(s, first, town))}
    towns = {case["household_id"]: case["town_code"] for case in lives.of("mart.case")}
    by_hand |= {("yuan_reached", towns[home]): yuan for home, yuan in hand.yuan(first).items() if yuan}
    assert mine == by_hand and len(mine) > 500


def test_a_place_is_the_sum_of_those_in_it(tmp_path: Path) -> None:
    con, lives = empty_warehouse(tmp_path / "w.duckdb"), made_lives(4, 300)
    lives.put(con)
    asked = _asked(date(2025, 7, 1), date(2026, 2, 28), date(2026, 3, 5))
    cells = of_places(rows_behind(con, asked), MEDIANS, ["result"])
    sums = cells.filter(~pl.col("metric").is_in(MEDIANS), pl.col("area") != UNPLACED)
    for above, below in zip(LEVELS, LEVELS[1:], strict=False):
        level = sums.filter(pl.col("area").str.len_chars() == below)
        added = level.group_by("metric", "part", pl.col("area").str.slice(0, above)).agg(
            pl.col("value").sum()
        )
        whole = sums.filter(pl.col("area").str.len_chars() == above).select("metric", "part", "area", "value")
        assert added.sort(pl.all()).equals(whole.sort(pl.all()))
    assert sums.filter(area="44").height > 8


def test_every_metric_is_one_query_that_runs_and_names_no_number(tmp_path: Path) -> None:
    con = empty_warehouse(tmp_path / "w.duckdb")
    asked = _asked(date(2025, 11, 1), date(2025, 11, 30), date(2025, 12, 5))
    assert rows_behind(con, asked).is_empty()
    assert len(METRICS) >= 30 and all(m.zh and m.unit and "SELECT" in m.query for m in METRICS.values())
