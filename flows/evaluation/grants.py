"""What the made-up offices have granted by a date, of the applications that visits are known to have made."""

from __future__ import annotations

from datetime import date

import polars as pl

from data_contracts.contract.period import later
from flows.context.site import Site
from flows.evaluation.truth import household_numbers
from province.truth.offices import decisions
from warehouse.as_of import outcomes
from warehouse.queries.alerts import visited_alerts

# Results of a visit that put an application on its way; relief is what code 21 applies for.
APPLIED, RELIEF = ("11", "20"), "21"


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
    benefit = (
        pl.when(pl.col("result_code") == RELIEF).then(pl.lit("temporary_relief")).otherwise("benefit_id")
    )
    made = found.filter(pl.col("result_code").is_in([*APPLIED, RELIEF])).with_columns(benefit_id=benefit)
    named = made.drop_nulls("benefit_id").join(
        alerts.select("alert_id", "household_id").unique(), on="alert_id"
    )
    numbers = household_numbers(site, as_of)
    rows = named.join(numbers, on="household_id").select("household_no", "benefit_id", "found_date")
    return rows.unique().sort("household_no", "benefit_id", "found_date")
