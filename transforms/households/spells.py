"""Who belonged to which household, and when: read from all population rolls, in the order of their months.

    household_spells(rows, rolls) -> DataFrame(household_id, person_id, relation_code, valid_from, valid_to),
        one row per unbroken membership, sorted; valid_to is exclusive, null while it lasts
    roll_days(rolls) -> DataFrame(period_month, part, day)

    rows   the living on the rolls: period_month, part, household_id, person_id, relation_code, each
           membership once per roll
    rolls  every population roll in force: period_month, part, first_date (the day a roll of that month first
           took effect)

A roll of month P counts from the day it came, if that lies in P or the month after, as it should. One that
came later counts from the end of that month: it is about the past and must not pass for newer than a later
month's roll. When a department sends its roll in parts, a membership ends only with a roll that covers it:
the next of the same part, or one of everybody.
"""

from __future__ import annotations

import polars as pl

KEY = ["household_id", "person_id", "relation_code"]
SPELL = [*KEY, "valid_from", "valid_to"]
OPEN = 1 << 40  # a position behind every roll: the membership lasts


def roll_days(rolls: pl.DataFrame) -> pl.DataFrame:
    """From which day each month's roll counts; of months that count from one day only the last is kept."""
    first = rolls.group_by("period_month").agg(pl.col("first_date").min()).sort("period_month")
    due = pl.col("period_month").dt.offset_by("1mo").dt.month_end()
    day = pl.min_horizontal("first_date", due).reverse().cum_min().reverse()
    days = first.select("period_month", day.alias("day")).unique("day", keep="last", maintain_order=True)
    parts = rolls.select("period_month", "part").unique()
    return parts.join(days, on="period_month").sort("period_month", "part")


def household_spells(rows: pl.DataFrame, rolls: pl.DataFrame) -> pl.DataFrame:
    """All membership spells; see the top of this file."""
    days = roll_days(rolls)
    spans = _spans(days)
    known = rows.join(spans, on=["period_month", "part"]).sort(*KEY, "_start", nulls_last=True)
    # Gaps and islands: rolls that follow each other without a break are one membership.
    reached = pl.col("_end").cum_max().shift(1).over(KEY)
    known = known.with_columns((pl.col("_start") > reached).fill_null(True).cum_sum().alias("_island"))
    merged = known.group_by(*KEY, "_island").agg(pl.col("_start").min(), pl.col("_end").max())
    at = days.select("day").unique().sort("day").with_row_index("_at")
    at = at.with_columns(pl.col("_at").cast(pl.Int64))
    merged = merged.join(at.rename({"_at": "_start", "day": "valid_from"}), on="_start", how="left")
    merged = merged.join(at.rename({"_at": "_end", "day": "valid_to"}), on="_end", how="left")
    return merged.select(SPELL).sort(SPELL, nulls_last=True)


def _spans(days: pl.DataFrame) -> pl.DataFrame:
    """Each roll's own position, and that of the next roll that covers the same people."""
    positions = days.select(
        "period_month", "part", (pl.col("day").rank("dense") - 1).cast(pl.Int64).alias("_start")
    )
    later = positions.select(pl.col("_start").alias("_next"), pl.col("part").alias("_other"))
    covers = (pl.col("_other") == pl.col("part")) | (pl.col("_other") == "") | (pl.col("part") == "")
    pairs = positions.join(later, how="cross").filter((pl.col("_next") > pl.col("_start")) & covers)
    ends = pairs.group_by("period_month", "part").agg(pl.col("_next").min().alias("_end"))
    return positions.join(ends, on=["period_month", "part"], how="left").with_columns(
        pl.col("_end").fill_null(OPEN)
    )
