"""The demo's funnel equals a count by hand on its rows, and its payments what the rolls show."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from tests.helpers.hand_count import NEED, STAGES, Hand
from tests.helpers.homes import Made
from tests.helpers.made_lives import Lives
from transforms.reports.rollup import of_places
from warehouse.database.connection import connect
from warehouse.reports.registry import METRICS, Asked, rows_behind

NOBODY_THERE = ("60", "73", "90")
TABLES = ("mart.case", "mart.case_event", "mart.step", "mart.alert")
GAPS = (
    "SELECT as_of, household_id, benefit_id, sum(gap_yuan_month)::DOUBLE AS gap_yuan_month, "
    "sum(amount_yuan_month)::DOUBLE AS amount_yuan_month FROM mart.entitlement GROUP BY ALL "
    "HAVING sum(gap_yuan_month) IS NOT NULL"
)
# Categories of the roll -> our benefit, of those that a roll of families shows.
IN_ROLL = {"dibao": "SELECT DISTINCT person_id, known_date FROM core._benefit_roll"}


def _lives(con: duckdb.DuckDBPyConnection) -> Lives:
    lives = Lives()
    for table in TABLES:
        lives.tables[table] = con.sql(f"SELECT * FROM {table}").pl().to_dicts()
    visits = con.sql("SELECT * FROM mart.visit").pl().to_dicts()
    lives.tables["mart.visit"] = [v for v in visits if v["result_code"] not in NOBODY_THERE]
    lives.tables["mart.entitlement"] = con.sql(GAPS).pl().to_dicts()
    return lives


def check_by_hand(warehouse: Path) -> dict[str, int]:
    """Hold every number of the funnel against the hand's; returns the counts."""
    con = connect(warehouse, read_only=True)
    lives = _lives(con)
    first, last = date(2020, 1, 1), date(2030, 12, 31)
    hand = Hand(lives, last, last)
    asked = Asked(
        first_date=first, last_date=last, day=last, need_codes=tuple(NEED), no_visit_codes=NOBODY_THERE,
        open_states=(), signal_departments=pl.DataFrame({"signal_id": ["I01"], "department": ["x"]}),
    )  # fmt: skip
    medians = [metric.name for metric in METRICS.values() if metric.kind == "median"]
    rows = rows_behind(con, asked)
    cells = {(m, a): v for m, p, a, v, _ in of_places(rows, medians, []).iter_rows() if p == ""}
    counts = {s: int(cells.get((s, "44"), 0) + cells.get((s, "--"), 0)) for s in STAGES}
    assert counts == {stage: hand.count(stage, first, "") for stage in STAGES}
    for before, after in zip(STAGES, STAGES[1:], strict=False):
        assert cells.get((f"days_{before}_{after}", "44")) == hand.days(before, after, first, "44")
    yuan = cells.get(("yuan_reached", "44"), 0.0) + cells.get(("yuan_reached", "--"), 0.0)
    assert yuan == sum(hand.yuan(first).values())
    _rolls(con, lives)
    con.close()
    return counts


def _rolls(con: duckdb.DuckDBPyConnection, lives: Lives) -> None:
    """Each payment that ends an application is in the roll of its day, the first since it was handed in."""
    households = {case["case_no"]: case["household_id"] for case in lives.of("mart.case")}
    members = con.sql("SELECT household_id, person_id FROM core.household_member").fetchall()
    for step in (s for s in lives.of("mart.step") if s["event_code"] == "paid"):
        if step["subject"] in IN_ROLL:
            of = {person for home, person in members if home == households[step["case_no"]]}
            shown: list[Any] = con.sql(IN_ROLL[step["subject"]]).fetchall()
            days = {day for person, day in shown if person in of}
            begun = next(
                one["event_date"] for one in lives.of("mart.step")
                if one["step_id"] == step["step_id"] and one["event_code"] == "submitted"
            )  # fmt: skip
            assert min(day for day in days if day > begun) == step["known_date"], step


def test_the_demo_is_counted_alike_by_hand(demo: Made) -> None:
    counts = check_by_hand(demo.home.warehouse)
    assert counts["issued"] > 100 and counts["visited"] > 5
