"""A warehouse with made-up alerts, tries, visits and steps, for tests of the cases' life."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, cast

import polars as pl

from flows.casework.advance import advance
from flows.context.site import Site
from tests.helpers.casework import put_visits
from tests.helpers.warehouses import put_rows
from warehouse.database.connection import Connection, fetch
from warehouse.database.partitions import StepDone

TOWN = "440512001"


@dataclass
class Station:
    """As much of a site as the cases need."""

    con: Connection
    now: Any = field(default=lambda: datetime.combine(date(2026, 12, 31), time()))

    def advance(self, day: date) -> int:
        return advance(cast(Site, self), day)

    def score(self, day: date, *alerts: dict[str, Any], fingerprint: str = "a") -> None:
        """The date's alerts in place of former ones: each a case, and how it differs from a yellow one."""
        self.con.execute("DELETE FROM mart.alert WHERE as_of = ?", [day])
        rows = [_alert(day, **alert) for alert in alerts]
        if rows:
            put_rows(self.con, "mart.alert", pl.DataFrame(rows, infer_schema_length=None))
        StepDone(day, "score", fingerprint, self.now()).record(self.con)

    def visit(self, alert: str, code: str, known: date, found: date | None = None, **more: Any) -> None:
        put_visits(
            self.con,
            {
                "alert_id": alert,
                "result_code": code,
                "found_date": found or known,
                "known_date": known,
                **more,
            },
        )

    def contact(
        self, case_no: str, known: date, part: str, way: str, result: str, ref: str, day: date | None = None
    ) -> None:
        row = {"contact_id": ref, "case_no": case_no, "contact_date": day or known, "part_of_day": part,
               "way_code": way, "contact_result": result, "known_date": known}  # fmt: skip
        put_rows(self.con, "mart.contact", pl.DataFrame([row]))

    def step(
        self, case_no: str, step_id: str, no: int, kind: str, event: str, known: date,
        due: date | None = None, subject: str | None = None,
    ) -> None:  # fmt: skip
        row = {"step_id": step_id, "step_no": no, "case_no": case_no, "kind_code": kind, "event_code": event,
               "event_date": known, "due_date": due, "known_date": known, "subject": subject}  # fmt: skip
        types = {"due_date": pl.Date, "subject": pl.String}
        put_rows(self.con, "mart.step", pl.DataFrame([row], schema_overrides=types))

    def log(self) -> pl.DataFrame:
        return fetch(self.con, "SELECT * FROM mart.case_event ORDER BY case_no, event_no")

    def story(self, case_no: str) -> list[str]:
        """The events of a case in order, each with the state it led to."""
        rows = self.log().filter(pl.col("case_no") == case_no)
        return [f"{event} {state}" for event, state in rows.select("event_code", "to_state").rows()]

    def case(self, case_id: str, queue: str = "need") -> str:
        row = self.con.execute(
            "SELECT case_no FROM mart.case WHERE case_id = ? AND queue = ?", [case_id, queue]
        ).fetchone()
        assert row is not None
        return str(row[0])


def alert_id(day: date, case: str, mark: str = "N") -> str:
    return f"{day:%Y%m%d}-{case}-{mark}"


def _alert(day: date, case: str, **more: Any) -> dict[str, Any]:
    queue = more.get("queue", "need")
    return {
        "alert_id": alert_id(day, case, "C" if queue == "compliance" else "N"),
        "as_of": day,
        "household_id": case,
        "town_code": TOWN,
        "county_code": TOWN[:6],
        "queue": queue,
        "level": "yellow",
        "signal_ids": "I01",
        "signal_person_ids": "",
        "status": "new",
        "due_date": day.replace(day=28),
        "rest_until": None,
        "arm": "rule",
        "is_listed": True,
        **more,
    }
