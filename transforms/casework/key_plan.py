"""The key persons' visits of a month: who is due, who is planned within the hours, under which number.

    still_due(persons, answered, as_of) -> persons without those answered for in the month
    key_plan(due, last_visits, stations, month_end) -> DataFrame with the columns of mart.key_person but as_of

Who was longest not visited goes first, those never visited before all; ties go by village, household and
person. Whoever is visited steps behind the others, so that nobody waits for ever. On the station's list the
planned ones come first, village by village; the numbers run without a gap.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from data_contracts.registry.tables import schema

PLAN_SCHEMA = schema("mart.key_person", without=("as_of",))
_PLACE = ("village_code", "household_id", "person_id")


def still_due(persons: pl.DataFrame, answered: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """`persons`: one per key person; `answered`: person_id, as_of (the list answered) of what came back."""
    month = answered.filter(pl.col("as_of") >= as_of.replace(day=1))
    return persons.join(month, on="person_id", how="anti", maintain_order="left")


def key_plan(
    due: pl.DataFrame, last_visits: pl.DataFrame, stations: pl.DataFrame, month_end: date
) -> pl.DataFrame:
    """One row per person due, sorted by person_id.

    `due`: person_id, household_id, town_code, village_code, kind_code. `last_visits`: person_id,
    visited_date. `stations`: town_code, key_planned_cnt. A person without a known town is on no plan.
    """
    rows = due.join(last_visits, on="person_id", how="left").join(stations, on="town_code", how="left")
    rows = rows.sort(
        "town_code", pl.col("visited_date").is_not_null(), "visited_date", *_PLACE, nulls_last=True
    )
    turn = pl.int_range(1, pl.len() + 1).over("town_code")
    rows = rows.with_columns(
        (turn <= pl.col("key_planned_cnt")).fill_null(False).alias("is_planned"),
        pl.lit(month_end).alias("due_date"),
    )
    rows = rows.sort("town_code", ~pl.col("is_planned"), *_PLACE, nulls_last=True)
    number = pl.format("K{}", pl.int_range(1, pl.len() + 1).over("town_code"))
    number = pl.when(pl.col("town_code").is_not_null()).then(number)
    rows = rows.with_columns(number.alias("key_no"))
    return rows.select(pl.col(name).cast(dtype) for name, dtype in PLAN_SCHEMA.items()).sort("person_id")
