"""How rules are read over frames: texts joined from few combinations."""

from __future__ import annotations

import polars as pl

from policies.engine.frames import texts_that_hold


def test_the_texts_whose_test_holds_are_joined_in_order() -> None:
    frame = pl.DataFrame({"a": [True, True, False, None], "b": [True, False, False, True]})
    joined = texts_that_hold([("甲", pl.col("a")), ("乙", pl.col("b"))], "、")
    assert frame.select(joined.alias("x"))["x"].to_list() == ["甲、乙", "甲", "", "乙"]
    assert frame.clear().select(joined.alias("x"))["x"].to_list() == []
    assert frame.select(texts_that_hold([], "、").alias("x"))["x"].to_list() == [""]
