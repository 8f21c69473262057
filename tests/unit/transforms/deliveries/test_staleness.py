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
        [("d", "roll", 1, 35), ("d", "held", 1, 10), ("d", "fresh", 1, 10), ("d", "event", None, 10)],
        schema=["department", "extract", "period_months", "grace_days"],
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


def test_a_monthly_source_is_stale_after_a_month_and_overdue_after_its_grace() -> None:
    """Not after 25 days, as when days were taken off the shortest month: the calendar's months count."""
    came = pl.DataFrame(
        [("d", "roll", date(2025, 8, 1), date(2025, 9, 8), "accepted")],
        schema=["department", "extract", "period_month", "known_date", "status"],
        orient="row",
    )
    calendar = pl.DataFrame(
        {"department": ["d"], "extract": ["roll"], "period_months": [1], "grace_days": [5]}
    )

    def state(day: date) -> tuple[bool, bool]:
        return staleness(came, calendar, day).select("is_stale", "is_overdue").row(0)

    days = (date(2025, 10, 3), date(2025, 10, 7), date(2025, 10, 8), date(2025, 10, 13), date(2025, 10, 14))
    assert [state(day) for day in days] == [
        (False, False), (False, False), (True, False), (True, False), (True, True),
    ]  # fmt: skip
