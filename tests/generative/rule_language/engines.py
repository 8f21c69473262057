"""The product's two engines over a random case: the same rule, definitions, parameters and people."""

from __future__ import annotations

from typing import Any

import polars as pl

from data_contracts.registry.column_types import DTYPES
from policies.catalogue.definition import Definition
from policies.catalogue.fact import Fact
from policies.catalogue.model import Catalogue
from policies.catalogue.parameter import Parameter
from policies.catalogue.shapes import Entity
from policies.language.terms import Term
from policies.values.names import meaning_of
from policies.values.workspace import Workspace
from tests.generative.rule_language.cases import Case
from tests.generative.rule_language.people import People
from tests.generative.rule_language.vocabulary import HOME, NEVER, PERSON
from tests.helpers.duckdb_rules import duckdb_answers
from tests.helpers.one_household import frozen
from tests.spec.evaluator.terms import written

SAID = {"zh": "random", "unit": ""}
FACTS: list[tuple[Entity, dict[str, str]]] = [("person", PERSON), ("household", HOME)]


def by_polars(case: Case) -> list[Any]:
    """What polars answers for every person or household of the case, in their order."""
    space, entity, term = _asked(case)
    return space.term(entity, term).to_list()


def by_duckdb(case: Case) -> list[Any]:
    """What DuckDB answers; words over members and parameters come to it as columns."""
    return duckdb_answers(*_asked(case))


def _asked(case: Case) -> tuple[Workspace, Entity, Term]:
    cat = catalogue(case)
    space = Workspace(cat, _persons(case.people), _households(case.people), case.rules.as_of)
    entity: Entity = "person" if case.entity == "person" else "household"
    return space, entity, meaning_of(cat, written(case.rule), entity)


def catalogue(case: Case) -> Catalogue:
    """The case as the product reads it from files."""
    facts = {
        f"{entity}.{name}": _fact(entity, name, kind) for entity, of in FACTS for name, kind in of.items()
    }
    definitions = {}
    for (entity, name), entry in case.rules.definitions.items():
        one = Definition.model_validate(frozen({**entry, "unit": ""}))
        definitions[f"{entity}.{name}"] = one
        facts[f"{entity}.{name}"] = _fact(one.entity, one.name, one.type)
    parameters = {
        name: Parameter.model_validate(frozen({**SAID, "name": name, "region": "x", **entry}))
        for name, entry in case.rules.parameters.items()
    }
    return Catalogue(
        facts, parameters, benefits=(), signals=(), result_codes=(), labels={}, definitions=definitions
    )


def _fact(entity: Entity, name: str, kind: str) -> Fact:
    never = {"never": {"known_by": NEVER[entity, name]}} if (entity, name) in NEVER else {}
    said = {**SAID, "entity": entity, "name": name, "type": kind, "sources": ("random",)}
    return Fact.model_validate(said | never)


def _persons(people: People) -> pl.DataFrame:
    ids: dict[str, list[Any]] = {"person_id": list(people.persons)}
    for kind, column in (
        ("hukou", "household_id"),
        *((k, f"{k}_household_id") for k in ("assistance", "dwelling")),
    ):
        of = {id(member): name for name, home in people.homes[kind].items() for member in home.members}
        ids[column] = [of.get(id(person)) for person in people.persons.values()]
    return _frame(ids, PERSON, [person.facts for person in people.persons.values()])


def _households(people: People) -> pl.DataFrame:
    homes = people.homes["hukou"]
    return _frame({"household_id": list(homes)}, HOME, [home.facts for home in homes.values()])


def _frame(ids: dict[str, list[Any]], types: dict[str, str], rows: list[Any]) -> pl.DataFrame:
    keys = [pl.Series(name, values, dtype=pl.String) for name, values in ids.items()]
    keys.append(pl.Series("town_code", [row["town_code"] for row in rows], dtype=pl.String))
    facts = [pl.Series(n, [row[n] for row in rows], dtype=DTYPES[kind]) for n, kind in types.items()]
    return pl.DataFrame([*keys, *facts])
