"""Cases that somebody found begin like any other: issued on the day they were put on record."""

from __future__ import annotations

from datetime import date

import polars as pl

from policies.casework.life_shape import NONE


def found_events(states: pl.DataFrame, day: date) -> pl.DataFrame:
    """case_no, event_code, event_date of cases that no alert began and to which nothing has happened yet.

    states: fold.STATE's columns and source_code.
    """
    found = ~pl.col("source_code").is_in(["alert", "audit"])
    rows = states.filter(found & (pl.col("state") == NONE)).sort("case_no")
    return rows.select("case_no", event_code=pl.lit("issue"), event_date=pl.lit(day), keeps_due=pl.lit(True))
