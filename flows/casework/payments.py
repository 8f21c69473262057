"""Payments that a date's rolls show end applications by themselves, before the cases are advanced."""

from __future__ import annotations

from datetime import date

import polars as pl

from flows.context.site import Site
from policies.casework.steps import load_steps
from transforms.casework.outstanding import APPLICATION, PAID, newly_paid, waiting
from warehouse.casework.for_lists import first_step_dates, last_step_events
from warehouse.casework.matters import add_steps, next_numbers, received_before, receiving_at
from warehouse.database.connection import transaction


def note_payments(site: Site, as_of: date) -> int:
    """Add the event `paid` to every application whose payment the date's answers show; how many those are.

    A second run of the date adds nothing.
    """
    sources = load_steps(as_of).kinds[APPLICATION].events[PAID].sources
    matters = last_step_events(site.con, as_of).join(
        first_step_dates(site.con, as_of), on="step_id", how="left"
    )
    open_ones = waiting(matters, sources, as_of)
    if open_ones.is_empty():
        return 0
    receiving = receiving_at(site.con, as_of, open_ones["household_id"])
    paid = newly_paid(open_ones, receiving, received_before(site.con, open_ones))
    rows = next_numbers(site.con, paid).with_columns(
        kind_code=pl.lit(APPLICATION), event_code=pl.lit(PAID), event_date=as_of, known_date=as_of
    )
    with transaction(site.con):
        add_steps(site.con, rows)
    return rows.height
