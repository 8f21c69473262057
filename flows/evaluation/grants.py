"""What the made-up offices have granted by a date, of the applications that visits are known to have made."""

from __future__ import annotations

from datetime import date

import polars as pl

from data_contracts.contract.period import later
from flows.casework.after_visit import APPLIED
from flows.context.site import Site
from flows.evaluation.truth import household_numbers
from province.truth.offices import decisions
from warehouse.as_of import outcomes
from warehouse.queries.alerts import visited_alerts


def granted_by(site: Site, as_of: date, seed: int) -> pl.DataFrame:
    """household_no, benefit_id that begin to be paid in the month whose files arrive on the date."""
    made = applications(site, as_of)
    if made.is_empty():
        return made.select("household_no", "benefit_id")
    begins = pl.col("found_date").dt.truncate("1mo").dt.offset_by(pl.format("{}mo", "months_taken"))
    paid_in = later(as_of.replace(day=1), -1)  # the files tell of the month before
    decided = decisions(made, seed).filter(begins == paid_in)
    return decided.select("household_no", "benefit_id").unique(maintain_order=True)


def applications(site: Site, as_of: date) -> pl.DataFrame:
    """household_no, benefit_id, found_date of every application that a visit known by the date made."""
    found, alerts = outcomes(site.con, as_of), visited_alerts(site.con, as_of)
    made = found.filter(pl.col("result_code").is_in(APPLIED))
    named = made.drop_nulls("benefit_id").join(
        alerts.select("alert_id", "household_id").unique(), on="alert_id"
    )
    numbers = household_numbers(site, as_of)
    rows = named.join(numbers, on="household_id").select("household_no", "benefit_id", "found_date")
    return rows.unique().sort("household_no", "benefit_id", "found_date")
