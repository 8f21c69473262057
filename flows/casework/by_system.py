"""Events of matters that nobody writes: a payment the rolls show, a look back some time after the end."""

from __future__ import annotations

from datetime import date

import polars as pl

from flows.context.calendar import working_day
from flows.context.site import Site
from policies.casework.steps import load_steps
from transforms.casework.matters import to_look_back
from warehouse.casework.matters import add_steps, step_ids
from warehouse.casework.payments import payments_seen


def see_payments(site: Site, day: date) -> None:
    """End the applications whose payment the date's data show; the caller holds the transaction."""
    paid = load_steps(day).kinds["application"].events["paid"]
    add_steps(site.con, payments_seen(site.con, day, paid.sources))


def plan_look_back(
    site: Site, day: date, log: pl.DataFrame, visits: pl.DataFrame, step_codes: tuple[str, ...]
) -> None:
    """A case of need that ended today is looked at again; the caller holds the transaction.

    log: today's events. visits: the counting ones of the cases, with result_code, found_date, visit_id.
    """
    rows = to_look_back(log, visits, step_codes)
    if rows.is_empty():
        return
    planned = load_steps(day).kinds["revisit"].events["planned"]
    begun = rows.with_columns(
        kind_code=pl.lit("revisit"),
        subject=pl.lit(None, pl.String),
        event_code=pl.lit(planned.code),
        event_date=pl.lit(day),
        due_date=pl.lit(working_day(day, planned.due or 1)),
        owner_code=pl.lit(planned.owner),
        known_date=pl.lit(day),
        step_no=pl.lit(1),
    )
    add_steps(site.con, begun.with_columns(step_ids(site.con, begun)))
