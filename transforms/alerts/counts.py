"""How many households each word of list, county page and report stands for: counted here and nowhere else.

    line_states(alerts, earlier) -> alerts with line_state: how the line stands against earlier lists
    station_counts(alerts) -> DataFrame(town_code, county_code, COUNTS), one row per town, of the need queue
    red_beyond(alerts) -> the red ones beyond their station's hours, in the order in which they are due

An open alert is listed or it waits; a suppressed one rests after a visit and is neither. Every red one that
has a town is listed; beyond the hours are those for whom hands are missing, or whose town nobody knows.
What the words of all papers are in Chinese stands in exchange/templates/terms.yaml.
"""

from __future__ import annotations

import polars as pl

# Of a line: new (never listed before), returned (listed before and settled then), repeated, escalated.
LINE_STATES = ("new", "returned", "repeated", "escalated")
COUNTS = (
    *("listed_cnt", "waiting_cnt", "red_cnt", "red_beyond_cnt", "suppressed_cnt"),
    *(f"{state}_cnt" for state in LINE_STATES),
)


def line_states(alerts: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """With `line_state`; `earlier`: queue, household_id of every line of an earlier list.

    A case that comes back after it was settled is kept as new, which is what its deadline follows; but a
    reader who knows the family must not be told that it is.
    """
    known = earlier.select("queue", "household_id").drop_nulls().unique().with_columns(_known=pl.lit(True))
    rows = alerts.join(known, on=["queue", "household_id"], how="left", maintain_order="left")
    returned = (pl.col("status") == "new") & pl.col("_known").fill_null(False)
    state = pl.when(returned).then(pl.lit("returned")).otherwise("status")
    return rows.with_columns(state.alias("line_state")).drop("_known")


def station_counts(alerts: pl.DataFrame) -> pl.DataFrame:
    """The need queue's counts by town, as `line_states` gave them; no town is a row of its own, the last."""
    listed, red = pl.col("is_listed"), pl.col("level") == "red"
    waiting = _waiting()
    parts = {
        "listed_cnt": listed,
        "waiting_cnt": waiting,
        "red_cnt": red & (listed | waiting),
        "red_beyond_cnt": pl.col("is_overflow_red"),
        "suppressed_cnt": pl.col("status") == "suppressed",
        **{f"{state}_cnt": listed & (pl.col("line_state") == state) for state in LINE_STATES},
    }
    counted = [parts[name].sum().cast(pl.Int64).alias(name) for name in COUNTS]
    need = alerts.filter(pl.col("queue") == "need")
    return need.group_by("town_code", "county_code").agg(counted).sort("town_code", nulls_last=True)


def red_beyond(alerts: pl.DataFrame) -> pl.DataFrame:
    """The rows behind red_beyond_cnt, one per household."""
    rows = alerts.filter(pl.col("queue") == "need", pl.col("is_overflow_red"))
    return rows.sort("county_code", "town_code", "due_date", "village_code", "alert_id", nulls_last=True)


def _waiting() -> pl.Expr:
    return ~pl.col("is_listed") & (pl.col("status") != "suppressed")
