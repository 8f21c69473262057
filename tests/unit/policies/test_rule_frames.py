"""How rules are read over frames: what is asked in turn, and texts joined from few combinations."""

from __future__ import annotations

import polars as pl
import pytest

from policies.engine.frames import conjuncts, told


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a AND b", ["a", "b"]),
        ("a BETWEEN 1 AND 2 AND b", ["a BETWEEN 1 AND 2", "b"]),
        ("(a OR b) AND c", ["(a OR b)", "c"]),
        ("a AND b OR c", ["a AND b OR c"]),
        ("CASE WHEN a AND b THEN c ELSE d END AND e", ["CASE WHEN a AND b THEN c ELSE d END", "e"]),
        ("a = 'x AND y' AND b", ["a = 'x AND y'", "b"]),
        ("a", ["a"]),
    ],
)
def test_a_test_is_taken_apart_only_where_all_parts_must_hold(text: str, parts: list[str]) -> None:
    assert [part.strip() for part in conjuncts(text)] == parts


def test_the_texts_whose_test_holds_are_joined_in_order() -> None:
    frame = pl.DataFrame({"a": [True, True, False, None], "b": [True, False, False, True]})
    said = told([("甲", pl.col("a")), ("乙", pl.col("b"))], "、")
    assert frame.select(said.alias("x"))["x"].to_list() == ["甲、乙", "甲", "", "乙"]
    assert frame.clear().select(said.alias("x"))["x"].to_list() == []
    assert frame.select(told([], "、").alias("x"))["x"].to_list() == [""]
