"""Names and texts survive being written into SQL, quotes and all; DuckDB and polars agree."""

from __future__ import annotations

import duckdb
import polars as pl
import pytest

from zhaoren.sql_text import quoted_name, quoted_text, too_much

ODD = ["plain", 'a "b" c', "it's", "'); DROP TABLE x; --", '""', "''", "年龄 {x} :y", ""]


@pytest.mark.parametrize("value", ODD)
def test_a_text_comes_back_as_it_was(value: str) -> None:
    assert duckdb.sql(f"SELECT {quoted_text(value)}").fetchall() == [(value,)]
    assert pl.select(answer=pl.sql_expr(quoted_text(value))).item() == value


@pytest.mark.parametrize("name", [name for name in ODD if name])
def test_a_name_comes_back_as_it_was(name: str) -> None:
    assert duckdb.sql(f"SELECT 1 AS {quoted_name(name)}").columns == [name]


MUCH = {
    "alternatives": " OR ".join(["a = 1"] * 300),
    "a repeated word": "INTERVAL " * 3_000 + "'1' day",
    "signs": "~" * 3_000 + "a",
    "brackets": "(" * 31 + "a" + ")" * 31,
    "cases": "CASE WHEN a THEN " * 31 + "1" + " END" * 31,
}


@pytest.mark.parametrize("kind", MUCH)
def test_more_than_an_engine_should_be_given_is_noticed_before_it_gets_it(kind: str) -> None:
    """Of 600 alternatives polars thinks for half a minute; of 3,000 INTERVAL its parser ends the process."""
    assert "more than" in too_much(MUCH[kind])


def test_long_lists_and_texts_are_not_too_much() -> None:
    listed = ", ".join(f"'INTERVAL ( {n}'" for n in range(5_000))
    assert too_much(f"a IN ({listed}) AND b NOT IN ({', '.join(map(str, range(5_000)))})") == ""
    assert too_much(" OR ".join(["a = 1"] * 150)) == ""
