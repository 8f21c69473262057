"""No answer of a law rests on what nobody knows: withholding a fact leaves an answer or makes it unknown."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from policies.catalogue.model import Catalogue
from policies.catalogue.shapes import Entity
from policies.values.workspace import Workspace
from tests.laws.by_engine import frames, law_as_read
from tests.laws.cases import by_question, read_cases

LAWS = ("country_template", "japan_public_assistance", "kentucky_ktap")
KEYS = ("person_id", "household_id")


@pytest.mark.parametrize("law", LAWS)
def test_withholding_a_fact_changes_no_answer_into_another(law: str) -> None:
    cat = law_as_read(law, None)
    asked = {day: cases for (reform, day), cases in by_question(read_cases(law)).items() if reform is None}
    day = max(asked, key=lambda day: len(asked[day]))
    given = dict(zip(("person", "household"), frames(cat, asked[day]), strict=True))
    whole = answers(cat, given, day)
    turned_unknown = 0
    for entity, frame in given.items():
        # what a case gives in the place of a definition is a statement: without it the formula speaks
        for fact in (f for f in frame.columns if f not in KEYS and f"{entity}.{f}" not in cat.definitions):
            nothing = pl.lit(None, dtype=frame.schema[fact]).alias(fact)
            found = answers(cat, {**given, entity: frame.with_columns(nothing)}, day)
            for name, before in whole.items():
                is_other = (found[name] != before).fill_null(False)
                is_new = found[name].is_not_null() & before.is_null()
                assert not (is_other | is_new).any(), (fact, name)
                turned_unknown += int((found[name].is_null() & before.is_not_null()).sum())
    assert turned_unknown > 100


def answers(cat: Catalogue, given: dict[str, pl.DataFrame], day: date) -> dict[str, pl.Series]:
    """Every definition for every row, by "entity.name"."""
    space = Workspace(cat, given["person"], given["household"], day, given_first=True)
    entities: tuple[Entity, ...] = ("person", "household")
    return {
        f"{entity}.{d.name}": space.column(entity, d.name)
        for entity in entities
        for d in cat.definitions.values()
        if d.entity == entity
    }
