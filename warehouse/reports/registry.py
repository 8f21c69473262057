"""All metrics in the order reports show them, and their reading: the rows behind every number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch
from warehouse.reports.appraisal import APPRAISED
from warehouse.reports.funnel import FUNNEL
from warehouse.reports.metric import Metric
from warehouse.reports.work import ACTIVITIES, CASES, KEY_PERSONS, STEPS_OF_MONTHS, YIELD

METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (*FUNNEL, *CASES, *KEY_PERSONS, *STEPS_OF_MONTHS, *YIELD, *ACTIVITIES, *APPRAISED)
}
ROWS = {"metric": pl.String, "town_code": pl.String, "part": pl.String, "value": pl.Float64}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a report is about: its first and last day, and the day whose knowledge counts.

    need_codes, no_visit_codes: results that say that need was found, or that nobody was visited.
    open_states: of a case. signal_departments: signal_id, department.
    """

    first_date: date
    last_date: date
    day: date
    need_codes: tuple[str, ...]
    no_visit_codes: tuple[str, ...]
    open_states: tuple[str, ...]
    signal_departments: pl.DataFrame

    def frames(self) -> dict[str, pl.DataFrame]:
        """The relations that queries read beside the warehouse's own."""
        dates = {"first_date": [self.first_date], "last_date": [self.last_date], "day": [self.day]}
        return {
            "asked": pl.DataFrame(dates),
            "need_code": _codes("result_code", self.need_codes),
            "no_visit_code": _codes("result_code", self.no_visit_codes),
            "open_state": _codes("state", self.open_states),
            "signal_department": self.signal_departments,
        }


def rows_behind(con: duckdb.DuckDBPyConnection, asked: Asked, *names: str) -> pl.DataFrame:
    """metric, town_code, part, value: the rows of every metric's query, or of those of `names`.

    Sums: one row per town and part. Medians: one row per thing, whose median is taken at each level.
    """
    frames = asked.frames()
    found = [_rows(con, METRICS[name], frames) for name in (names or METRICS)]
    return pl.concat(found) if found else pl.DataFrame(schema=ROWS)


# Where the first thing may have happened that a report counts: table -> its day.
_DAYS = {
    "mart.alert": "as_of",
    "mart.case": "opened_date",
    "mart.case_event": "event_date",
    "mart.visit": "coalesce(found_date, known_date)",
    "mart.contact": "contact_date",
    "mart.step": "event_date",
    "mart.key_person": "as_of",
    "mart.station": "as_of",
    "mart.activity": "service_date",
}


def first_day(con: duckdb.DuckDBPyConnection) -> date | None:
    """The day of the first thing that reports count; None where there is none yet."""
    days = " UNION ALL ".join(f"SELECT min({day}) AS day FROM {table}" for table, day in _DAYS.items())
    found = con.execute(f"SELECT min(day) FROM ({days})").fetchone()
    return found[0] if found else None


def _rows(con: duckdb.DuckDBPyConnection, metric: Metric, frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    rows = fetch(con, f"SELECT * FROM ({metric.query}) ORDER BY ALL", None, **frames)
    named = rows.select(pl.lit(metric.name).alias("metric"), "town_code", "part", "value")
    return named.cast(pl.Schema(ROWS))


def _codes(name: str, codes: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame({name: list(codes)}, schema={name: pl.String})
