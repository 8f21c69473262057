"""Who there is: age, life and death, household, place and registered parents of every known person.

    people(core, golden) -> DataFrame              one row per person_id, sorted, with PEOPLE_COLUMNS
    parents(people, persons) -> DataFrame          person_id + what its registered parents can do for it

Sex, birth date, death and residence are those of the golden record. Unknown and absent: the population roll
cannot say that somebody does not exist, so a person on no population delivery has null relation and status.
A person missing from the newest roll keeps what the roll last had (a quarantined row must not erase a
member).
"""

from __future__ import annotations

import polars as pl

from policies.language.dates import years_between
from transforms.core_as_of import CoreAsOf
from transforms.expressions import strict_sum
from transforms.panel.facts import Fact, attach, side_by_side

REGISTERED = [
    Fact(name, pl.String)
    for name in ("relation_code", "registration_status_code", "father_person_id", "mother_person_id")
]
PEOPLE_COLUMNS = ["person_id", "household_id", "town_code", "village_code", "age_years", "sex_code"]
PEOPLE_COLUMNS += ["relation_code", "is_alive", "death_date", "death_days", "age_at_death_years"]
PEOPLE_COLUMNS += [
    "death_source_cnt",
    "death_state_code",
    "registration_status_code",
    "father_person_id",
    "mother_person_id",
]
PEOPLE_COLUMNS += ["birth_date"]


def people(core: CoreAsOf, golden: pl.DataFrame) -> pl.DataFrame:
    """Every known person's identity facts; birth_date and the parents' ids are for the other sections.

    golden: the persons of golden_record of the same date. A death that is not believed (contradicted, or
    reported by a stopped payment alone) has no date here.
    """
    registered = attach(golden, core.last_rows(core.register), "person_id", REGISTERED)
    frame = side_by_side([_identities(golden), registered], "person_id")
    frame = frame.with_columns(
        years_between(pl.col("birth_date"), pl.lit(core.as_of)).alias("age_years"),
        core.days_since("death_date").alias("death_days"),
        years_between(pl.col("birth_date"), pl.col("death_date")).alias("age_at_death_years"),
        pl.col("village_code").str.slice(0, 9).alias("town_code"),
    )
    households = _households(core, frame)
    return frame.join(households, on="person_id", how="left", maintain_order="left").select(PEOPLE_COLUMNS)


def _identities(golden: pl.DataFrame) -> pl.DataFrame:
    believed = pl.when(pl.col("is_alive").ne_missing(True)).then("death_date")
    return golden.select(
        *("person_id", "sex_code", "birth_date", "village_code", "is_alive", "death_source_cnt"),
        believed.alias("death_date"),
        pl.col("death_state").alias("death_state_code"),
    )


def _spells(core: CoreAsOf) -> pl.DataFrame | None:
    """Household spells begun by the date (valid_to is exclusive and counts only once it has passed)."""
    spells = core.get("household_member")
    if spells is None:
        return None
    spells = spells.filter(pl.col("valid_from") <= core.as_of)
    return spells.filter(pl.col("kind") == "hukou") if "kind" in spells.columns else spells


def _households(core: CoreAsOf, frame: pl.DataFrame) -> pl.DataFrame:
    """Each person's household now; the dead stay with the household they died in, the moved-out do not."""
    spells = _spells(core)
    if spells is None:
        return frame.select("person_id", pl.lit(None, dtype=pl.String).alias("household_id"))
    dead = frame.filter(~pl.col("is_alive")).select("person_id", pl.lit(True).alias("_dead"))
    is_open = pl.col("valid_to").is_null() | (pl.col("valid_to") > core.as_of)
    spells = spells.join(dead, on="person_id", how="left").filter(is_open | pl.col("_dead"))
    ordered = spells.sort(["valid_from", "household_id"], descending=[True, False])
    now = ordered.unique("person_id", keep="first", maintain_order=True).select("person_id", "household_id")
    # Spells go before the roll: they know of parts and late files, the roll only of its own month.
    rest = _recently_registered(core).join(now, on="person_id", how="anti")
    return pl.concat([now, rest])


def _recently_registered(core: CoreAsOf) -> pl.DataFrame:
    """The household on the newest of the last two population rolls a person appears on, unless moved out.

    It holds those who died before the first delivery, and for one delivery those whose row was sent back as
    faulty, so that a member does not vanish with a mistyped line.
    """
    rolls = [core.latest(core.register, back) for back in (0, 1)]
    rows = [r for r in rolls if r is not None and "household_id" in r.columns]
    if not rows:
        return pl.DataFrame(schema={"person_id": pl.String, "household_id": pl.String})
    newest = pl.concat(rows).unique("person_id", keep="first", maintain_order=True)
    stayed = pl.col("household_id").is_not_null() & (pl.col("registration_status_code") != "moved_out")
    return newest.filter(stayed).select("person_id", "household_id")


def parents(people: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """One row per person: parent_known_cnt, parent_dead_cnt, parent_unable_cnt.

    `persons` has is_alive and is_unable_parent (policies/definitions/children.yaml). With no parent
    registered the two other counts are null; so they are when any registered parent's state is unknown, since
    a parent we cannot see is neither well nor dead. The counts never overlap: the dead are not 'unable'.
    """
    links = _parent_links(people).join(_parent_states(persons), on="parent_id", how="left")
    known = links.group_by("person_id").agg(pl.len().cast(pl.Int64).alias("parent_known_cnt"))
    sums = strict_sum(links.sort("person_id"), "person_id", ["parent_dead_cnt", "parent_unable_cnt"])
    counts = people.select("person_id", "registration_status_code")
    counts = counts.join(known, on="person_id", how="left", maintain_order="left")
    counts = counts.join(sums, on="person_id", how="left", maintain_order="left")
    on_roll = pl.col("registration_status_code").is_not_null()
    return counts.select(
        "person_id",
        pl.when(on_roll).then(pl.col("parent_known_cnt").fill_null(0)).alias("parent_known_cnt"),
        "parent_dead_cnt",
        "parent_unable_cnt",
    )


def _parent_links(people: pl.DataFrame) -> pl.DataFrame:
    columns = ("father_person_id", "mother_person_id")
    pairs = [people.select("person_id", pl.col(c).alias("parent_id")) for c in columns]
    return pl.concat(pairs).drop_nulls()


def _parent_states(persons: pl.DataFrame) -> pl.DataFrame:
    """Dead and unable per possible parent, as 0/1/null."""
    return persons.select(
        pl.col("person_id").alias("parent_id"),
        (~pl.col("is_alive")).cast(pl.Int64).alias("parent_dead_cnt"),
        pl.col("is_unable_parent").cast(pl.Int64).alias("parent_unable_cnt"),
    )
