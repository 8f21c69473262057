"""The made-up station's rounds: key persons' monthly visits, services, and families that neighbours report.

key_visits(due, as_of, seed) -> DataFrame(key_no, town_code, visited_date, excuse_code, worker)
services(towns, codes, as_of, seed) -> DataFrame(town_code, service_date, service_code, form_code,
    person_cnt, volunteer_cnt, resource_yuan, worker)
reported(needy, as_of, seed) -> DataFrame(town_code, id_number, name, village_name, source_code,
    result_code, found_date, worker)

due     key_no, town_code, is_planned of the month's key persons
codes   service codes that may be reported
needy   town_code, household_id, id_number, name, village_name: truly in hardship, on no list, one adult each
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from province.station.luck import lucks

DONE, EXCUSED = 0.90, 0.95  # of those that fit into the hours; of the others a third is visited all the same
BEYOND_HOURS = 0.33
REPORTED = 0.02  # of families in hardship on no list, a month
EXCUSES = ("hospital", "relatives", "away", "refused")
FORMS = ("case", "group", "community")
SERVICES_PER_STATION = 4
WORKER = "社工乙"


def key_visits(due: pl.DataFrame, as_of: date, seed: int) -> pl.DataFrame:
    """Who was visited, who was excused; whoever is in neither stays open."""
    rows = due.sort("town_code", "key_no")
    keys = ["town_code", "key_no"]
    draws = [lucks(rows, keys, f"{name}|{as_of}", seed).alias(name) for name in ("_met", "_day", "_why")]
    rows = rows.with_columns(draws)
    done = pl.when("is_planned").then(pl.lit(DONE)).otherwise(pl.lit(BEYOND_HOURS))
    gone = pl.when("is_planned").then(pl.lit(EXCUSED)).otherwise(pl.lit(BEYOND_HOURS))
    day = pl.lit(as_of) + pl.duration(days=1 + (pl.col("_day") * 18).floor().cast(pl.Int64))
    why = (pl.col("_why") * len(EXCUSES)).floor().cast(pl.Int64)
    excuse = why.replace_strict(dict(enumerate(EXCUSES)), return_dtype=pl.String)
    return rows.filter(pl.col("_met") < gone).select(
        "key_no",
        "town_code",
        visited_date=pl.when(pl.col("_met") < done).then(day.cast(pl.Date)),
        excuse_code=pl.when(pl.col("_met") >= done).then(excuse),
        worker=pl.lit(WORKER),
    )


def services(towns: pl.Series, codes: list[str], as_of: date, seed: int) -> pl.DataFrame:
    """A few services of each station in the month."""
    numbers = pl.DataFrame({"no": range(SERVICES_PER_STATION)})
    rows = pl.DataFrame({"town_code": towns.sort()}).join(numbers, how="cross")
    names = ("_code", "_form", "_day", "_persons", "_helpers")
    rows = rows.with_columns(lucks(rows, ["town_code", "no"], f"{n}|{as_of}", seed).alias(n) for n in names)

    def pick(of: list[str] | tuple[str, ...], by: str) -> pl.Expr:
        at = (pl.col(by) * len(of)).floor().cast(pl.Int64)
        return at.replace_strict(dict(enumerate(of)), return_dtype=pl.String)

    form = pick(FORMS, "_form")
    size = form.replace_strict({"case": 2, "group": 12, "community": 60}, return_dtype=pl.Int64)
    return rows.select(
        "town_code",
        service_date=(
            pl.lit(as_of) + pl.duration(days=1 + (pl.col("_day") * 18).floor().cast(pl.Int64))
        ).cast(pl.Date),
        service_code=pick(codes, "_code"),
        form_code=form,
        person_cnt=1 + (pl.col("_persons") * size).floor().cast(pl.Int64),
        volunteer_cnt=(pl.col("_helpers") * 6).floor().cast(pl.Int64),
        resource_yuan=pl.when(pl.col("_helpers") > 0.6)
        .then((pl.col("_persons") * 20).floor() * 100)
        .otherwise(0),
        worker=pl.lit(WORKER),
    )


def reported(needy: pl.DataFrame, as_of: date, seed: int) -> pl.DataFrame:
    """Families that a neighbour or a worker's own eyes found, or that the station named itself."""
    rows = needy.sort("household_id")
    rows = rows.with_columns(
        lucks(rows, ["household_id"], f"{name}|{as_of}", seed).alias(name) for name in ("_found", "_who")
    )
    who = pl.col("_who")
    source = (
        pl.when(who < 0.6)
        .then(pl.lit("neighbour"))
        .when(who < 0.85)
        .then(pl.lit("worker"))
        .otherwise(pl.lit("nominated"))
    )
    return rows.filter(pl.col("_found") < REPORTED).select(
        "town_code",
        "id_number",
        "name",
        "village_name",
        source_code=source,
        result_code=pl.lit("30"),
        found_date=pl.lit(as_of + timedelta(days=9)),
        worker=pl.lit(WORKER),
    )
