"""The duel's shares and difference, counted by hand; few answers give none."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from models.evaluation.duel import duel


def rows(side: str, need: int, none: int, silent: int = 0) -> pl.DataFrame:
    labels = [True] * need + [False] * none + [None] * silent
    label = pl.Series("label", labels, pl.Boolean)
    return pl.DataFrame({"quarter": [date(2025, 7, 1)] * len(labels), "side": side}).with_columns(label)


def test_the_difference_has_newcombes_interval() -> None:
    # Newcombe 1998, table II, method 10: 56/70 less 48/80 is 0.2, 0.0524 to 0.3339
    both = pl.concat([rows("listed", 56, 14, 9), rows("nominated", 48, 32)])
    got = duel(both).row(0, named=True)
    assert (got["listed_share"], got["nominated_share"]) == (0.8, 0.6)
    assert got["difference"] == pytest.approx(0.2)
    assert got["difference_low"] == pytest.approx(0.0524, abs=1e-4)
    assert got["difference_high"] == pytest.approx(0.3339, abs=1e-4)
    assert (got["listed_cnt"], got["listed_told_cnt"]) == (79, 70)


def test_few_answers_on_either_side_tell_nothing() -> None:
    got = duel(pl.concat([rows("listed", 40, 40), rows("nominated", 10, 9, 30)])).row(0, named=True)
    assert got["difference"] is None and got["listed_share"] is None and got["nominated_need_cnt"] == 10


def test_no_nomination_no_row() -> None:
    assert duel(rows("listed", 1, 1).clear()).is_empty()
