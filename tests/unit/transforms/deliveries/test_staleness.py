"""How old each department's data is: stale, overdue, never delivered."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from tests.helpers.core import AS_OF, FEB, JAN, MAR
from transforms.deliveries.staleness import staleness


def test_staleness() -> None:
    def sent(extract: str, known: date, status: str = "accepted", of: date | None = None) -> tuple:
        return ("d", extract, of or known.replace(day=1), known, status)

    rows = [sent("roll", JAN), sent("roll", date(2026, 4, 5)), sent("held", FEB, "held"), sent("fresh", MAR)]
    rows.append(sent("roll", MAR, of=date(2025, 11, 1)))  # a late file of an old month makes nothing fresh
    schema = ["department", "extract", "period_month", "known_date", "status"]
    deliveries = pl.DataFrame(rows, schema=schema, orient="row")
    calendar = pl.DataFrame(
        [("d", "roll", 28, 40), ("d", "held", 28, 10), ("d", "fresh", 28, 10), ("d", "event", None, 10)],
        schema=["department", "extract", "period_days", "grace_days"],
        orient="row",
    )
    found = {row["extract"]: row for row in staleness(deliveries, calendar, AS_OF).to_dicts()}
    wanted = ("is_stale", "is_overdue", "is_never", "days_old")
    assert {e: tuple(row[w] for w in wanted) for e, row in found.items()} == {
        "event": (False, False, True, None),
        "fresh": (False, False, False, 5),
        "held": (True, False, True, None),
        "roll": (True, False, False, 64),
    }
    later = staleness(deliveries, calendar, AS_OF + timedelta(days=5))
    assert later.filter(pl.col("is_overdue"))["extract"].to_list() == ["roll"]
