"""What the lists find and what they miss, from the lines that were drawn at random. Needs no truth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import polars as pl

from exchange.reports.missed_part import Duel, Missed
from flows.context.parameters import group
from flows.context.site import Site
from models.evaluation.duel import duel
from models.evaluation.random_estimates import LATE_DAYS, MATURE_DAYS, estimates
from warehouse.queries.duel import duel_rows
from warehouse.queries.random_lines import drawn_from, lines_with_chances


def missed_by_lists(site: Site, known_by: date, area: str = "", since: date = date.min) -> pl.DataFrame:
    """One row "all" and one per list date (as_of, text) that had time to be answered: `estimates`' columns.

    area: the first digits of a place's code; all stations by default. since: the first list date.
    """
    told = _told(site)
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
        duel=tuple(_duels(duel_of_year(site, day, area))),
    )


def _duels(table: pl.DataFrame) -> Iterator[Duel]:
    columns = ("listed_share", "nominated_share", "difference", "difference_low", "difference_high")
    for row in table.rows(named=True):
        yield Duel(row["quarter"], *(row[name] for name in columns))


def duel_of_year(site: Site, day: date, area: str) -> pl.DataFrame:
    """Each quarter of the year: families that a place's stations named, beside their lists'; see `duel`."""
    told = _told(site)
    most = int(group(site.catalogue, "operations", day)["duel_household_cnt"])
    since = day.replace(month=1, day=1)
    rows = duel_rows(site.con, day, since, sorted(told), most=most, days=LATE_DAYS)
    label = pl.col("result_code").replace_strict(told, default=None, return_dtype=pl.Boolean)
    return duel(rows.filter(pl.col("town_code").str.starts_with(area)).with_columns(label=label))


def _told(site: Site) -> dict[str, bool]:
    """The result codes that tell whether there is need."""
    verified = {code.code: code.is_verified_need for code in site.catalogue.result_codes}
    return {code: need for code, need in verified.items() if need is not None}


def _in(area: str, since: date, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("town_code").str.starts_with(area), pl.col("as_of") >= since)
