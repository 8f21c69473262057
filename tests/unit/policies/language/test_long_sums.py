"""A law adds up many things: what a long sum costs, and where a number is too large for the language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import duckdb
import polars as pl

from policies.language.duckdb_terms import Texts, to_duckdb
from policies.language.kinds import EXACT, Kind
from policies.language.meaning import meaning
from policies.language.parsing import parsed
from policies.language.polars_terms import Columns, to_polars
from policies.language.terms import Term

DAY = date(2026, 3, 15)
HUGE, MANY = Decimal("999999999999999999.99999999"), 40


class Numbers:
    """Every name is a number with all the digits of the language."""

    def fact(self, name: str) -> Kind | None:
        return EXACT

    def parameter(self, name: str) -> Kind | None:
        return None

    def known_by(self, name: str) -> str | None:
        return None

    def members(self) -> None:
        return None

    def may_rank(self) -> bool:
        return False

    def elsewhere(self, name: str) -> str:
        return ""

    def spelled_like(self, name: str) -> str:
        return ""


def term(text: str) -> Term:
    return meaning(parsed(text), Numbers())


def polars_of(text: str) -> pl.Expr:
    columns = Columns(DAY, pl.col, pl.col, lambda word: pl.col(word.word))
    return to_polars(term(text), columns)


def in_both(text: str, row: Mapping[str, Decimal]) -> list[Decimal | None]:
    """What polars and DuckDB make of one row."""
    frame = pl.DataFrame({name: pl.Series([value], dtype=pl.Decimal(38, 8)) for name, value in row.items()})
    by_duckdb = duckdb.sql(f"SELECT {to_duckdb(term(text), Texts(DAY))} FROM frame").fetchall()
    return [frame.select(polars_of(text)).item(), by_duckdb[0][0]]


def test_a_sum_twice_as_long_is_written_twice_as_long_not_squared() -> None:
    short, long = (" + ".join(f"n{i}" for i in range(many)) for many in (MANY // 2, MANY))
    for written in (lambda text: str(polars_of(text)), lambda text: to_duckdb(term(text), Texts(DAY))):
        assert len(written(long)) < 3 * len(written(short))


def test_a_sum_of_many_is_exact() -> None:
    row = {f"n{i}": Decimal("0.00000001") * i for i in range(MANY)}
    assert in_both(" + ".join(row), row) == [Decimal("0.00000780"), Decimal("0.00000780")]


def test_a_result_too_large_is_unknown_and_stays_so() -> None:
    grain = Decimal("0.00000001")
    assert in_both("a", {"a": HUGE}) == [HUGE, HUGE]
    assert in_both("a + b", {"a": HUGE, "b": grain}) == [None, None]
    assert in_both("a - b", {"a": -HUGE, "b": grain}) == [None, None]
    assert in_both("a + b - b", {"a": HUGE, "b": grain}) == [None, None]
    assert in_both("a * b", {"a": HUGE, "b": Decimal(2)}) == [None, None]
