"""Why a household stands on a list, from what was known on the date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import polars as pl

from flows.context import reference
from flows.context.job import Job
from policies.analysis.near_misses import nearest_missed
from policies.analysis.trace import RuleStep, trace
from transforms.alerts.list_lines import heads
from warehouse.database.connection import fetch
from warehouse.identity.person_aliases import links_of
from zhaoren.errors import ZhaorenError

ATTRIBUTES = {"name": "姓名", "phone": "电话", "address": "住址"}


def explain_household(
    job: Job, what: str, as_of: date | None, contact: bool, rules: Sequence[str] = ()
) -> dict[str, Any]:
    """Alerts, fired signals, benefits with reasons, stale sources, rows found to be theirs without a number.

    `steps`: every test of `rules` (default: every benefit in force) with the facts it saw, their sources and
    the date of the newest delivery, parameters and clause. `nearest`: the benefit missed by least;
    `policy_gap`: whether trouble was seen and no paid benefit fits. With `contact`, whom to call (logged).
    """
    household, day = _find(job, what, as_of)
    persons, households = (_rows(job, f"panel.{table}", household, day) for table in ("person", "household"))
    told = _known_dates(job, day)
    near = reference.group(job.catalogue, "alerts", day)["near_miss_share"]
    rules = rules or [benefit.id for benefit in job.catalogue.benefits_at(day)]
    parts = {
        table: _rows(job, f"mart.{table}", household, day).to_dicts()
        for table in ("alert", "signal", "entitlement", "policy_gap")
    }
    stale = fetch(
        job.con, "SELECT extract FROM mart.staleness WHERE as_of = $1 AND is_stale ORDER BY 1", [day]
    )
    return {
        "household_id": household,
        "as_of": day,
        "alerts": parts["alert"],
        "signals": parts["signal"],
        "benefits": parts["entitlement"],
        "policy_gap": parts["policy_gap"],
        "nearest": nearest_missed(job.catalogue, persons, households, day, near).to_dicts(),
        "steps": [_step(step, told) for step in trace(job.catalogue, persons, households, day, rules)],
        "stale": stale.get_column("extract").to_list(),
        "identity": _links(job, household, day),
        "contact": _contact(job, household, day) if contact else [],
    }


def _rows(job: Job, table: str, household: str, day: date) -> pl.DataFrame:
    """A dated table's rows of one household and date, in a fixed order."""
    return fetch(
        job.con,
        f"SELECT * FROM {table} WHERE household_id = $1 AND as_of = $2 ORDER BY ALL",
        [household, day],
    )


def _known_dates(job: Job, day: date) -> dict[str, date]:
    """Extract -> the day of its newest delivery, as known on the date."""
    rows = fetch(job.con, "SELECT extract, last_known_date FROM mart.staleness WHERE as_of = $1", [day])
    return {extract: known for extract, known in rows.rows() if known is not None}


def _step(step: RuleStep, told: dict[str, date]) -> dict[str, Any]:
    """A step with each fact's newest delivery; a fact nobody delivers has none."""
    plain = asdict(step)
    for fact in plain["facts"]:
        days = [
            told[source.partition(".")[0]] for source in fact["sources"] if source.partition(".")[0] in told
        ]
        fact["known_date"] = max(days, default=None)
    return plain


def _find(job: Job, what: str, as_of: date | None) -> tuple[str, date]:
    row = job.con.execute(
        "SELECT household_id, max(as_of) FROM mart.alert WHERE (alert_id = $1 OR household_id = $1) "
        "AND ($2 IS NULL OR as_of = $2) GROUP BY 1",
        [what, as_of],
    ).fetchone()
    if row is None:
        row = job.con.execute(
            "SELECT household_id, max(as_of) FROM panel.household WHERE household_id = $1 "
            "AND ($2 IS NULL OR as_of = $2) GROUP BY 1",
            [what, as_of],
        ).fetchone()
    if row is None:
        raise ZhaorenError(
            f"Nothing is known as “{what}”.",
            "" if as_of is None else str(as_of),
            "It is neither a case number nor a household id of a date that was run.",
            "Copy the number from a list; `zhaoren status` shows the dates.",
        )
    return row[0], row[1]


def _links(job: Job, household: str, as_of: date) -> list[dict[str, Any]]:
    persons = fetch(
        job.con,
        "SELECT DISTINCT person_id FROM panel.person WHERE household_id = $1 AND as_of = $2",
        [household, as_of],
    )
    return links_of(job.con, persons, as_of).to_dicts()


def _contact(job: Job, household: str, as_of: date) -> list[tuple[str, str]]:
    persons = fetch(
        job.con, "SELECT * FROM panel.person WHERE household_id = $1 AND as_of = $2", [household, as_of]
    )
    whom = heads(persons).get_column("person_id")
    with job.open_vault(as_of, f"contact of {household}") as vault:
        sources = {"name": reference.name_sources(job.catalogue, as_of)}
        found = {
            zh: vault.latest(whom, what, as_of, sources.get(what, ())) for what, zh in ATTRIBUTES.items()
        }
    return [(zh, frame.item(0, "value") if frame.height else "") for zh, frame in found.items()]
