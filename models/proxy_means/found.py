"""Labels: of households whose income was unknown on a date, whose was found below the line soon after.

Who is on a roll today is unlike who ought to be: the roll is full of families poor for years, and those that
it misses fell lately. Learned from the standing rolls, a test orders the unknown little better than
chance (0.16 of its first 290 below the line where 0.09 are; learned from those found later 0.27 to 0.30).
So a row is a household whose income was unknown on the date, with what was known of it then, and its answer
is whether rolls and registers found its income below the line within three months.

A household that our own lists brought a visit is left out around that visit: it was found because we had
chosen it, and learning from that would teach the test our own choices. Visits have their say at the door
(door.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from models.features.frame_checks import need_columns, one_row_each

# A quarter: applications are decided within one, and the rolls come once a month.
SPAN_DAYS = 92


class Incomes(NamedTuple):
    """What was known of every household's income on a date: household_id, income_share.

    income_share: income a head as a share of the line of the place; null where either is unknown.
    """

    as_of: date
    households: pl.DataFrame


# What of a household tells whether its income is asked for; where it lives tells the line.
FACTS = ("household_id", "income_yuan_month", "tier_code", "member_cnt")
PLACE = ("place_tier_code", "town_code", "village_code")


def incomes_of(households: pl.DataFrame, line: pl.Series) -> pl.DataFrame:
    """household_id, member_cnt, line_yuan_month, income_share of those whose income is known or asked for.

    line: of each row, yuan a month and head. Asked are living households whose place has a line and whose
    tier is known and not one that is reviewed by income anyhow; of others no unknown income is a question.
    """
    need_columns(households, FACTS, "households")
    rows = households.select(*FACTS).with_columns(line_yuan_month=line.cast(pl.Float64))
    rows = rows.drop_nulls("line_yuan_month")
    share = pl.col("income_yuan_month").cast(pl.Float64) / pl.col("line_yuan_month")
    asked = (pl.col("member_cnt") > 0) & pl.col("tier_code").is_in(_ASKED)
    rows = rows.with_columns(income_share=share).filter(share.is_not_null() | asked.fill_null(False))
    return rows.select("household_id", "member_cnt", "line_yuan_month", "income_share")


# Recognised as nothing that is paid by income; a family on the watch list may have no sum on file.
_ASKED = ("none", "watch", "rigid")
LABELS = pl.Schema(
    {
        "as_of": pl.Date,
        "household_id": pl.String,
        "label": pl.Boolean,
        "found_on": pl.Date,
        "income_share": pl.Float64,
    }
)


def found_incomes(known: Sequence[Incomes], visits: pl.DataFrame) -> pl.DataFrame:
    """One row per household and date on which its income was unknown and something came after: LABELS.

    known: by date, oldest first. visits: household_id, found_date of every visit of our lists. label: found
    below the line on a later date within SPAN_DAYS; found_on, income_share: when, and what (null: nothing).
    The newest date has no rows: nothing came after it yet.
    """
    need_columns(visits, ["household_id", "found_date"], "visits")
    later = pl.DataFrame(schema={name: LABELS[name] for name in ("household_id", "found_on", "income_share")})
    parts = [pl.DataFrame(schema=LABELS)]
    for place in range(len(known) - 1, -1, -1):
        as_of, households = known[place]
        one_row_each(households, ["household_id"], "households")
        if place < len(known) - 1:
            unknown = households.filter(pl.col("income_share").is_null()).select("household_id")
            parts.append(_labelled(_unvisited(unknown, visits, as_of), later, as_of))
        now = households.drop_nulls("income_share").select(
            "household_id", pl.lit(as_of).alias("found_on"), "income_share"
        )
        # the first date on which it was known counts: what was known again later is the same finding
        later = pl.concat([now, later.join(now, on="household_id", how="anti")])
    return pl.concat(parts).sort("as_of", "household_id")


def _labelled(unknown: pl.DataFrame, later: pl.DataFrame, as_of: date) -> pl.DataFrame:
    soon = later.filter(pl.col("found_on") <= as_of + timedelta(days=SPAN_DAYS))
    rows = unknown.join(soon, on="household_id", how="left")
    return rows.select(
        pl.lit(as_of).alias("as_of"),
        "household_id",
        (pl.col("income_share") < 1).fill_null(False).alias("label"),
        "found_on",
        "income_share",
    )


def _unvisited(unknown: pl.DataFrame, visits: pl.DataFrame, as_of: date) -> pl.DataFrame:
    span = timedelta(days=SPAN_DAYS)
    near = visits.filter(pl.col("found_date").is_between(as_of - span, as_of + span))
    return unknown.join(near, on="household_id", how="anti")


def short_share(labelled: pl.DataFrame) -> float:
    """By how much of the line those found below it fell short, on average (0 to 1)."""
    found = labelled.filter("label").unique("household_id", keep="first", maintain_order=True)
    return round(float((1 - found["income_share"]).mean() or 0.0), 6)  # type: ignore[arg-type]
