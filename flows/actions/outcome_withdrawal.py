"""Take an outcome back: it stays on record with who decided so and why, and counts no more from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from flows.actions.decisions import lists_to_make_anew
from flows.actions.publishing import publish_home
from flows.context.site import Site
from warehouse.database.partitions import as_of_dates
from warehouse.deliveries.outcomes import Withdrawal, known_outcomes, withdraw_outcome
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
    if not reason.strip():
        raise ZhaorenError("A decision needs a reason.", alert_id, "The reason given is empty.", "Say why.")
    in_force = _in_force(site, alert_id)
    outcome = _the_one(in_force, alert_id, code)
    known = outcome["known_date"]
    if on is not None and on < known:
        why = f"It came on {known}; {on} is earlier."
        raise ZhaorenError(f"The outcome cannot be withdrawn on {on}.", alert_id, why, "Name a later day.")
    day = on or max([known, *as_of_dates(site.con)[-1:]])
    about = pl.DataFrame([outcome]).select(words.about_visit()).item()
    step = f"outcome of {alert_id} withdrawn on {day}"
    with site.open_vault(day, "withdraw outcome", alert_id) as vault, marked_step(site.con, vault, step):
        words.keep_one(vault, words.VISIT_WITHDRAWN, about, known=day, author=by, text=reason.strip())
    withdraw_outcome(site.con, outcome, Withdrawal(day, site.now(), by))
    if site.home.published.exists():
        publish_home(site)
    dates = tuple(lists_to_make_anew(site, day))
    others = tuple(f"{row['result_code']} of {row['found_date']}" for row in in_force if row != outcome)
    return Withdrawn(
        alert_id=alert_id,
        result_code=outcome["result_code"],
        found_date=outcome["found_date"],
        effective_date=day,
        lists_to_make_anew=dates,
        still_counting=others,
    )


def _in_force(site: Site, alert_id: str) -> list[dict[str, Any]]:
    known = known_outcomes(site.con, pl.Series([alert_id], dtype=pl.String))
    return known.filter(pl.col("withdrawn_date").is_null()).rows(named=True)


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
