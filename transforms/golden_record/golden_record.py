"""The golden record: every person's surviving attributes, and where the departments differ.

    golden_record(core, rules) -> GoldenRecord
        persons    one row per person any source reports, sorted by person_id, with GOLDEN_COLUMNS
        conflicts  one row per report on an attribute the sources differ on, with CONFLICT_COLUMNS

Read from rows known by the date alone. No column holds an identifier.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from data_contracts.registry.tables import schema
from transforms.core_as_of import CoreAsOf
from transforms.golden_record.deaths import Deaths, deaths, register_came
from transforms.golden_record.reports import attribute_reports, known_persons
from transforms.golden_record.rules import SurvivorshipRules
from transforms.golden_record.survivorship import disagreements, surviving_values

# Attribute -> how the columns beside it are called.
PREFIX = {"sex_code": "sex", "birth_date": "birth", "village_code": "village"}
GOLDEN_COLUMNS = schema("panel.golden", without=("as_of",))
CONFLICT_COLUMNS = list(schema("panel.attribute_conflict", without=("as_of",)))


@dataclass(frozen=True)
class GoldenRecord:
    """The surviving attributes and the conflicts behind them."""

    persons: pl.DataFrame
    conflicts: pl.DataFrame


def golden_record(core: CoreAsOf, rules: SurvivorshipRules) -> GoldenRecord:
    """Every attribute as of the date; see the top of this file."""
    parts, conflicts = [], []
    for attribute, prefix in PREFIX.items():
        reports = attribute_reports(core, attribute, rules.ignored)
        surviving = surviving_values(reports, rules.attributes[attribute])
        conflicts.append(disagreements(reports, surviving).with_columns(attribute=pl.lit(attribute)))
        parts.append(_prefixed(surviving, attribute, prefix))
    dead = deaths(core, rules.deaths)
    conflicts += _death_conflicts(dead)
    persons = known_persons(core)
    for part in (*parts, dead.persons):
        persons = persons.join(part, on="person_id", how="left", maintain_order="left")
    persons = _alive(core, _unreported(persons, register_came(core, rules.deaths)))
    persons = persons.select(pl.col(c).cast(t) for c, t in GOLDEN_COLUMNS.items())
    order = ["person_id", "attribute", "source", "value"]
    return GoldenRecord(persons, pl.concat(c.select(CONFLICT_COLUMNS) for c in conflicts).sort(order))


def _prefixed(surviving: pl.DataFrame, attribute: str, prefix: str) -> pl.DataFrame:
    return surviving.rename(
        {
            "value": attribute,
            "source": f"{prefix}_source",
            "source_cnt": f"{prefix}_source_cnt",
            "agreement_share": f"{prefix}_agreement_share",
            "is_agreed": f"is_{prefix}_agreed",
            "is_conflict": f"has_{prefix}_conflict",
        }
    )


def _unreported(persons: pl.DataFrame, deaths_known: bool) -> pl.DataFrame:
    """What no report means: no source, no conflict; of a death, nothing is known until a register came."""
    counts = [pl.col(f"{prefix}_source_cnt").fill_null(0) for prefix in PREFIX.values()]
    if deaths_known:
        counts += [pl.col("death_source_cnt").fill_null(0), pl.col("death_state").fill_null("none")]
    return persons.with_columns(*counts, pl.col("^(is|has)_.*(agreed|conflict|register)$").fill_null(False))


def _alive(core: CoreAsOf, persons: pl.DataFrame) -> pl.DataFrame:
    """is_alive: false once confirmed, or once a register of deaths says so and nothing contradicts it.

    Otherwise what population says; null for those it does not know. A stop of payment on death alone rests
    nothing: somebody must still look after the person.
    """
    roll = core.last_rows(core.register)
    status = pl.DataFrame(schema={"person_id": pl.String, "registration_status_code": pl.String})
    if roll is not None:
        status = roll.select(status.columns)
    frame = persons.join(status, on="person_id", how="left", maintain_order="left")
    state = pl.col("death_state")
    gone = (state == "confirmed") | ((state == "reported") & pl.col("is_in_register"))
    alive = (
        pl.when(gone.fill_null(False))
        .then(False)
        .when(state == "contradicted")
        .then(True)
        .otherwise(pl.col("registration_status_code") != "dead")
    )
    return frame.with_columns(alive.alias("is_alive"))


def _death_conflicts(dead: Deaths) -> list[pl.DataFrame]:
    """Every date and every later sign of life of those whose death is in conflict (attribute seen_alive)."""
    split = dead.persons.filter("has_death_conflict").select("person_id", "death_date", "death_source")
    kept = (pl.col("value") == pl.col("death_date")) & (pl.col("source") == pl.col("death_source"))
    both = {"death_date": (dead.reports, kept.fill_null(False)), "seen_alive": (dead.signs, pl.lit(False))}
    return [
        rows.join(split, on="person_id")
        .with_columns(pl.col("value").cast(pl.String), is_kept.alias("is_chosen"), attribute=pl.lit(name))
        .select(CONFLICT_COLUMNS)
        for name, (rows, is_kept) in both.items()
    ]
