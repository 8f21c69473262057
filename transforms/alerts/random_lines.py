"""The households drawn at random to learn what the ranking misses, and their rows.

    random_lines(seats, operations) -> Expr              lines of each station that chance may fill
    drawn_lines(seated, seats, history, inputs) -> DataFrame(case_id, audit_pool_cnt, _town_code, …)
    with_drawn(seated, drawn, inputs) -> DataFrame       the alerts with arm, is_listed and the drawn rows

The audit arm takes its share of the capacity from every household of the town not otherwise listed, not
resting after a visit and not open on an earlier list of the month, those without any signal included: each
has the same chance, audit_pool_cnt says how many they were.
"""

from __future__ import annotations

import polars as pl
import polars_hash as plh

from transforms.alerts.inputs import AlertInputs, Operations
from transforms.alerts.status import resting_cases
from transforms.alerts.texts import AUDIT_QUESTIONS, AUDIT_ZH
from zhaoren.chinese import date_zh


def random_lines(seats: pl.DataFrame, operations: Operations) -> pl.Expr:
    """How many lines of each station's capacity chance may fill: a column audit_lines of `seats`."""
    # Decimal rounding is Python's; few capacities differ, so each is worked out once.
    sizes = seats["capacity"].unique().sort().to_list()
    lines = {size: operations.audit_lines(size) for size in sizes}
    return pl.col("capacity").replace_strict(lines, default=0, return_dtype=pl.Int64).alias("audit_lines")


def drawn_lines(
    seated: pl.DataFrame, seats: pl.DataFrame, history: pl.DataFrame, inputs: AlertInputs
) -> pl.DataFrame:
    """The audit arm: case_id, audit_pool_cnt and what the rows of households without an alert need.

    An audit visit that is still open and not overdue keeps its line; the other lines go by a hash of date and
    household, which nobody chooses and anybody can recompute.
    """
    households, as_of = inputs.households, inputs.as_of
    listed = seated.filter(pl.col("is_listed")).select("case_id")
    resting = resting_cases(history.filter(pl.col("queue") == "need"), as_of).select("case_id")
    pool = households.select(
        pl.col("household_id").alias("case_id"), "town_code", "village_code", *_members(households)
    )
    # A household known to be empty is not drawn; one of unknown size is.
    pool = pool.filter(pl.col("town_code").is_not_null() & (pl.col("_members") != 0).fill_null(True))
    pool = pool.join(pl.concat([listed, resting]), on="case_id", how="anti")
    open_ = history.filter(
        (pl.col("queue") == "need") & (pl.col("open_arm") == "audit") & (pl.col("open_due") >= as_of)
    ).select("case_id", "open_due", "first_listed_date")
    pool = pool.join(open_, on="case_id", how="left").join(seats, on="town_code")
    ticket = plh.concat_str(pl.lit(f"audit|{as_of.isoformat()}|"), pl.col("case_id")).chash.sha2_256()
    pool = pool.with_columns(
        ticket.alias("_ticket"), pl.len().over("town_code").cast(pl.Int64).alias("audit_pool_cnt")
    )
    pool = pool.sort(pl.col("open_due").is_null(), "town_code", "_ticket", "case_id")
    drawn = pool.filter(pl.int_range(pl.len()).over("town_code") < pl.col("audit_lines"))
    columns = ["case_id", "audit_pool_cnt", "town_code", "village_code", "open_due", "first_listed_date"]
    return drawn.select(columns).rename(
        {c: f"_{c}" for c in columns if c not in ("case_id", "audit_pool_cnt")}
    )


def with_drawn(seated: pl.DataFrame, drawn: pl.DataFrame, inputs: AlertInputs) -> pl.DataFrame:
    """The alerts with the drawn ones listed as arm `audit`; rows are added for those without a signal."""
    rows = pl.concat(
        [seated.join(drawn, on="case_id", how="left"), _without_alert(drawn, seated, inputs)], how="diagonal"
    )
    audit = pl.col("audit_pool_cnt").is_not_null()
    reason = pl.when(audit & pl.col("signal_ids").ne("")).then(
        pl.format("{}；另有提示：{}", pl.lit(AUDIT_ZH), "reason_zh")
    )
    return rows.with_columns(
        reason.otherwise(pl.col("reason_zh")).alias("reason_zh"),
        pl.when(audit).then(pl.lit("audit")).otherwise(pl.col("arm")).alias("arm"),
        (pl.col("is_listed") | audit).alias("is_listed"),
    )


def _members(households: pl.DataFrame) -> list[pl.Expr]:
    known = "member_cnt" in households.columns
    return [(pl.col("member_cnt") if known else pl.lit(None, dtype=pl.Int64)).alias("_members")]


def _without_alert(drawn: pl.DataFrame, seated: pl.DataFrame, inputs: AlertInputs) -> pl.DataFrame:
    """Rows for drawn households that have no alert of their own."""
    bare = drawn.join(seated.select("case_id"), on="case_id", how="anti")
    seen = pl.col("_open_due").is_not_null()
    as_of, empty = inputs.as_of, ("signal_ids", "signal_person_ids", "benefit_ids", "missing_benefits_zh")
    return bare.select(
        "case_id",
        "audit_pool_cnt",
        pl.lit(as_of).alias("as_of"),
        pl.col("case_id").alias("household_id"),
        pl.col("_town_code").alias("town_code"),
        pl.col("_town_code").str.slice(0, 6).alias("county_code"),
        pl.col("_village_code").alias("village_code"),
        pl.lit("need").alias("queue"),
        pl.lit("blue").alias("level"),
        *(pl.lit("").alias(c) for c in empty),
        pl.lit(f"{AUDIT_ZH}，{date_zh(as_of)}抽取。").alias("reason_zh"),
        pl.lit(AUDIT_QUESTIONS).alias("questions_zh"),
        pl.lit(0, dtype=pl.Int64).alias("points"),
        pl.when(seen).then(pl.lit("repeated")).otherwise(pl.lit("new")).alias("status"),
        pl.coalesce("_open_due", pl.lit(inputs.due_dates["blue"])).alias("due_date"),
        pl.coalesce("_first_listed_date", pl.lit(as_of)).alias("first_listed_date"),
        pl.lit(True).alias("is_listed"),
    )
