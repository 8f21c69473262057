"""Lives of cases drawn at random and put into a warehouse, for reports: alerts, visits, applications."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from tests.helpers.warehouses import put_rows
from warehouse.database.connection import Connection

Row = dict[str, Any]
TOWNS = ("440111001", "440111002", "440113001", "440601001", None)
CODES = ("10", "20", "21", "22", "30", "40", "41", "50")
FIRST = date(2025, 7, 1)


@dataclass
class Lives:
    """Rows by table, as lists of dictionaries."""

    tables: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> None:
        """One more row of a table."""
        self.tables.setdefault(table, []).append(row)

    def of(self, table: str) -> list[Row]:
        """The table's rows."""
        return self.tables.get(table, [])

    def put(self, con: Connection) -> None:
        """Into the warehouse, all of them."""
        for table, rows in self.tables.items():
            if table == "mart.entitlement":
                days = sorted({row["as_of"] for row in rows})
                for day in days:
                    con.execute("INSERT INTO ops.kept_date (table_name, as_of) VALUES (?, ?)", [table, day])
            put_rows(con, table, pl.DataFrame(rows, infer_schema_length=None))


def made_lives(seed: int, cases: int, towns: tuple[str | None, ...] = TOWNS) -> Lives:
    """So many cases over half a year, of up to two episodes; a few without a town or in the other queue."""
    draw, lives = np.random.default_rng(seed), Lives()
    for number in range(cases):
        _case(draw, lives, f"{number:08}", draw.choice(np.array(towns, dtype=object)))
    return lives


def _case(draw: np.random.Generator, lives: Lives, case_no: str, town: str | None) -> None:
    queue = "need" if draw.random() < 0.95 else "compliance"
    household = f"H{int(case_no) + 1:08}"
    source = "alert" if draw.random() < 0.9 else "worker"
    begun = FIRST + timedelta(days=int(draw.integers(0, 150)))
    lives.add(
        "mart.case", case_no=case_no, case_id=household, queue=queue, household_id=household, town_code=town,
        source_code=source, opened_date=begun, first_alert_id=None,
    )  # fmt: skip
    told = _Told(lives, case_no, household, town, queue)
    for episode in range(1, 2 + int(draw.random() < 0.3)):
        begun = _episode(draw, told, episode, begun, source if episode == 1 else "alert")
        begun += timedelta(days=int(draw.integers(10, 40)))


@dataclass
class _Told:
    lives: Lives
    case_no: str
    household: str
    town: str | None
    queue: str
    event_no: int = 0

    def event(self, code: str, day: date, known: date, episode: int, **more: Any) -> None:
        self.event_no += 1
        row = {"from_state": None, "to_state": "assigned", "held_by": None, "due_date": None, "ref_id": None}
        self.lives.add(
            "mart.case_event", case_no=self.case_no, event_no=self.event_no, episode_no=episode,
            event_code=code, event_date=day, known_date=known, **{**row, **more},
        )  # fmt: skip


def _days(draw: np.random.Generator, most: int) -> timedelta:
    return timedelta(days=int(draw.integers(0, most)))


def _episode(draw: np.random.Generator, told: _Told, episode: int, begun: date, source: str) -> date:
    alert, day = f"{told.case_no}-{episode}", begun
    if source == "alert":
        told.event("issue", day, day, episode, to_state="issued", alert_id=alert)
        told.lives.add(
            "mart.alert", as_of=day, alert_id=alert, household_id=told.household, town_code=told.town,
            queue=told.queue, signal_ids="I01,I03" if draw.random() < 0.5 else "I01",
            benefit_ids="dibao,tekun",
        )  # fmt: skip
        for benefit in ("dibao", "tekun"):
            if draw.random() < 0.8:
                told.lives.add(
                    "mart.entitlement", as_of=day, person_id=None, household_id=told.household,
                    benefit_id=benefit, gap_yuan_month=float(draw.integers(100, 900)), amount_yuan_month=None,
                )  # fmt: skip
    if draw.random() < 0.2:
        told.event("fail", day + _days(draw, 9), day + timedelta(days=10), episode, to_state="not_reached")
        return day + timedelta(days=12)
    if draw.random() < 0.7:
        day += _days(draw, 9)
        told.event("reach", day, day + _days(draw, 5), episode, to_state="contacted", held_by="county",
                   due_date=day + timedelta(days=7))  # fmt: skip
    if draw.random() < 0.8:
        day = _visit(draw, told, episode, day + _days(draw, 20), alert if source == "alert" else None)
    return day


def _visit(draw: np.random.Generator, told: _Told, episode: int, day: date, alert: str | None) -> date:
    code, known = str(draw.choice(CODES)), day + _days(draw, 10)
    visit = f"V{told.case_no}{episode}"
    row = {"case_no": told.case_no, "alert_id": alert, "found_date": day}
    told.lives.add("mart.visit", visit_id=visit, result_code=code, known_date=known, **row)
    if draw.random() < 0.1:  # a second copy of the list says the same, or something else
        other = code if draw.random() < 0.5 else str(draw.choice(CODES))
        again = known + _days(draw, 10)
        told.lives.add("mart.visit", visit_id=f"{visit}b", result_code=other, known_date=again, **row)
    told.event("visit", day, known, episode, to_state="visited", ref_id=visit)
    if code in ("20", "21"):
        day = _application(draw, told, episode, day)
    return day


def _application(draw: np.random.Generator, told: _Told, episode: int, day: date) -> date:
    benefit = str(draw.choice(("dibao", "tekun")))
    for no, (code, chance) in enumerate((("submitted", 1.0), ("granted", 0.7), ("paid", 0.7)), start=1):
        if draw.random() > chance:
            break
        day += _days(draw, 30)
        known = day + _days(draw, 15)
        told.lives.add(
            "mart.step", step_id=f"S{told.case_no}{episode}", step_no=no, case_no=told.case_no,
            kind_code="application", subject=benefit, event_code=code, event_date=day,
            known_date=known, due_date=None,
        )  # fmt: skip
        if code == "paid":  # the evaluation of the day on which the roll shows it
            told.lives.add(
                "mart.entitlement", as_of=known, person_id="P", household_id=told.household,
                benefit_id=benefit, gap_yuan_month=0.0, amount_yuan_month=float(draw.integers(100, 900)),
            )  # fmt: skip
    return day
