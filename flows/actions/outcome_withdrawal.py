"""A person says which visit counts: by its number, or by taking a case's result back.

The visits stay as they were; a ruling with who decided and when is added, why is in the vault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from flows.actions.decisions import lists_to_make_anew
from flows.actions.publishing import publish_home
from flows.context.site import Site
from warehouse.casework.visits import Ruling, add_ruling, known_visits, next_ruling, visit_named
from warehouse.database.partitions import as_of_dates
from warehouse.identity.marks import marked_step
from warehouse.written import words
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True, kw_only=True)
class Withdrawn:
    """What was taken back, the day it takes effect, and the lists scored from that day on.

    still_counting: code and day of visit of the case's other outcomes.
    """

    alert_id: str
    result_code: str
    found_date: date | None
    effective_date: date
    lists_to_make_anew: tuple[date, ...]
    still_counting: tuple[str, ...]


def take_back(
    site: Site, alert_id: str, reason: str, by: str, *, code: str | None = None, on: date | None = None
) -> Withdrawn:
    """Withdraw the case's outcome, or the one of that code where it has several.

    It takes effect `on` that day, by default on the newest date scored, or when it came if that is later:
    earlier lists stay, training goes on without it. Raises ZhaorenError when there is no such outcome in
    force, when several could be meant, or when no reason is given.
    """
    _need_reason(reason, alert_id)
    in_force = _in_force(site, alert_id)
    outcome = _the_one(in_force, alert_id, code)
    day = _rule(site, outcome, reason, by, does_count=False, on=on)
    return Withdrawn(
        alert_id=alert_id,
        result_code=outcome["result_code"],
        found_date=outcome["found_date"],
        effective_date=day,
        lists_to_make_anew=tuple(lists_to_make_anew(site, day)),
        still_counting=tuple(
            f"{row['result_code']} of {row['found_date']}" for row in in_force if row != outcome
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """A ruling that was kept: on which visit, since when it holds, and the lists scored from that day on."""

    visit_id: str
    alert_id: str | None
    result_code: str
    found_date: date | None
    does_count: bool
    effective_date: date
    lists_to_make_anew: tuple[date, ...]


def rule_on(
    site: Site, visit_id: str, reason: str, by: str, *, does_count: bool, on: date | None = None
) -> Ruled:
    """Say that a visit counts in spite of another, or that it does not; copies of it go with it.

    It takes effect `on` that day; else as take_back's. Raises ZhaorenError for an unknown number, an empty
    reason, or a day before the visit was known.
    """
    _need_reason(reason, visit_id)
    visit = visit_named(site.con, visit_id)
    if visit is None:
        raise ZhaorenError(
            "There is no such visit.",
            visit_id,
            "No line that came back has that number.",
            "See `zhaoren visits differences`.",
            code="no_such_visit",
        )
    day = _rule(site, visit, reason, by, does_count=does_count, on=on)
    return Ruled(
        visit_id=visit_id,
        alert_id=visit["alert_id"],
        result_code=visit["result_code"],
        found_date=visit["found_date"],
        does_count=does_count,
        effective_date=day,
        lists_to_make_anew=tuple(lists_to_make_anew(site, day)),
    )


def _need_reason(reason: str, where: str) -> None:
    if not reason.strip():
        raise ZhaorenError("A decision needs a reason.", where, "The reason given is empty.", "Say why.")


def _rule(
    site: Site, visit: Mapping[str, Any], reason: str, by: str, *, does_count: bool, on: date | None
) -> date:
    """Keep the ruling and its reason, publish anew; returns the day it takes effect."""
    visit_id, known = visit["visit_id"], visit["known_date"]
    if on is not None and on < known:
        why = f"The result came on {known}; {on} is earlier."
        what = f"The outcome cannot be {'counted' if does_count else 'withdrawn'} on {on}."
        raise ZhaorenError(what, visit["alert_id"] or visit_id, why, "Name a later day.")
    day = on or max([known, *as_of_dates(site.con)[-1:]])
    number = next_ruling(site.con, visit_id)
    step = f"ruling {number} on {visit_id} from {day} on"
    about = f"{pl.DataFrame([visit]).select(words.about_visit()).item()}|{number}"
    with site.open_vault(day, "visit ruling", visit_id) as vault, marked_step(site.con, vault, step):
        words.keep_one(vault, words.VISIT_RULED, about, known=day, author=by, text=reason.strip())
    ruling = Ruling(does_count=does_count, effective_date=day, decided_at=site.now(), decided_by=by)
    add_ruling(site.con, visit_id, number, ruling)
    if site.home.published.exists():
        publish_home(site)
    return day


def _in_force(site: Site, alert_id: str) -> list[dict[str, Any]]:
    """Its claims that nobody ruled out, each by the first visit that made it."""
    known = known_visits(site.con, pl.Series([alert_id], dtype=pl.String))
    standing = known.filter(pl.col("ruling").is_null() | pl.col("ruling"))
    return standing.unique(["result_code", "found_date"], keep="first", maintain_order=True).rows(named=True)


def _the_one(rows: list[dict[str, Any]], alert_id: str, code: str | None) -> dict[str, Any]:
    chosen = [row for row in rows if code in (None, row["result_code"])]
    if not chosen:
        there = ", ".join(row["result_code"] for row in rows) or "none"
        raise ZhaorenError(
            "There is no such outcome in force.",
            alert_id,
            f"Results of this case that count now: {there}.",
            "Check the case number, and the code if one was given.",
        )
    if len({row["result_code"] for row in chosen}) > 1:
        codes = ", ".join(sorted({row["result_code"] for row in chosen}))
        raise ZhaorenError(
            "The case has several outcomes.", alert_id, f"Their codes are {codes}.", "Choose one with --code."
        )
    return chosen[-1]
