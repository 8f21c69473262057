"""Names and texts survive being written into SQL, quotes and all; DuckDB and polars agree."""

from __future__ import annotations

import duckdb
import polars as pl
import pytest

from zhaoren.sql_text import quoted_name, quoted_text

ODD = ["plain", 'a "b" c', "it's", "'); DROP TABLE x; --", '""', "''", "年龄 {x} :y", ""]


@pytest.mark.parametrize("value", ODD)
def test_a_text_comes_back_as_it_was(value: str) -> None:
    assert duckdb.sql(f"SELECT {quoted_text(value)}").fetchall() == [(value,)]
    assert pl.select(answer=pl.sql_expr(quoted_text(value))).item() == value


@pytest.mark.parametrize("name", [name for name in ODD if name])
def test_a_name_comes_back_as_it_was(name: str) -> None:
    assert duckdb.sql(f"SELECT 1 AS {quoted_name(name)}").columns == [name]
