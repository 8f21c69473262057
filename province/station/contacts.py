"""Calls and knocks on doors before a visit, as the made-up station writes them down.

    contacts(visits, unvisited, seed) -> DataFrame(alert_id, contact_date, part_of_day, way_code,
        contact_result, worker)

    visits     alert_id, found_date, result_code (province/truth/visits.py)
    unvisited  alert_id, as_of of listed lines that were not visited: somebody tried to call some of them

The rates are made up: three families in ten do not answer the first call, one number in twelve is wrong.
Whoever is "away" at the visit was tried in the morning, the afternoon and the evening, and a neighbour or the
village was asked; one worker in eight forgets the last of these.
"""

from __future__ import annotations

import polars as pl

from province.station.luck import lucks

SILENT, WRONG, FORGETS, TRIED = 0.30, 0.08, 0.12, 0.5
WORKER = "社工甲"
_COLUMNS = ["alert_id", "contact_date", "part_of_day", "way_code", "contact_result"]


def contacts(visits: pl.DataFrame, unvisited: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Every try, sorted by case and day; see the top of this file."""
    met = _drawn(visits.filter(pl.col("result_code") != "60"), seed)
    away = _drawn(visits.filter(pl.col("result_code") == "60"), seed)
    idle = _drawn(unvisited.with_columns(found_date=pl.col("as_of") + pl.duration(days=12)), seed)
    parts = [
        _try(met.filter(pl.col("first") < WRONG), -2, "morning", "phone", "wrong_number"),
        _try(
            met.filter(pl.col("first").is_between(WRONG, SILENT, closed="left")),
            -2,
            "morning",
            "phone",
            "no_answer",
        ),
        _try(met.filter(pl.col("first") >= WRONG), -1, "afternoon", "phone", "reached"),
        _try(met.filter(pl.col("first") < WRONG), 0, "morning", "door", "reached"),
        _try(away, -3, "morning", "phone", "no_answer"),
        _try(away, -1, "afternoon", "phone", "no_answer"),
        _try(away, 0, "evening", "door", "no_answer"),
        _try(away.filter(pl.col("last") >= FORGETS), 0, "evening", "neighbour", "away"),
        _try(idle.filter(pl.col("last") < TRIED), 0, "morning", "phone", "no_answer"),
    ]
    return pl.concat(parts).with_columns(worker=pl.lit(WORKER)).sort(*_COLUMNS)


def _drawn(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    draws = [lucks(rows, ["alert_id"], name, seed) for name in ("first", "last")]
    return rows.with_columns(draws)


def _try(rows: pl.DataFrame, days: int, part: str, way: str, result: str) -> pl.DataFrame:
    day = (pl.col("found_date") + pl.duration(days=days)).cast(pl.Date)
    return rows.select(
        "alert_id",
        day.alias("contact_date"),
        part_of_day=pl.lit(part),
        way_code=pl.lit(way),
        contact_result=pl.lit(result),
    )
