"""Any folder of rules over any frame of facts: one full answer for every person or household and rule.

The monthly evaluation writes no row for a plain "no"; here every answer is written, so that another place's
law and its published cases can be tried.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from policies.catalogue.fact import Fact
from policies.catalogue.model import HOUSEHOLD, KEYS, Catalogue
from policies.catalogue.shapes import Entity
from policies.engine.evaluate_benefits import evaluate_benefits
from policies.engine.evaluate_signals import evaluate_signals
from policies.engine.fact_values import beyond, ids, refuse_doubtful_ids, refuse_unlike, typed
from policies.engine.unanswerable import no_fact, refuse_no_rules
from policies.values.members import HOUSEHOLD_IDS
from policies.values.workspace import HOUSEHOLDS_UNKNOWN, with_definitions

_SUMS = ("amount_yuan_month", "gap_yuan_month", "amount_once_yuan", "amount_status", "is_minimum_amount")
_ANSWERS = ("eligible", "missing_facts", *_SUMS, "is_receiving", "reason_zh")
_KEYS = ["person_id", "household_id", "rule_id"]


def evaluate_all(cat: Catalogue, facts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row per entity of `facts` and rule in force on the date.

    `facts`: one row per person, household facts in columns `household_<name>`; or, without person_id and
    persons' facts, one row per household. Missing ids are the row's number; a missing fact is unknown.
    Columns: person_id, household_id, rule_id, answer (yes likely unknown_amount no
    unknown), missing_facts (comma text),
    amount_yuan_month, gap_yuan_month, amount_once_yuan, amount_status, is_minimum_amount, is_receiving,
    level, reason_zh; sorted by the place in `facts`, then by rule. A column may give a derived fact: what is
    known in it goes before the formula. A sum that no household has (see `absurd`) is unknown in its row.
    ZhaorenError when no rule is in force, a column is no fact, holds values that its type cannot take
    exactly, or ids leave it open which row is whose.
    """
    refuse_no_rules(cat, as_of)
    persons, households = split_facts(cat, facts)
    persons, households = with_definitions(cat, persons, households, as_of, given_first=True)
    benefits = evaluate_benefits(cat, persons, households, as_of)
    signals = evaluate_signals(cat, persons, households, as_of, unknown_of=("person", "household"))
    found = pl.concat([_of_benefits(benefits), _of_signals(signals)], how="diagonal")
    every = pl.concat([_every(cat, "person", persons, as_of), _every(cat, "household", households, as_of)])
    full = every.join(found, on=_KEYS, how="left", nulls_equal=True, maintain_order="left")
    return full.with_columns(pl.col("answer").fill_null("no"), pl.col("missing_facts").fill_null(""))


def absurd(cat: Catalogue, facts: pl.DataFrame) -> list[tuple[str, list[int]]]:
    """Column and rows (from 1) of the numbers that are no amount of anything: taken as unknown."""
    types = {name: fact.type for entity in ("person", "household") for name, fact in _called(cat, entity)}
    found = ((name, beyond(facts[name], types[name])) for name in facts.columns if name in types)
    return [(name, (rows.arg_true() + 1).to_list()) for name, rows in found if rows.any()]


def texts_of(cat: Catalogue) -> list[str]:
    """The columns of a frame of facts that hold text: ids, place codes, and facts of text."""
    facts = [fact for fact in cat.facts.values() if fact.type == "text"]
    homes = [f"{HOUSEHOLD}{fact.name}" for fact in facts if fact.entity == "household"]
    return [*KEYS, *HOUSEHOLD_IDS[1:], *(fact.name for fact in facts), *homes]


def known_columns(cat: Catalogue) -> set[str]:
    """The columns that a frame of facts may have."""
    facts = {name for entity in ("person", "household") for name, _ in _called(cat, entity)}
    return {*KEYS, *HOUSEHOLD_IDS, *facts}


