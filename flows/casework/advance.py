"""Bring the cases up to a day: open those that its alerts ask for, and put on record what happened to each.

Called after the alerts of a date are scored, on a day on which files are taken in, and once filled lists
came back. Whatever a run that was killed, or a home of an earlier version, has left undone is done first, day
by day; what is done is not done again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from flows.casework.by_system import plan_look_back, see_payments
from flows.context.calendar import working_day
from flows.context.site import Site
from policies.casework.contacts import load_contacts
from policies.casework.life import load_life
from policies.casework.life_shape import Life
from policies.casework.steps import load_steps
from transforms.casework.fold import STATE
from transforms.casework.found_events import found_events
from transforms.casework.life import DayInputs, day_of
from transforms.casework.opening import of_alerts, opened
from warehouse.casework.cases import add_cases, alerts_with_case, last_number, numbers_of
from warehouse.casework.log import (
    SOURCES,
    append,
    not_taken_in,
    of_cases,
    pending_days,
    states,
    taken_in,
    unseen,
)
from warehouse.casework.reasons import reasons_gone
from warehouse.database.connection import transaction


def advance(site: Site, day: date) -> int:
    """Put on record what happened to the cases by the day; how many events that were.

    One commit per day that has something to take in.
    """
    return sum(_one_day(site, each) for each in sorted({*pending_days(site.con, day), day}))


def catch_up(site: Site, day: date) -> int:
    """Only what earlier days have left undone, so that every listed household has its number.

    Before filled lists are read: what they say comes before anything is overdue.
    """
    return sum(_one_day(site, each) for each in pending_days(site.con, day))


def _one_day(site: Site, day: date) -> int:
    fingerprint = not_taken_in(site.con, day)
    with transaction(site.con):
        # Alerts are taken in once: a visit that came later on their day has settled what they ask for.
        alerts = _opened(site, day) if fingerprint else None
        if fingerprint:
            see_payments(site, day)
        inputs = _inputs(site, day, alerts)
        done = day_of(inputs)
        append(site.con, done.log, done.notes)
        plan_look_back(site, day, done.log, inputs.past["mart.outcome"], inputs.life.step_codes)
        if fingerprint:
            taken_in(day, fingerprint, site.now(), last_number(site.con)).record(site.con)
    return done.log.height


def _opened(site: Site, day: date) -> pl.DataFrame:
    """The date's alerts, each with the number of its case, those included that are opened now."""
    alerts = alerts_with_case(site.con, day)
    wanted = of_alerts(alerts.filter(pl.col("case_no").is_null()))
    if wanted.is_empty():
        return alerts
    add_cases(site.con, opened(wanted, numbers_of(site.con, wanted), last_number(site.con), day))
    return alerts_with_case(site.con, day)


def _inputs(site: Site, day: date, alerts: pl.DataFrame | None) -> DayInputs:
    new = {name: unseen(site.con, name, day) for name in SOURCES}
    touched = pl.concat([rows.select("case_no") for rows in new.values()])["case_no"].drop_nulls().unique()
    life = load_life(day)
    now = states(site.con, None if alerts is not None else touched, day)
    past = {name: of_cases(site.con, name, day, touched) for name in SOURCES}
    return DayInputs(
        day=day,
        life=life,
        rules=load_steps(day),
        reaching=load_contacts(day),
        states=now.select(list(STATE)),
        found=found_events(now, day),
        contacts=new["mart.contact"],
        visits=new["mart.outcome"],
        steps=new["mart.step"],
        past=past,
        next_step=working_day(day, life.next_step_working_days),
        clocks=_clocks(life, _due_dates(now, past["mart.step"], alerts), day),
        alerts=alerts,
        reasons=None if alerts is None else _reasons(site, now, alerts, day),
    )


def _reasons(site: Site, now: pl.DataFrame, alerts: pl.DataFrame, day: date) -> pl.DataFrame:
    """Of cases that came from an alert and have none on the date: why. What people found needs none."""
    came = now.filter(pl.col("source_code").is_in(["alert", "audit"]), pl.col("state") != "withdrawn")
    return reasons_gone(site.con, came.join(alerts, on="case_no", how="anti"), day)


def _due_dates(*frames: pl.DataFrame | None) -> pl.Series:
    """Every day by which something was or will be due, by what is known."""
    days = [frame.select("due_date") for frame in frames if frame is not None]
    return pl.concat(days)["due_date"].drop_nulls().unique().sort()


def _clocks(life: Life, due_dates: Iterable[date], day: date) -> pl.DataFrame:
    """due_date, held_by, from_date: the first working day on which somebody higher has to see to it."""
    rows = [
        (due, one.held_by, working_day(due, one.after_working_days + 1))
        for due in due_dates
        if due < day
        for one in life.escalation
    ]
    schema = {"due_date": pl.Date, "held_by": pl.String, "from_date": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")
