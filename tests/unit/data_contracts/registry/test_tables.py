"""The declared tables: complete, in both languages, with a reason for everything analysts do not get."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import duckdb
import pytest
from pydantic import ValidationError

from data_contracts.loading.fact_entries import FactEntry
from data_contracts.registry.column_types import DTYPES, FACT_TYPES, TYPES
from data_contracts.registry.tables import (
    Column,
    extract_columns,
    part_of,
    read_tables,
    schema,
    shipped_tables,
    with_facts,
)
from policies.catalogue.fact import Fact
from zhaoren.errors import ZhaorenError

TABLES = shipped_tables()
COLUMNS = [(name, column, told) for name, t in TABLES.items() for column, told in t.columns.items()]
ONE = """
mart.thing:
  zh: 事物
  en: "one row per thing"
  key: [as_of]
  columns:
    as_of: {}
    size_cnt: {type: integer, zh: 大小, en: "how big"}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "common.yaml").write_text('as_of: {type: date, zh: 日期, en: "the day"}\n')
    (tmp_path / "mart.yaml").write_text(ONE)
    return tmp_path


def test_every_column_is_told_in_chinese_and_in_english() -> None:
    assert len(COLUMNS) > 250
    for name, column, told in [*COLUMNS, *(("extract", c, t) for c, t in extract_columns().items())]:
        assert re.search("[一-鿿]", told.zh) and told.en, (name, column)
    assert all(re.search("[一-鿿]", t.zh) and t.en for t in TABLES.values())


def test_whatever_analysts_do_not_get_says_why() -> None:
    for name, table in TABLES.items():
        assert table.published or len(table.withheld) > 15, name
        for column, told in table.columns.items():
            published = column in table.published
            assert published or len(table.withheld or told.withheld) > 15, (name, column)


def test_the_same_name_is_the_same_type_everywhere() -> None:
    """But for names older than the rule: homes hold them, so they stay."""
    older = {"value", "missing_facts", "questions_zh"}
    kinds: dict[str, set[str]] = {}
    for name, column, told in COLUMNS:
        if (name, column) != ("mart.evaluation", "as_of"):  # there it may be the word all
            kinds.setdefault(column, set()).add(told.type)
    assert {name: kind for name, kind in kinds.items() if len(kind) > 1}.keys() == older


def is_type_of_a_fact(name: str) -> bool:
    try:
        Fact(name="x", entity="person", type=name, unit="", zh="x", sources=())
    except ValidationError:
        return False
    return True


def test_one_table_of_types_serves_facts_duckdb_and_polars() -> None:
    assert {name for name in TYPES if is_type_of_a_fact(name)} == set(FACT_TYPES)
    assert set(get_args(FactEntry.model_fields["type"].annotation)) == set(FACT_TYPES)
    assert set(get_args(Column.model_fields["type"].annotation)) == set(TYPES)
    con = duckdb.connect()
    for name, both in TYPES.items():
        assert con.execute(f"SELECT NULL::{both.duckdb} AS x").pl().schema["x"] == DTYPES[name], name


def test_a_table_takes_over_what_is_common(own: Path) -> None:
    table = read_tables(own)["mart.thing"]
    assert table.schema() == {"as_of": DTYPES["date"], "size_cnt": DTYPES["integer"]}
    assert table.columns["as_of"].comment == "日期 the day"
    assert table.key == ("as_of",)


def test_schemas_leave_out_what_the_writer_adds() -> None:
    assert list(schema("mart.score", without=("as_of",))) == ["household_id", "score", "model_id"]
    assert list(part_of("ops.delivery", ("status", "sha256"))) == ["status", "sha256"]
    with pytest.raises(KeyError):
        part_of("ops.delivery", ("no_such_column",))


def test_facts_follow_the_declared_columns_of_their_entity() -> None:
    told = Column(type="boolean", zh="在押")
    facts = [("person", "in_custody", told), ("household", "size_cnt", Column(type="integer", zh="大小"))]
    person = with_facts(TABLES["panel.person"], facts)
    assert list(person.columns)[-1] == "in_custody" and "size_cnt" not in person.columns
    assert person.published == []
    assert list(with_facts(TABLES["panel.household"], facts).columns)[-1] == "size_cnt"
    assert with_facts(TABLES["mart.score"], facts) == TABLES["mart.score"]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("type: integer", "type: inteeger", 8, "mart.thing.columns.size_cnt.type"),
        ("zh: 大小, ", "", 8, "mart.thing.columns.size_cnt.zh"),
        ("key: [as_of]", "keys: [as_of]", 5, "mart.thing.keys"),
        ("key: [as_of]", "key: [as_off]", 5, "as_off"),
        ("as_of: {}", "as_off: {}", 7, "mart.thing.columns.as_off.type"),
    ],
)
def test_a_wrong_declaration_is_named_with_its_line(
    own: Path, old: str, new: str, line: int, message: str
) -> None:
    file = own / "mart.yaml"
    file.write_text(ONE.replace(old, new))
    with pytest.raises(ZhaorenError, match=message) as refused:
        read_tables(own)
    assert refused.value.where == f"{file}:{line}"