def split_facts(cat: Catalogue, facts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The persons and the households of a frame of facts, every known fact of its type."""
    rows = facts.with_row_index("_n").with_columns(pl.col("_n").cast(pl.String))
    given = [name for name in ("person_id", "household_id") if name in facts.columns]
    if not _has_persons(cat, facts):
        home = _with_ids(rows, ["household_id"])
        refuse_doubtful_ids(home, given, "household_id")
        none = pl.DataFrame(schema={"person_id": pl.String, "household_id": pl.String})
        return none, _typed(cat, home, "household", "")
    rows = _with_ids(rows, ["person_id", "household_id"])
    refuse_doubtful_ids(rows, given, "person_id")
    persons = _typed(
        cat, rows.select(pl.exclude([n for n in _named(facts) if n.startswith(HOUSEHOLD)])), "person", ""
    )
    if "household_id" not in given:  # a row is a person, and who lives with whom nobody has told
        persons = persons.with_columns(pl.lit(True).alias(HOUSEHOLDS_UNKNOWN))
    home = rows.select("household_id", *_places(rows), *(n for n in _named(facts) if n.startswith(HOUSEHOLD)))
    # Household facts come with each member.
    refuse_unlike(home, "household_id", home.columns[1:])
    home = home.unique("household_id", keep="first", maintain_order=True)
    return persons, _typed(cat, home, "household", HOUSEHOLD)


def _has_persons(cat: Catalogue, facts: pl.DataFrame) -> bool:
    of_persons = {fact.name for fact in cat.facts.values() if fact.entity == "person"}
    return "person_id" in facts.columns or bool(of_persons & set(facts.columns))


def _named(facts: pl.DataFrame) -> list[str]:
    return [name for name in facts.columns if name not in KEYS and name not in HOUSEHOLD_IDS]


def _places(rows: pl.DataFrame) -> list[str]:
    return [name for name in ("town_code", "village_code") if name in rows.columns]


def _with_ids(rows: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    given = [ids(rows[name], name) for name in (*KEYS, *HOUSEHOLD_IDS[1:]) if name in rows.columns]
    made = [pl.col("_n").alias(name) for name in names if name not in rows.columns]
    return rows.with_columns(*given, *made).drop("_n")


def _called(cat: Catalogue, entity: str) -> list[tuple[str, Fact]]:
    """The facts of an entity as the columns of a frame of persons are called, and without a prefix."""
    facts = [fact for fact in cat.facts.values() if fact.entity == entity]
    prefix = HOUSEHOLD if entity == "household" else ""
    return [*((fact.name, fact) for fact in facts), *((f"{prefix}{fact.name}", fact) for fact in facts)]


def _typed(cat: Catalogue, rows: pl.DataFrame, entity: Entity, prefix: str) -> pl.DataFrame:
    known = {fact.name: fact.type for fact in cat.facts.values() if fact.entity == entity}
    columns = []
    for column in _named(rows):
        name = column.removeprefix(prefix)
        if name not in known:
            raise no_fact(column, [f"{prefix}{each}" for each in known], entity)
        columns.append(typed(rows[column], known[name], column).alias(name))
    keys = [pl.col(key) for key in (*KEYS, *HOUSEHOLD_IDS[1:]) if key in rows.columns]
    return rows.select(*keys, *columns)


def _of_benefits(rows: pl.DataFrame) -> pl.DataFrame:
    kept = rows.select("person_id", "household_id", pl.col("benefit_id").alias("rule_id"), *_ANSWERS)
    return kept.rename({"eligible": "answer"})


def _of_signals(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        "person_id", "household_id", pl.col("signal_id").alias("rule_id"), pl.col("state").alias("answer"),
        pl.col("missing_facts").list.join(",").alias("missing_facts"), "level",
        pl.col("sentence_zh").alias("reason_zh"),
    )  # fmt: skip


def _every(cat: Catalogue, entity: Entity, frame: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Every entity with every rule in force for its kind."""
    names = list(dict.fromkeys(rule.id for rule in cat.rules_at(as_of) if rule.entity == entity))
    rules = pl.DataFrame({"rule_id": names}, schema={"rule_id": pl.String})
    person = pl.col("person_id") if entity == "person" else pl.lit(None, pl.String).alias("person_id")
    return frame.select(person, "household_id").join(rules, how="cross", maintain_order="left_right")
