"""The number of each line's case, as lists, pages and people call it."""

from __future__ import annotations

from datetime import date

import polars as pl

from flows.context.site import Site
from warehouse.casework.for_lists import case_numbers


def with_case_numbers(site: Site, as_of: date, lines: pl.DataFrame) -> pl.DataFrame:
    """The lines, in their order, with case_no: null where the case has no number.

    An alert's id names its case between date and queue; of lines without alerts the household is the case.
    """
    of_alert = pl.col("alert_id").str.extract(r"^\d{8}-(.+)-[A-Z]$")
    case = of_alert if "alert_id" in lines.columns else pl.col("household_id")
    named = lines.with_columns(case.alias("case_id"))
    numbers = case_numbers(site.con, as_of).select("queue", "case_id", "case_no")
    return named.join(numbers, on=["queue", "case_id"], how="left", maintain_order="left").drop("case_id")
