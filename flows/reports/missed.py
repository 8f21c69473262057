"""What the lists find and what they miss, from the lines that were drawn at random. Needs no truth."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from exchange.reports.missed_part import Missed
from flows.context.site import Site
from models.evaluation.random_estimates import LATE_DAYS, MATURE_DAYS, estimates
from warehouse.queries.random_lines import drawn_from, lines_with_chances


def missed_by_lists(site: Site, known_by: date, area: str = "", since: date = date.min) -> pl.DataFrame:
    """One row "all" and one per list date (as_of, text) that had time to be answered: `estimates`' columns.

    area: the first digits of a place's code; all stations by default. since: the first list date.
    """
    verified = {code.code: code.is_verified_need for code in site.catalogue.result_codes}
    told = {code: need for code, need in verified.items() if need is not None}
    until = known_by - timedelta(days=MATURE_DAYS)
    lines = lines_with_chances(site.con, known_by, until, sorted(told), LATE_DAYS)
    label = pl.col("result_code").replace_strict(told, default=None, return_dtype=pl.Boolean)
    lines = _in(area, since, lines.with_columns(label=label))
    draws = _in(area, since, drawn_from(site.con, until))
    each = estimates(lines, draws, ["as_of"]).with_columns(pl.col("as_of").cast(pl.String))
    every = estimates(lines, draws).select(pl.lit("all").alias("as_of"), pl.all())
    return pl.concat([every, each])


def missed_of_year(site: Site, day: date, area: str) -> Missed:
    """What a place's report says of the lists of the year up to the day."""
    row = missed_by_lists(site, day, area, day.replace(month=1, day=1)).row(0, named=True)
    return Missed(
        held=row["recall_share"],
        low=row["recall_low"],
        high=row["recall_high"],
        naive=row["recall_naive"] if row["reason"] is None else None,
        confirmed=row["yield_share"] if row["reason"] != "few_certain" else None,
        answered=row["answered_share"],
        reason=row["reason"],
    )


def _in(area: str, since: date, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("town_code").str.starts_with(area), pl.col("as_of") >= since)
