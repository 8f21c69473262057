"""County pages of one date: how the county's stations stand, and the red households beyond their hands."""

from __future__ import annotations

from datetime import date

import polars as pl

from divisions.present import towns_at, villages_at
from exchange.lists.county import HANDS, PRICE, CountyHeader, write_county
from exchange.lists.county_cases import CASE_COUNTS
from exchange.stations.hands_line import hands_line
from flows.context.home import replaced_folder
from flows.context.places import with_county_names, with_town_names
from flows.context.site import Site
from flows.delivery.case_numbers import with_case_numbers
from transforms.alerts.counts import COUNTS, line_states, red_beyond, station_counts
from transforms.alerts.status import GAP_SIGNAL
from warehouse.casework.for_lists import to_see_to
from warehouse.database.partitions import partition
from warehouse.queries.alerts import listed_before, red_beyond_since

UNPLACED = "unplaced"  # the page of the households whose county nobody knows

_COUNTED = ("queue", "household_id", "town_code", "county_code", "level", "is_listed", "status",
            "is_overflow_red")  # fmt: skip
_SHOWN_RED = (*_COUNTED, "alert_id", "village_code", "due_date", "signal_ids")


def counts_at(site: Site, as_of: date) -> pl.DataFrame:
    """The date's counts by town (transforms.alerts.counts), for list heads, county pages and report alike."""
    alerts = partition(site.con, "mart.alert", as_of, *_COUNTED)
    return station_counts(line_states(alerts, listed_before(site.con, as_of)))


def capacities(site: Site, as_of: date) -> pl.DataFrame:
    """town_code, capacity of every station of the date (mart.station)."""
    return partition(site.con, "mart.station", as_of, "town_code", "capacity")


def hands_lines(site: Site, as_of: date) -> dict[str, str]:
    """town_code -> what its list says of the station's hands."""
    stations = partition(site.con, "mart.station", as_of)
    return {row["town_code"]: hands_line(row) for row in stations.iter_rows(named=True)}


def _hands(site: Site, as_of: date) -> pl.DataFrame:
    """town_code and what the county's page says of each station's hands, but for the capacity."""
    shown = [name for name in (*HANDS, PRICE) if name != "capacity"]
    return partition(site.con, "mart.station", as_of, "town_code", *shown)


def write_county_lists(site: Site, as_of: date, stations: pl.DataFrame) -> None:
    """counties/<as_of>/<county code>.xlsx for every county with a station, and one for the unplaced.

    `stations`: town_code, town_name, capacity of every station of the date.
    """
    lines = _red_lines(site, as_of)
    counted = counts_at(site, as_of).drop("county_code")
    stations = stations.join(_hands(site, as_of), on="town_code", how="left", maintain_order="left")
    rows = stations.join(counted, on="town_code", how="full", coalesce=True, nulls_equal=True)
    rows = rows.join(_to_see_to(site, as_of), on="town_code", how="left", nulls_equal=True)
    rows = rows.with_columns(pl.col(*COUNTS).fill_null(0), county_code=pl.col("town_code").str.slice(0, 6))
    names = {s.id: s.name_zh for s in site.catalogue.signals_at(as_of)} | {GAP_SIGNAL: "可能应享未享"}
    counties = with_county_names(rows.select("county_code").unique().sort("county_code", nulls_last=True))
    with replaced_folder(site.home.dated("counties", as_of), site.home.scratch) as fresh:
        for code, name in counties.rows():
            here = pl.col("county_code").eq_missing(pl.lit(code, pl.String))
            header = CountyHeader(code or "", name if code else "", as_of, names, site.version)
            own = rows.filter(here).sort("town_code", nulls_last=True)
            write_county(fresh / f"{code or UNPLACED}.xlsx", header, own, lines.filter(here))


def _to_see_to(site: Site, as_of: date) -> pl.DataFrame:
    """town_code and CASE_COUNTS, those that nothing counts 0."""
    found = to_see_to(site.con, as_of)
    return found.select(
        "town_code",
        *(pl.col(n) if n in found.columns else pl.lit(0, pl.Int64).alias(n) for n in CASE_COUNTS),
    )


def _red_lines(site: Site, as_of: date) -> pl.DataFrame:
    red = red_beyond(partition(site.con, "mart.alert", as_of, *_SHOWN_RED))
    villages = villages_at(as_of, site.changes).select("village_code", "village_name")
    since = red_beyond_since(site.con, as_of)
    red = red.join(villages, on="village_code", how="left", maintain_order="left")
    red = red.join(since, on="household_id", how="left", maintain_order="left", nulls_equal=True)
    red = with_case_numbers(site, as_of, red).with_columns(pl.coalesce("case_no", "alert_id"))
    return with_town_names(red, towns_at(as_of, site.changes))
