"""What rules rest on (language.yaml): parameters, tables, scales and definitions, in every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.spec.evaluator import arithmetic
from tests.spec.evaluator.evaluation import Circle, Evaluation
from tests.spec.evaluator.parameters import Ended
from tests.spec.evaluator.world import Home, Person, Rules

TABLE = yaml.safe_load((Path(__file__).parent / "language.yaml").read_text(encoding="utf-8"))
DAY = date(2026, 3, 15)
Case = Mapping[str, Any]


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


ENGINES: dict[str, Callable[[Case, Case], Any]] = {"specification": by_the_specification}


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
