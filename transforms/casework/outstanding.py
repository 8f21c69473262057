"""What of the matters is open and what is late, as of a day: for stations, receivers, departments, counties.

    open_matters_at(matters, rules, as_of)      -> one row per matter that has not ended

A referral that nobody answers is late at both ends: its row names who owes the answer (owner_code) and the
station whose case it is (town_code).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from policies.casework.steps import Steps


def open_matters_at(matters: pl.DataFrame, rules: Steps, as_of: date) -> pl.DataFrame:
    """matters' columns, state_zh, is_overdue (its due date has passed), late_days (0 where it is not).

    matters: the last event of each matter known by the day: step_id, case_no, kind_code, subject, event_code,
    event_date, due_date, owner_code, household_id, town_code. Ordered by the days it is late, then by number.
    """
    said = [
        (kind.code, event.code, event.zh, event.is_end)
        for kind in rules.kind_list
        for event in kind.event_list
    ]
    schema = {"kind_code": pl.String, "event_code": pl.String, "state_zh": pl.String, "is_end": pl.Boolean}
    named = matters.join(
        pl.DataFrame(said, schema=schema, orient="row"), on=["kind_code", "event_code"], how="left"
    )
    late = (pl.lit(as_of) - pl.col("due_date")).dt.total_days().clip(lower_bound=0).fill_null(0)
    still = named.filter(~pl.col("is_end").fill_null(False)).drop("is_end")
    rows = still.with_columns(late_days=late).with_columns(is_overdue=pl.col("late_days") > 0)
    return rows.sort("late_days", "case_no", "step_id", descending=[True, False, False])
