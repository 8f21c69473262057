"""What a date's stations can do: their hours shared out, key persons planned, what waits, what is looked at
twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from flows.context.calendar import month_end
from flows.context.catalogue_frames import needs_found
from flows.context.parameters import group
from flows.context.site import Site
from policies.casework.key_person_rows import UNTOLD
from transforms.alerts.budget import next_in_line
from transforms.casework.key_plan import key_plan, still_due
from transforms.casework.spot_checks import spot_checks
from transforms.stations.hours import HoursRules, shared_again, shared_out, stations_on
from transforms.stations.waiting import station_rows, yields
from warehouse.casework.key_visits import answered_in_month, last_key_visits
from warehouse.casework.station_visits import spent_in_month, visits_by_kind, visits_to_check
from warehouse.queries.runs import list_dates


@dataclass(frozen=True)
class Stations:
    """The stations of a date before its lists are made.

    rows: transforms.stations.hours.shared_out; due: key persons due (policies.casework.key_person_rows);
    untold: how many of each town cannot be told.
    """

    rows: pl.DataFrame
    due: pl.DataFrame
    untold: pl.DataFrame
    rules: HoursRules


def stations_before(
    site: Site, as_of: date, towns: pl.DataFrame, keys: pl.DataFrame, untold: pl.DataFrame
) -> Stations:
    """Hours shared out between key persons and alerts. `towns`: town_code; `keys`: who is a key person."""
    rules = HoursRules.from_values(group(site.catalogue, "operations", as_of))
    due = still_due(keys, answered_in_month(site.con, as_of).select("person_id", "as_of"), as_of)
    every = pl.concat([towns.select("town_code"), due.select("town_code")])
    rows = stations_on(every, site.hands, spent_in_month(site.con, as_of), as_of)
    told = untold.group_by("town_code").agg(pl.col("key_unknown_cnt").sum()).cast(UNTOLD)
    return Stations(shared_out(rows, due, rules), due, told, rules)


def station_tables(
    site: Site, as_of: date, before: Stations, alerts: pl.DataFrame
) -> Mapping[str, pl.DataFrame]:
    """mart.station, mart.key_person and mart.spot_check of the date, once its lists are made."""
    listed = alerts.filter(pl.col("queue") == "need", "is_listed").group_by("town_code")
    rows = shared_again(before.rows, listed.agg(pl.len().cast(pl.Int64).alias("listed_cnt")))
    needs = needs_found(site.catalogue)
    found = yields(visits_by_kind(site.con, as_of), needs, before.rules.yield_visit_min_cnt)
    whole = rows.join(before.untold, on="town_code", how="left", maintain_order="left")
    whole = whole.with_columns(pl.col("key_unknown_cnt").fill_null(0))
    plan = rows.select("town_code", "key_planned_cnt")
    return {
        "mart.station": station_rows(alerts, next_in_line(alerts), whole, found, as_of),
        "mart.key_person": key_plan(before.due, last_key_visits(site.con, as_of), plan, month_end(as_of)),
        "mart.spot_check": _spot_checks(site, as_of, needs),
    }


def _spot_checks(site: Site, as_of: date, needs: pl.DataFrame) -> pl.DataFrame:
    since = max((day for day in list_dates(site.con) if day < as_of), default=None)
    visits = visits_to_check(site.con, as_of, since)
    visits = visits.join(needs, on="result_code", how="left", maintain_order="left")
    return spot_checks(visits, group(site.catalogue, "operations", as_of)["spot_check_share"], as_of)
