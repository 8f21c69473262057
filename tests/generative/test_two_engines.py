"""One rule text, two engines: polars and DuckDB must give the same answer on any facts, nulls included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.registry.column_types import DTYPES
from policies.catalogue.fact import Fact
from policies.catalogue.model import KEYS
from policies.catalogue.rule_texts import Rule, rule_texts
from policies.catalogue.shapes import Entity
from policies.catalogue.signal import Signal
from policies.engine.evaluate_signals import signal_sql
from policies.language.terms import Term
from policies.loading import load_catalogue
from policies.values.names import facts_named, meaning_of
from policies.values.options import options
from policies.values.workspace import Workspace
from tests.helpers.duckdb_rules import duckdb_answers
from tests.helpers.examples import costly

CATALOGUE = load_catalogue()
AS_OF = date(2025, 9, 5)
ROWS = 20
TOWNS = st.sampled_from([None, "440106001", "440305001", "445202001"])


def _texts() -> Iterator[Any]:
    rules: list[Rule] = [*CATALOGUE.benefits, *CATALOGUE.signals]
    for rule in rules:
        day = AS_OF if rule.in_force(AS_OF) else rule.valid_from
        for key, text, kind in rule_texts(rule):
            whole = signal_sql(rule) if isinstance(rule, Signal) and key == ("condition",) else text
            yield pytest.param(rule.entity, whole, kind, day, id=f"{rule.id}@{day} {'.'.join(map(str, key))}")


def _values(fact_type: str, sql: str) -> st.SearchStrategy[Any]:
    """Values near those the rule compares with, so that both sides of every test are drawn."""
    numbers = [Decimal(n) for n in re.findall(r"(?<![\w.'])\d+(?:\.\d+)?(?![\w.'])", sql)]
    numbers = [n for n in numbers if n < 100_000] or [Decimal(0)]
    near = st.sampled_from(numbers)
    whole = st.one_of(near.map(int), near.map(lambda n: int(n) + 1), st.integers(-3, 500))
    cents = st.integers(0, 2_000_000).map(lambda n: Decimal(n) / 100)
    words = sorted(set(re.findall(r"'([^']*)'", sql)) | {"none"})
    amount = st.one_of(near, near.map(lambda n: n + Decimal("0.01")), cents)
    drawn = {
        "integer": whole,
        "boolean": st.booleans(),
        "text": st.sampled_from(words),
        "date": st.dates(date(2020, 1, 1), date(2026, 12, 31)),
        "yuan": amount,
        "number": amount,
    }[fact_type]
    return st.one_of(st.none(), drawn)


def _rows(data: st.DataObject, facts: list[Fact], sql: str) -> pl.DataFrame:
    """Random values of some facts, as many rows as drawn for the first."""
    drawn = data.draw(
        st.lists(st.tuples(*(_values(f.type, sql) for f in facts)), min_size=ROWS, max_size=ROWS)
    )
    columns = zip(facts, zip(*drawn, strict=True) if facts else (), strict=True)
    return pl.DataFrame([pl.Series(f.name, list(v), dtype=DTYPES[f.type]) for f, v in columns])


def _space(data: st.DataObject, entity: Entity, term: Term, day: date, sql: str) -> Workspace:
    """One person in each of some households, with the facts that the text and its parameters read."""
    named = dict.fromkeys(facts_named(CATALOGUE, term, entity))
    for name in term.parameters():
        known = CATALOGUE.facts_of(entity)
        columns = options(CATALOGUE, name, day, entity).all_columns
        named |= dict.fromkeys(known[column] for column in columns if column in known)
    ids = pl.Series("household_id", [f"h{i}" for i in range(ROWS)])
    towns = pl.Series("town_code", data.draw(st.lists(TOWNS, min_size=ROWS, max_size=ROWS)), dtype=pl.String)
    own = [fact for fact in named if fact.entity == "person" and fact.name not in KEYS]
    homes = [fact for fact in named if fact.entity == "household" and fact.name not in KEYS]
    persons = pl.concat(
        [pl.DataFrame([ids.alias("person_id"), ids, towns]), _rows(data, own, sql)], how="horizontal"
    )
    households = pl.concat([pl.DataFrame([ids, towns]), _rows(data, homes, sql)], how="horizontal")
    return Workspace(CATALOGUE, persons, households, day)


@pytest.mark.parametrize(("entity", "text", "kind", "day"), list(_texts()))
@costly
@given(data=st.data())
def test_polars_and_duckdb_agree(
    entity: Entity, text: str, kind: str, day: date, data: st.DataObject
) -> None:
    term = meaning_of(CATALOGUE, text, entity)
    values = [
        o.amount for name in term.parameters() for o in options(CATALOGUE, name, day, entity).listed[:3]
    ]
    space = _space(data, entity, term, day, f"{text} {values}")
    assert space.term(entity, term).to_list() == duckdb_answers(space, entity, term)
