"""Who there is: age, life and death, household and place of every known person.

    people(core, as_of) -> DataFrame   one row per person_id, sorted, with PEOPLE_COLUMNS

Unknown and absent: the population roll cannot say that somebody does not exist, so a person on no population
delivery has null age, sex, relation and status. A person missing from the newest roll keeps what the roll
last said (a quarantined row must not erase a member).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from .frames import KEYS, Core, Fact, attach, cut, days_since, last_rows, latest, years_between

PEOPLE_COLUMNS = ["person_id", "household_id", "town_code", "village_code", "age_years", "sex_code"]
PEOPLE_COLUMNS += ["relation_code", "is_alive", "death_date", "death_days", "death_source_cnt"]
PEOPLE_COLUMNS += ["registration_status_code", "father_person_id", "mother_person_id", "birth_date"]


def people(core: Core, as_of: date) -> pl.DataFrame:
    """Every known person's identity facts; birth_date and the parents' ids are for the other sections."""
    spine = _spine(core, as_of)
    frame = spine.join(_registered(core, as_of, spine), on="person_id", maintain_order="left")
    frame = frame.join(_deaths(core, as_of, frame), on="person_id", maintain_order="left")
    frame = frame.with_columns(
        years_between(pl.col("birth_date"), pl.lit(as_of)).alias("age_years"),
        days_since("death_date", as_of).alias("death_days"),
    )
    homes = _households(core, as_of, frame)
    frame = frame.join(homes, on="person_id", how="left", maintain_order="left")
    return frame.with_columns(pl.col("village_code").str.slice(0, 9).alias("town_code")).select(
        PEOPLE_COLUMNS
    )


def _spine(core: Core, as_of: date) -> pl.DataFrame:
    """Every person_id that any delivery known by the date names, and every household member."""
    known = [rows.select("person_id") for name in KEYS if (rows := cut(core, name, as_of)) is not None]
    members = _spells(core, as_of)
    known += [] if members is None else [members.select("person_id")]
    empty = pl.DataFrame(schema={"person_id": pl.String})
    return pl.concat([empty, *known]).unique(maintain_order=False).sort("person_id")


def _registered(core: Core, as_of: date, spine: pl.DataFrame) -> pl.DataFrame:
    texts = "sex_code relation_code registration_status_code village_code father_person_id mother_person_id"
    facts = [Fact(name, pl.String) for name in texts.split()]
    facts += [Fact("birth_date", pl.Date), Fact("cancel_date", pl.Date)]
    rows = last_rows(core, "population", as_of)
    frame = attach(spine, rows, "person_id", facts)
    roll = last_rows(core, "benefit_roll", as_of)
    if roll is None:
        return frame
    # Somebody on the benefit roll but not on the population roll still has a village to be visited in.
    roll = roll.sort("period_month", "known_date", "row_no")
    village = roll.select("person_id", pl.col("village_code").alias("_paid_in"))
    village = village.unique("person_id", keep="last", maintain_order=True)
    frame = frame.join(village, on="person_id", how="left", maintain_order="left")
    return frame.with_columns(pl.coalesce("village_code", "_paid_in").alias("village_code")).drop("_paid_in")


def _deaths(core: Core, as_of: date, frame: pl.DataFrame) -> pl.DataFrame:
    """is_alive, death_date, death_source_cnt from the population roll and the cremation register.

    Either source saying so makes a death; only the population roll can say that somebody is alive, so
    is_alive is null for a person on neither. The count is of the delivered sources that report the death.
    """
    events = last_rows(core, "cremation_marriage", as_of)
    if events is not None:
        burned = (pl.col("vital_event_code") == "cremation") & (pl.col("registered_date") <= as_of)
        events = events.filter(burned).group_by("person_id").agg(cremated=pl.col("registered_date").min())
    cremated = attach(frame, events, "person_id", [Fact("cremated", pl.Date)])
    by_police = pl.col("registration_status_code") == "dead"
    by_fire = pl.col("cremated").is_not_null()
    delivered = cut(core, "population", as_of) is not None or events is not None
    # A cancellation date on a living person (moved out) is not a death.
    cancelled = pl.when(by_police).then(pl.col("cancel_date"))
    return frame.join(cremated, on="person_id", maintain_order="left").select(
        "person_id",
        pl.when(by_fire).then(False).otherwise(~by_police).alias("is_alive"),
        pl.min_horizontal(cancelled, "cremated").alias("death_date"),
        pl.when(pl.lit(delivered))
        .then(by_police.fill_null(False).cast(pl.Int64) + by_fire.cast(pl.Int64))
        .alias("death_source_cnt"),
    )


def _spells(core: Core, as_of: date) -> pl.DataFrame | None:
    """Household spells begun by the date (valid_to is exclusive and counts only once it has passed)."""
    spells = core.get("household_member")
    if spells is None:
        return None
    spells = spells.filter(pl.col("valid_from") <= as_of)
    return spells.filter(pl.col("kind") == "hukou") if "kind" in spells.columns else spells


def _households(core: Core, as_of: date, frame: pl.DataFrame) -> pl.DataFrame:
    """Each person's household now; the dead stay with the household they died in, the moved-out do not."""
    spells = _spells(core, as_of)
    if spells is None:
        return frame.select("person_id", pl.lit(None, dtype=pl.String).alias("household_id"))
    dead = frame.filter(~pl.col("is_alive")).select("person_id", pl.lit(True).alias("_dead"))
    is_open = pl.col("valid_to").is_null() | (pl.col("valid_to") > as_of)
    spells = spells.join(dead, on="person_id", how="left").filter(is_open | pl.col("_dead"))
    ordered = spells.sort(["valid_from", "household_id"], descending=[True, False])
    now = ordered.unique("person_id", keep="first", maintain_order=True).select("person_id", "household_id")
    rest = _recently_registered(core, as_of).join(now, on="person_id", how="anti")
    return pl.concat([now, rest])


def _recently_registered(core: Core, as_of: date) -> pl.DataFrame:
    """The household on the newest of the last two population rolls a person stands on, unless moved out.

    It holds those who died before the first delivery, and for one delivery those whose row was sent back as
    faulty, so that a member does not vanish with a mistyped line.
    """
    rolls = [latest(core, "population", as_of, back) for back in (0, 1)]
    rows = [r for r in rolls if r is not None and "household_id" in r.columns]
    if not rows:
        return pl.DataFrame(schema={"person_id": pl.String, "household_id": pl.String})
    newest = pl.concat(rows).unique("person_id", keep="first", maintain_order=True)
    stayed = pl.col("household_id").is_not_null() & (pl.col("registration_status_code") != "moved_out")
    return newest.filter(stayed).select("person_id", "household_id")
