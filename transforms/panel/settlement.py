"""Medical bills with reversals netted out, per person and per household and month.

    settlement_net(core) -> DataFrame(person_id, settlement_date, burden_fen) | None
    household_months(core, members, history_months) -> DataFrame(household_id, burden_1m_yuan,
        burden_median_yuan_month, burden_month_cnt) | None

'自付' here is personal_burden_yuan (个人负担总金额), one of its four meanings.
"""

from __future__ import annotations

import polars as pl

from transforms.core_as_of import CoreAsOf
from transforms.expressions import fen, yuan

EXTRACT = "settlement"


def settlement_net(core: CoreAsOf) -> pl.DataFrame | None:
    """Bills up to the date in fen. Departments reverse a bill in two ways, and both net to nothing:

    a second, negative row under a new number, which is simply added; or the same number delivered again with
    the status 'reversed' (whatever its sign), which replaces the first and then counts for nothing.
    """
    bills, every_row = core.last_rows(EXTRACT), core.cut(EXTRACT)
    if bills is None or every_row is None:
        return None
    valid = every_row.filter(pl.col("settlement_status_code") == "valid").select("settlement_id").unique()
    bills = bills.join(valid.with_columns(pl.lit(True).alias("_was_valid")), on="settlement_id", how="left")
    amount = fen("personal_burden_yuan")
    reversed_ = pl.col("settlement_status_code") == "reversed"
    # A positive amount marked reversed voids itself; a negative one is the counter-entry and is added, unless
    # the same number was valid before: then it is that bill, sent again.
    void = reversed_ & (pl.col("_was_valid").fill_null(False) | (amount > 0))
    return bills.filter(pl.col("settlement_date") <= core.as_of).select(
        "person_id", "settlement_date", pl.when(void).then(0).otherwise(amount).alias("burden_fen")
    )


def household_months(core: CoreAsOf, members: pl.DataFrame, history_months: int) -> pl.DataFrame | None:
    """The newest complete month's bills of each household against the median of its earlier months.

    members(household_id, person_id). The newest month is the one that the newest delivery is about. The
    median runs over the earlier months, at most `history_months`, that had a bill at all; their number is
    burden_month_cnt. Households without a bill are not among the rows.
    """
    bills = settlement_net(core)
    delivered = core.newest_month(EXTRACT)
    if bills is None or delivered is None:
        return None
    newest = pl.lit(delivered, dtype=pl.Date).dt.month_start()
    first = newest.dt.offset_by(f"-{history_months}mo")
    month = pl.col("settlement_date").dt.month_start()
    monthly = (
        bills.join(members.select("household_id", "person_id"), on="person_id")
        .group_by("household_id", month.alias("month"))
        .agg(pl.col("burden_fen").sum())
        .filter(pl.col("burden_fen") > 0)
    )
    earlier = (pl.col("month") >= first) & (pl.col("month") < newest)
    # Medians of whole fen are whole or half a fen: flooring loses at most half a fen and stays exact.
    summary = monthly.group_by("household_id").agg(
        pl.col("burden_fen").filter(pl.col("month") == newest).sum().alias("burden_1m"),
        pl.col("burden_fen").filter(earlier).median().floor().cast(pl.Int64).alias("burden_median"),
        earlier.sum().cast(pl.Int64).alias("burden_month_cnt"),
    )
    return summary.select(
        "household_id",
        yuan(pl.col("burden_1m")).alias("burden_1m_yuan"),
        yuan(pl.col("burden_median")).alias("burden_median_yuan_month"),
        "burden_month_cnt",
    )
