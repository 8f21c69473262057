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
from warehouse.queries.deliveries import delivered_files
from warehouse.queries.runs import inbox_notes, runs_by_date
from warehouse.written.names import delivery_names, entry_names
from warehouse.written.words import DELIVERY_DECISION, VISIT_RULED, VISIT_WITHDRAWN, written


def home_status(site: Site, names: bool = False) -> dict[str, Any]:
    """conservation, alarms (sentences); runs, held deliveries, missing files, what of the inbox was left out,
    identity resolution, sources. With `names`, how that is named which is called by a hash, and reasons.

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
        **(_from_vault(site, today) if names else {}),
    }


def _from_vault(site: Site, today: date) -> dict[str, list[dict[str, Any]]]:
    """What people wrote and the warehouse does not hold; newest first. The vault is opened, on record.

    names: date, called, named of every file and folder whose name holds more than known words.
    reasons: date, decision, by, reason of every decision on a delivery or an outcome.
    """
    called = delivered_files(site.con).select(
        "delivery_id", called=pl.format("{}/{}", "department", "file_name")
    )
    with site.open_vault(today, "names") as vault:
        own, others = delivery_names(vault), entry_names(vault)
        said = pl.concat([written(vault, kind) for kind in (DELIVERY_DECISION, VISIT_WITHDRAWN, VISIT_RULED)])
    named = pl.format("{}/{}", "folder", "name")
    files = own.join(called, on="delivery_id").select("called", date="known_date", named=named)
    rest = others.select("called", date="noted_date", named="name")
    both = pl.concat([files, rest]).filter(pl.col("called") != pl.col("named")).unique(maintain_order=True)
    both = both.select("date", "called", "named")
    about = pl.col("about").str.split("|").list.head(2).list.join(" ")
    reasons = said.select(date="known_date", decision=about, by="author", reason="text")
    return {
        "names": both.sort("date", "called", "named", descending=[True, False, False]).to_dicts(),
        "reasons": reasons.sort("date", "decision", descending=[True, False], maintain_order=True).to_dicts(),
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
