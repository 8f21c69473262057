"""Gather what the made-up stations do in a month: their lines, matters and key persons beside the truth."""

from __future__ import annotations

from datetime import date

import polars as pl

from divisions.present import villages_at
from flows.context.site import Site
from flows.evaluation.grants import household_numbers
from flows.evaluation.station_play import Played
from flows.evaluation.truth import numbered_persons
from policies.casework.choices import choices, last_events
from province.station.agreements import agreements, casework
from province.station.contacts import contacts
from province.station.matters import progress, satisfaction
from province.station.rounds import key_visits, reported, services
from province.truth.offices import decisions
from province.truth.visits import answers
from warehouse.casework.for_lists import case_numbers, last_step_events
from warehouse.database.partitions import partition

# Hands are few: a station does not get through much more than its hours, red households or not.
OVERTIME = 1.25


def play_stations(site: Site, persons: pl.DataFrame, known: pl.DataFrame, as_of: date, seed: int) -> Played:
    """One month. persons: of the province's truth; known: what is true of each household (truth_of)."""
    lines = _lines(site, as_of)
    within = lines.filter(pl.col("list_rank") <= pl.col("capacity") * OVERTIME)
    found = answers(within.select("alert_id", "as_of", "household_id"), known, seed)
    agreed = agreements(found, seed)
    where = lines.select("alert_id", "case_no", "town_code")
    idle = lines.join(found, on="alert_id", how="anti").select("alert_id", "as_of")
    steps = last_step_events(site.con, as_of)
    return Played(
        visits=_naming_the_fact(site, found)
        .join(agreed, on="alert_id", how="left")
        .join(where, on="alert_id"),
        tries=contacts(found, idle, seed).join(where, on="alert_id"),
        begun=pl.concat([_intakes(found, where, seed), _asked(steps, as_of, seed)]),
        progress=_progress(site, steps, as_of, seed),
        rounds=key_visits(_due(site, as_of), as_of, seed),
        services=services(
            lines["town_code"].unique(), [c for c, _ in choices(as_of)["service"]], as_of, seed
        ),
        found=_reported(site, persons, known, lines, (as_of, seed)),
    )


def _lines(site: Site, as_of: date) -> pl.DataFrame:
    """Every line: alert_id, as_of, household_id, town_code, list_rank, capacity, case_no (as printed)."""
    wanted = ("alert_id", "as_of", "household_id", "town_code", "list_rank", "queue", "is_listed")
    alerts = partition(site.con, "mart.alert", as_of, *wanted).filter("is_listed", queue="need")
    stations = partition(site.con, "mart.station", as_of, "town_code", "capacity")
    numbers = case_numbers(site.con, as_of)
    rows = alerts.join(stations, on="town_code").join(numbers, on=["queue", "household_id"], how="left")
    return rows.with_columns(pl.coalesce("case_no", "alert_id"))


# What the made-up families call wrong, where a record is wrong: the department's extract and column.
WRONG_FACT = ("public_security.population", "relation_code")


def _naming_the_fact(site: Site, found: pl.DataFrame) -> pl.DataFrame:
    """With the note of a wrong record naming the fact as the drop-down of 对象 does."""
    contract = site.contracts[WRONG_FACT[0]]
    zh = next(column.zh for column in contract.columns if column.name == WRONG_FACT[1])
    note = f"{contract.title_zh}的“{zh}”不对"
    is_wrong = pl.col("result_code") == "41"
    return found.with_columns(note_zh=pl.when(is_wrong).then(pl.lit(note)).otherwise("note_zh"))


_BEGUN = ("case_no", "town_code", "kind_code", "event_code", "event_date", "note_zh", "worker")


def _intakes(found: pl.DataFrame, where: pl.DataFrame, seed: int) -> pl.DataFrame:
    rows = casework(found, seed).join(where, on="alert_id")
    told = {"kind_code": "casework", "event_code": "intake", "note_zh": "", "worker": "社工甲"}
    return rows.with_columns(pl.lit(v).alias(k) for k, v in told.items()).select(_BEGUN)


def _asked(steps: pl.DataFrame, as_of: date, seed: int) -> pl.DataFrame:
    """Families all of whose matters have ended are asked how it went, each once."""
    ends = pl.DataFrame(last_events(as_of), schema=["kind_code", "event_code"], orient="row")
    over = steps.join(ends.with_columns(is_end=pl.lit(True)), on=["kind_code", "event_code"], how="left")
    done = over.group_by("case_no", "town_code").agg(
        pl.col("is_end").fill_null(False).all(),
        pl.col("kind_code").eq("satisfaction").any().alias("was_asked"),
    )
    rows = satisfaction(done.filter("is_end", ~pl.col("was_asked")), as_of, seed)
    told = {"kind_code": "satisfaction", "note_zh": ""}
    return (
        rows.join(done.select("case_no", "town_code"), on="case_no")
        .with_columns(pl.lit(v).alias(k) for k, v in told.items())
        .select(_BEGUN)
    )


def _progress(site: Site, steps: pl.DataFrame, as_of: date, seed: int) -> pl.DataFrame:
    """What becomes of open matters; applications wait for what the offices decide."""
    numbers = household_numbers(site, as_of).unique("household_id", keep="first", maintain_order=True)
    asked = steps.filter(pl.col("kind_code") == "application").join(numbers, on="household_id")
    made = asked.select("step_id", "household_no", benefit_id="subject", found_date="event_date")
    decided = decisions(made, seed).select("step_id", "months_taken")
    return progress(steps.drop("household_id", "town_code"), decided, as_of, seed)


def _due(site: Site, as_of: date) -> pl.DataFrame:
    rows = partition(site.con, "mart.key_person", as_of, "key_no", "town_code", "is_planned")
    return rows.drop_nulls("key_no").filter("is_planned")


def _reported(
    site: Site, persons: pl.DataFrame, known: pl.DataFrame, lines: pl.DataFrame, drawn: tuple[date, int]
) -> pl.DataFrame:
    """Families in hardship on no list whom somebody noticed, with one adult's name and number each."""
    as_of, seed = drawn
    places = partition(site.con, "panel.household", as_of, "household_id", "town_code", "village_code")
    needy = known.filter("in_hardship").select("household_id")
    silent = needy.join(lines, on="household_id", how="anti").join(places, on="household_id")
    adults = persons.filter(pl.col("death_date").is_null(), pl.col("birth_date") < pl.date(2000, 1, 1))
    people = numbered_persons(site, as_of).join(adults.select("id_number", "name"), on="id_number")
    members = partition(site.con, "panel.person", as_of, "person_id", "household_id")
    whom = people.join(members, on="person_id").sort("household_id", "id_number")
    rows = silent.join(whom.unique("household_id", keep="first", maintain_order=True), on="household_id")
    named = rows.join(
        villages_at(as_of, site.changes).select("village_code", "village_name"), on="village_code", how="left"
    )
    return reported(named, as_of, seed)
