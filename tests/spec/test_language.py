"""What rules rest on (language.yaml): parameters, tables, scales and definitions, in every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.catalogue.definition import Definition
from policies.catalogue.parameter import Parameter
from policies.catalogue.shapes import Entity
from policies.language.terms import Term
from policies.values.names import meaning_of
from policies.values.workspace import Workspace
from tests.helpers.duckdb_rules import duckdb_answers
from tests.helpers.one_household import catalogue_of, frozen, workspace_of
from tests.spec.evaluator import arithmetic
from tests.spec.evaluator.evaluation import Circle, Evaluation
from tests.spec.evaluator.parameters import Ended
from tests.spec.evaluator.world import Home, Person, Rules

TABLE = yaml.safe_load((Path(__file__).parent / "language.yaml").read_text(encoding="utf-8"))
DAY = date(2026, 3, 15)
Case = Mapping[str, Any]
# The facts that the cases name, and what every dated entry has to say beside its value.
KINDS = {
    "person": {"age_years": "integer", "type_code": "text", "is_alone": "boolean", "salary": "yuan"},
    "household": {
        "place_tier_code": "text",
        "is_rural": "boolean",
        "tier_code": "text",
        "member_cnt": "integer",
    },
}
TOLD = {"status": "unverified", "source": {"document": "x"}}


def by_the_specification(section: Case, case: Case) -> Any:
    """The slow evaluator: the parameter `$g.v`, or what the case asks, of the person or the household."""
    definitions = {(one["entity"], one["name"]): one for one in section.get("of", ())}
    parameters = {"g.v": section["entry"]} if "entry" in section else {}
    home = Home(case.get("household", {}))
    home.members = [Person(facts, {"hukou": home}) for facts in case.get("members", ())]
    asks: Person | Home = home
    if "entry" in section or "person" in case:
        asks = Person(case.get("person", case.get("facts", {})), {"hukou": home})
        home.members.append(asks)
    rules = Rules(case.get("as_of", DAY), definitions, parameters)
    return Evaluation(rules).answer(case.get("ask", "$g.v"), asks)


def by_polars(section: Case, case: Case) -> Any:
    """The product's first engine, over the household of the case."""
    space, entity, term = _asked(section, case)
    return space.term(entity, term)[0]


def by_duckdb(section: Case, case: Case) -> Any:
    """The product's second engine; definitions, parameters and words over members come to it as columns."""
    return duckdb_answers(*_asked(section, case))[0]


def _asked(section: Case, case: Case) -> tuple[Workspace, Entity, Term]:
    is_person = "entry" in section or "person" in case
    people = [case.get("person", case.get("facts", {}))] if is_person else []
    entry = section.get("entry")
    cat = catalogue_of(
        KINDS,
        definitions=[_definition(one) for one in section.get("of", ())],
        parameters=[_parameter(entry)] if entry else [],
    )
    people = [*people, *case.get("members", ())]
    space = workspace_of(cat, case.get("as_of", DAY), people, case.get("household", {}))
    entity: Entity = "person" if is_person else "household"
    return space, entity, meaning_of(cat, case.get("ask", "$g.v"), entity)


def _definition(one: Case) -> Definition:
    gives = "boolean" if one["name"].startswith(("is_", "has_")) else "integer"
    versions = [{**version, **TOLD} for version in one["versions"]]
    return Definition.model_validate(
        frozen({**one, "type": gives, "unit": "", "zh": "x", "versions": versions})
    )


def _parameter(entry: Case) -> Parameter:
    dated = {key: [{**value, **TOLD} for value in entry[key]] for key in entry}
    return Parameter.model_validate(frozen({"name": "v", "zh": "x", "unit": "", "region": "x", **dated}))


ENGINES: dict[str, Callable[[Case, Case], Any]] = {
    "specification": by_the_specification,
    "polars": by_polars,
    "duckdb": by_duckdb,
}


def cases(name: str) -> Iterator[Any]:
    """Every case of a section of the table."""
    for section in TABLE[name]:
        for at, case in enumerate(section["cases"]):
            yield pytest.param(section, case, id=f"{section['say']} {at}: {case.get('why', '')}")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("section", "case"), [*cases("parameters"), *cases("definitions")])
def test_a_case_gives_what_it_says(section: Case, case: Case, engine: str) -> None:
    found, wanted = arithmetic.value(ENGINES[engine](section, case)), arithmetic.value(case["gives"])
    assert (found, type(found) is bool) == (wanted, type(wanted) is bool)


@pytest.mark.parametrize("case", TABLE["refused"], ids=lambda case: case["say"])
def test_what_is_refused_is_named(case: Case) -> None:
    definitions = {(one["entity"], one["name"]): one for one in case.get("of", ())}
    parameters = {"g.v": case["parameter"]} if "parameter" in case else {}
    with pytest.raises((Circle, Ended)) as refusal:
        Evaluation(Rules(DAY, definitions, parameters)).answer(case["ask"], Home({}))
    assert [name for name in case["names"] if name not in str(refusal.value)] == []
