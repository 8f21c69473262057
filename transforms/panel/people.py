"""Who there is: age, life and death, household and place of every known person.

    people(core, as_of, gold) -> DataFrame   one row per person_id, sorted, with PEOPLE_COLUMNS

Sex, birth date, death and residence are the settled ones (golden_people.py). Unknown and absent: the
population roll cannot say that somebody does not exist, so a person on no population delivery has null
relation and status. A person missing from the newest roll keeps what the roll last said (a quarantined row
must not erase a member).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from policies.engine.dates import years_between
from transforms.core_as_of import Core, Fact, attach, days_since, last_rows, latest

PEOPLE_COLUMNS = ["person_id", "household_id", "town_code", "village_code", "age_years", "sex_code"]
PEOPLE_COLUMNS += ["relation_code", "is_alive", "death_date", "death_days", "death_source_cnt"]
PEOPLE_COLUMNS += ["death_state_code", "registration_status_code", "father_person_id", "mother_person_id"]
PEOPLE_COLUMNS += ["birth_date"]


def people(core: Core, as_of: date, gold: pl.DataFrame) -> pl.DataFrame:
    """Every known person's identity facts; birth_date and the parents' ids are for the other sections.

    gold: the persons of golden_people.golden of the same date. A death that is not believed (contradicted,
    or told by a stopped payment alone) has no date here.
    """
    frame = pl.concat([_settled(gold), _registered(core, as_of, gold).drop("person_id")], how="horizontal")
    frame = frame.with_columns(
        years_between(pl.col("birth_date"), pl.lit(as_of)).alias("age_years"),
        days_since("death_date", as_of).alias("death_days"),
        pl.col("village_code").str.slice(0, 9).alias("town_code"),
    )
    homes = _households(core, as_of, frame)
    return frame.join(homes, on="person_id", how="left", maintain_order="left").select(PEOPLE_COLUMNS)


def _settled(gold: pl.DataFrame) -> pl.DataFrame:
    believed = pl.when(pl.col("is_alive").ne_missing(True)).then("death_date")
    return gold.select(
        *("person_id", "sex_code", "birth_date", "village_code", "is_alive", "death_source_cnt"),
        believed.alias("death_date"),
        pl.col("death_state").alias("death_state_code"),
    )


def _registered(core: Core, as_of: date, spine: pl.DataFrame) -> pl.DataFrame:
    texts = "relation_code registration_status_code father_person_id mother_person_id"
    facts = [Fact(name, pl.String) for name in texts.split()]
    return attach(spine, last_rows(core, "population", as_of), "person_id", facts)


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
