"""What the made-up offices decide about applications that visits helped to make.

    decisions(applications, seed) -> applications with months_taken (0, 1 or 2; null: never granted)

    applications  household_no, benefit_id, found_date

The rates are made up: most decisions take a month, one application in seven is refused or goes astray.
Whether the household is entitled at all the living province sees to (province/life/grants.py).
"""

from __future__ import annotations

import polars as pl

from province.station.luck import lucks

GRANTED_NOW, GRANTED_NEXT, GRANTED_LATE = 0.55, 0.25, 0.06


def decisions(applications: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Each application's months until it is granted; the same application and seed decide alike for ever."""
    drawn = lucks(applications, ["household_no", "benefit_id", "found_date"], "_luck", seed)
    first, second = GRANTED_NOW, GRANTED_NOW + GRANTED_NEXT
    taken = (
        pl.when(pl.col("_luck") < first)
        .then(0)
        .when(pl.col("_luck") < second)
        .then(1)
        .when(pl.col("_luck") < second + GRANTED_LATE)
        .then(2)
    )
    return applications.with_columns(drawn).with_columns(months_taken=taken.cast(pl.Int64)).drop("_luck")
