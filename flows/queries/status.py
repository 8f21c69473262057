"""What ran in a home, whether every row is accounted for, what is not there, and how old each source is."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from flows.context.alarms import alarms, missing_files
from flows.context.calendar import delivery_calendar
from flows.context.site import Site
from flows.ingest.inbox import LeftOut
from transforms.deliveries.staleness import staleness
from warehouse.deliveries.deliveries import deliveries_at, held_deliveries
from warehouse.identity.person_aliases import identity_counts
from warehouse.queries.runs import inbox_notes, runs_by_date


def home_status(site: Site) -> dict[str, Any]:
    """conservation, alarms (sentences); runs, held deliveries, missing files, what of the inbox was left out,
    identity resolution, sources.

    All of it as of today: a source grows old though nothing is run.
    """
    today = site.now().date()
    known = deliveries_at(site.con, today)
    lost = known.filter(
        known["rows_read"] != known["rows_loaded"] + known["rows_quarantined"] + known["rows_duplicate"]
    )
    return {
        "today": today,
        "conservation": _conservation(known.height, lost.height),
        "alarms": alarms(site, today),
        "runs": runs_by_date(site.con).rename({"known_date": "date"}).to_dicts(),
        "held": _held(site),
        "missing": missing_files(site, today),
        "left_out": _left_out(site),
        "identity": [{"what": what, "count": count} for what, count in identity_counts(site.con).items()],
        "sources": _sources(site, known, today),
    }


def _held(site: Site) -> list[dict[str, Any]]:
    """Deliveries that wait for a person: why, in a rule's own (Chinese) words, and what takes each in."""
    zh = {rule.id: rule.zh for contract in site.contracts.values() for rule in contract.rules}
    return [
        {
            **row,
            "reason_in_words": "；".join(zh.get(part, part) or part for part in row["reason"].split("; ")),
            "command": f'zhaoren release {row["delivery_id"]} --reason "…"',
        }
        for row in held_deliveries(site.con).to_dicts()
    ]


def _left_out(site: Site) -> list[dict[str, Any]]:
    """Folders and files that the last run left in the inbox: entry_name, code, in_words."""
    rows = inbox_notes(site.con)
    words = [str(LeftOut(*row)) for row in rows.rows()]
    return rows.with_columns(in_words=pl.Series(words, dtype=pl.String)).to_dicts()


def _sources(site: Site, known: pl.DataFrame, today: date) -> list[dict[str, Any]]:
    ages = staleness(known, delivery_calendar(site.contracts), today).to_dicts()
    shown = ("department", "extract", "last_known_date", "days_old")
    return [{**{name: row[name] for name in shown}, "state": _state(row)} for row in ages]


def _state(row: dict[str, Any]) -> str:
    """A source's state: never, overdue (past its grace), stale (a period old) or fresh."""
    return next((name for name in ("never", "overdue", "stale") if row[f"is_{name}"]), "fresh")


def _conservation(files: int, lost: int) -> str:
    if not files:
        return "Nothing was delivered yet."
    if lost:
        return f"{lost} of {files} deliveries do NOT add up: rows were lost."
    return f"{files} deliveries, every row loaded, quarantined or a duplicate."
