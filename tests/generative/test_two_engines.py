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
from policies.catalogue.model import KEYS
from policies.catalogue.rule_texts import Rule, rule_texts
from policies.catalogue.shapes import Entity
from policies.catalogue.signal import Signal
from policies.engine.evaluate_signals import signal_sql
from policies.engine.sql import compiled, with_parameters
from policies.language.parsing import parsed
from policies.loading import load_catalogue
from tests.helpers.duckdb_rules import duckdb_answers
from tests.helpers.examples import costly

CATALOGUE = load_catalogue()
AS_OF = date(2025, 9, 5)


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


def _frame(data: st.DataObject, entity: Entity, sql: str) -> pl.DataFrame:
    facts = CATALOGUE.facts_of(entity)
    types = {name: "text" if name in KEYS else facts[name].type for name in parsed(sql).columns}
    rows = data.draw(
        st.lists(st.tuples(*(_values(kind, sql) for kind in types.values())), min_size=1, max_size=60)
    )
    columns = dict(zip(types, zip(*rows, strict=True), strict=True))
    series = {n: pl.Series(n, list(v), dtype=DTYPES[types[n]]) for n, v in columns.items()}
    return pl.DataFrame(series) if series else pl.DataFrame({"row": [1]})


@pytest.mark.parametrize(("entity", "text", "kind", "day"), list(_texts()))
@costly
@given(data=st.data())
def test_polars_and_duckdb_agree(
    entity: Entity, text: str, kind: str, day: date, data: st.DataObject
) -> None:
    sql = with_parameters(CATALOGUE, text, day, entity)
    frame = _frame(data, entity, sql)
    same = pl.Boolean if kind == "boolean" else pl.Decimal(38, 6)
    by_polars = frame.select(compiled(sql).cast(same).alias("x"))["x"].to_list()
    if len(by_polars) != frame.height:  # a rule without facts is one value
        by_polars *= frame.height
    assert by_polars == duckdb_answers(sql, frame, kind)
    if kind == "boolean":
        parts = [compiled(with_parameters(CATALOGUE, c.text, day, entity)) for c in parsed(text).conjuncts]
        by_parts = frame.select(pl.all_horizontal(parts).alias("x"))["x"].to_list()
        assert by_parts * (frame.height // len(by_parts)) == by_polars, "parts written anew from the tree"
