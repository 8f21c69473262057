"""What ran in a home, whether every row is accounted for, and how old each source is."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from flows.context.calendar import delivery_calendar
from flows.context.site import Site
from transforms.deliveries.staleness import staleness
from warehouse.deliveries.deliveries import deliveries_at, held_deliveries
from warehouse.identity.person_aliases import identity_counts
from warehouse.queries.runs import runs_by_date


def home_status(site: Site) -> dict[str, Any]:
    """conservation (one sentence), runs, sources, identity resolution; deliveries that wait for a person."""
    today = site.now().date()
    known = deliveries_at(site.con, today)
    newest: date | None = known.select(pl.col("known_date").max()).item()
    lost = known.filter(
        known["rows_read"] != known["rows_loaded"] + known["rows_quarantined"] + known["rows_duplicate"]
    )
    ages = staleness(known, delivery_calendar(site.contracts), newest or today)
    return {
        "conservation": _conservation(known.height, lost.height),
        "runs": runs_by_date(site.con).rows(),
        "held": [
            (delivery, department, name, day, reason, f"zhaoren release {delivery} --reason …")
            for delivery, department, _, name, day, reason in held_deliveries(site.con).rows()
        ],
        "identity": list(identity_counts(site.con).items()),
        "sources": [
            (department, extract, last, days, _state(stale, overdue, never))
            for department, extract, last, days, stale, overdue, never in ages.rows()
        ],
    }


def _state(stale: bool, overdue: bool, never: bool) -> str:
    """A source's state: never, overdue (past its grace), stale (a period old) or fresh."""
    return "never" if never else "overdue" if overdue else "stale" if stale else "fresh"


def _conservation(files: int, lost: int) -> str:
    if not files:
        return "Nothing was delivered yet."
    if lost:
        return f"{lost} of {files} deliveries do NOT add up: rows were lost."
    return f"{files} deliveries, every row loaded, quarantined or a duplicate."
