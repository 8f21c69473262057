"""Facts of persons, in pandas: one row per person of the golden record."""

from __future__ import annotations

import pandas as pd

from tests.bench.twin.care import care, help_paid
from tests.bench.twin.core import Core
from tests.bench.twin.health import bills, disability, illness, insurance
from tests.bench.twin.tools import Parameters, beside, days, equals, strict_sum, years
from tests.bench.twin.work import custody, pension, school, unemployment


def persons(core: Core, p: Parameters) -> pd.DataFrame:
    """All person facts the signals need, and the household by its id."""
    people = core.people
    register = core.events(
        "population",
        ["registration_status_code", "father_person_id", "mother_person_id"],
        months=2,
    )
    registered = beside(
        people.index,
        register,
        "person_id",
        {"registration_status_code": None, "father_person_id": None, "mother_person_id": None},
    )
    believed = people["death_date"].where(~people["is_alive"].fillna(False))
    frame = pd.DataFrame(
        {
            "household_id": households_of(core),
            "age_years": years(people["birth_date"], core.today),
            "is_alive": people["is_alive"],
            "death_state_code": people["death_state"],
            "death_date": believed,
            "death_days": days(core.today, believed),
            "registration_status_code": registered["registration_status_code"],
        }
    )
    parts = [disability, illness, bills, insurance, unemployment, pension, school, custody, care, help_paid]
    frame = pd.concat([frame, *(part(core, p) for part in parts)], axis=1)
    return pd.concat([frame, parents(registered, frame, p)], axis=1)


def households_of(core: Core) -> pd.Series:
    """The registered household now; the dead stay where they died; else the last two rolls say it."""
    spells = core.query(
        "SELECT person_id, household_id, valid_from, valid_to FROM core._household_member "
        "WHERE kind = 'hukou' AND valid_from <= $1 AND known_from <= $1 "
        "AND (known_to IS NULL OR known_to > $1)",
        core.as_of,
    )
    spells["person_id"] = core.numbered(spells["person_id"])
    spells = spells[spells["person_id"] >= 0]
    dead = core.people.index[~core.people["is_alive"].fillna(True)]
    is_open = ~(spells["valid_to"] <= core.today)
    spells = spells[is_open | spells["person_id"].isin(dead)]
    spells = spells.sort_values(["valid_from", "household_id"], ascending=[False, True], kind="stable")
    now = spells.drop_duplicates("person_id").set_index("person_id")["household_id"]
    roll = core.events("population", ["household_id", "registration_status_code"], months=2)
    if roll is not None:
        stays = roll["household_id"].notna() & (
            ~equals(roll["registration_status_code"], "moved_out")
        ).fillna(False)
        rest = roll[stays & ~roll["person_id"].isin(now.index)].set_index("person_id")["household_id"]
        now = pd.concat([now, rest])
    return now.reindex(core.people.index)


def parents(registered: pd.DataFrame, frame: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """How many parents are registered, dead, unable; NA where a registered parent's state is unknown."""
    longest = frame[["custody_days", "custody_total_days"]].max(axis=1)
    held = (longest >= p("fact_definitions.parent_custody_days")).astype("boolean").mask(longest.isna())
    dead = ~frame["is_alive"]
    unable = frame["is_severe_disabled"].astype("boolean") | (frame["in_custody"].astype("boolean") & held)
    states = pd.DataFrame(
        {
            "parent_dead_cnt": dead.astype("Int64"),
            "parent_unable_cnt": unable.astype("Int64").mask(dead.fillna(False), 0),
        }
    )
    links = (
        pd.concat([registered["father_person_id"], registered["mother_person_id"]]).dropna().astype("int64")
    )
    on_roll = registered["registration_status_code"].notna()
    known = links.groupby(level=0).size().reindex(frame.index).astype("Int64")
    counts = {"parent_known_cnt": known.fillna(0).where(on_roll)}
    for name, values in states.items():
        of_parent = pd.Series(values.reindex(links.to_numpy()).array, index=links.index)
        counts[str(name)] = strict_sum(of_parent, links.index.to_series()).reindex(frame.index)
    return pd.DataFrame(counts)
