"""Visits drawn for a second look, each with the chance it had, so that the answers correct the labels.

    spot_checks(visits, share, as_of) -> DataFrame with the columns of mart.spot_check

A stratum is a county, and whether need was reported. Of each the share is drawn, rounded half up, and at
least one visit: the chance of each is the number drawn through the number there is. Which ones they are
follows from a hash of date and visit, which nobody chooses and anybody can work out again.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import polars_hash as plh

from data_contracts.registry.tables import schema

SPOT_CHECK_SCHEMA = schema("mart.spot_check")
FOUND, NOT_FOUND = "found", "not_found"


def spot_checks(visits: pl.DataFrame, share: Decimal, as_of: date) -> pl.DataFrame:
    """One row per visit drawn, sorted by visit_id.

    `visits`, each once: visit_id, case_no, county_code, is_need; those that cannot tell (null) are not drawn.
    """
    told = visits.drop_nulls(["county_code", "is_need"])
    need = pl.when("is_need").then(pl.lit(FOUND)).otherwise(pl.lit(NOT_FOUND))
    ticket = plh.concat_str(pl.lit(f"spot_check|{as_of.isoformat()}|"), pl.col("visit_id")).chash.sha2_256()
    rows = told.with_columns(
        pl.format("{}-{}", "county_code", need).alias("stratum"),
        ticket.alias("_ticket"),
        pl.lit(as_of).alias("as_of"),
    )
    rows = rows.with_columns(pl.len().over("stratum").cast(pl.Int64).alias("_size"))
    # Decimal rounding is Python's; few sizes differ, so each is worked out once.
    drawn = {size: _drawn(size, share) for size in rows["_size"].unique().sort().to_list()}
    count = pl.col("_size").replace_strict(drawn, default=0, return_dtype=pl.Int64)
    rows = rows.with_columns(count.alias("_drawn"), (count / pl.col("_size")).alias("share"))
    rows = rows.sort("stratum", "_ticket", "visit_id")
    rows = rows.filter(pl.int_range(pl.len()).over("stratum") < pl.col("_drawn"))
    return rows.select(pl.col(name).cast(dtype) for name, dtype in SPOT_CHECK_SCHEMA.items()).sort("visit_id")


def _drawn(size: int, share: Decimal) -> int:
    return min(size, max(1, int((share * size).quantize(Decimal(1), ROUND_HALF_UP))))
