"""The table of words (policies/language/words.yaml), example by example, in every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.catalogue.shapes import Entity
from policies.language.terms import Term
from policies.values.names import meaning_of
from policies.values.workspace import Workspace
from tests.helpers.duckdb_rules import duckdb_answers
from tests.helpers.one_household import catalogue_of, workspace_of
from tests.helpers.source import ROOT
from tests.spec.evaluator import arithmetic
from tests.spec.evaluator.evaluation import Evaluation
from tests.spec.evaluator.reading import read
from tests.spec.evaluator.terms import written
from tests.spec.evaluator.words import WORDS
from tests.spec.evaluator.world import Home, Person, Rules

TABLE = yaml.safe_load((ROOT / "policies" / "language" / "words.yaml").read_text(encoding="utf-8"))
DATES = yaml.safe_load((Path(__file__).parent / "dates.yaml").read_text(encoding="utf-8"))
DAY = date(2026, 3, 15)
# The facts that the examples name, as words.yaml says.
KINDS = {"n": "yuan", "m": "yuan", "i": "integer", "p": "boolean", "q": "boolean", "r": "boolean"}
KINDS |= {"t": "text", "d": "date", "e": "date"}


def by_the_specification(example: dict[str, Any], as_of: date) -> Any:
    """The slow evaluator, one row."""
    never = {("person", fact): known_by for fact, known_by in example.get("never", {}).items()}
    home = Home({})
    home.members = [Person(facts, {"hukou": home}) for facts in example.get("members", ())]
    asks: Person | Home = home
    if "members" not in example or "person" in example:
        asks = Person(example.get("person", example.get("given", {})), {"hukou": home})
        home.members.append(asks)
    return Evaluation(Rules(as_of, never=never)).answer(example["say"], asks)


def by_polars(example: dict[str, Any], as_of: date) -> Any:
    """The product's first engine, over the example's household."""
    space, entity, term = _asked(example, as_of)
    return space.term(entity, term)[0]


def by_duckdb(example: dict[str, Any], as_of: date) -> Any:
    """The product's second engine; words over members come to it as columns."""
    return duckdb_answers(*_asked(example, as_of))[0]


def _asked(example: dict[str, Any], as_of: date) -> tuple[Workspace, Entity, Term]:
    is_household = "members" in example and "person" not in example
    first = [] if is_household else [example.get("person", example.get("given", {}))]
    people: list[dict[str, Any]] = [*first, *example.get("members", ())]
    never = example.get("never", {})
    entity: Entity = "household" if is_household else "person"
    cat = catalogue_of({"person": KINDS, "household": {}}, never={("person", n): k for n, k in never.items()})
    space = workspace_of(cat, as_of, people, {})
    return space, entity, meaning_of(cat, example["say"], entity)


# An engine takes an example and a day, and gives the answer: a number, a text, yes or no, a day, None.
ENGINES: dict[str, Callable[[dict[str, Any], date], Any]] = {
    "specification": by_the_specification,
    "polars": by_polars,
    "duckdb": by_duckdb,
}


def examples() -> Iterator[Any]:
    """Every example with the word it belongs to."""
    for word in TABLE["words"]:
        for example in word["examples"]:
            yield pytest.param(example, id=f"{word['word']}: {example['say']}")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("example", list(examples()))
def test_an_example_gives_what_it_says(example: dict[str, Any], engine: str) -> None:
    found = ENGINES[engine](example, example.get("as_of", DAY))
    wanted = arithmetic.value(example["gives"])
    assert (arithmetic.value(found), type(found) is bool) == (wanted, type(wanted) is bool)


@pytest.mark.parametrize("example", list(examples()))
def test_a_text_is_written_as_it_was_read(example: dict[str, Any]) -> None:
    assert read(written(read(example["say"]))) == read(example["say"])


def counted() -> Iterator[Any]:
    """What dates.yaml says of years and months, as rules."""
    for word, section, first, wanted in (
        ("YEARS", "ages", "born", "years"),
        ("MONTHS", "months", "since", "months"),
    ):
        for case in DATES[section]:
            yield pytest.param(
                {
                    "say": f"{word}_BETWEEN(d, e)",
                    "given": {"d": case[first], "e": case["at"]},
                    "gives": case[wanted],
                },
                id=f"{word} {case[first]} {case['at']}",
            )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("example", list(counted()))
def test_years_and_months_are_those_of_the_table_of_dates(example: dict[str, Any], engine: str) -> None:
    assert ENGINES[engine](example, DAY) == example["gives"]


def test_every_word_of_the_table_is_known() -> None:
    apart = {"TRUE", "NULL", "DATE", "NEVER", "AS_OF", "IN_PLACE"}
    members = {word["word"] for word in TABLE["words"] if word["group"] == "members"}
    assert {word["word"] for word in TABLE["words"]} - apart - members <= set(WORDS)
