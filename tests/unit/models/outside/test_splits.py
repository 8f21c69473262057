"""Splits of outside frames: nobody on both sides, nothing later learned from, a gap between."""

from __future__ import annotations

import numpy as np
import pytest

from models.outside.splits import enough, grouped_splits, rolling_splits
from zhaoren.errors import ZhaorenError


def test_no_entity_is_on_both_sides_and_every_row_is_tested_once() -> None:
    rng = np.random.default_rng(1)
    entity, label = rng.integers(0, 80, 400), (rng.random(400) < 0.1).astype(int)
    splits = grouped_splits(entity, label, folds=5, seed=3)
    for split in splits:
        assert not set(entity[split.train]) & set(entity[split.test])
    assert sorted(np.concatenate([s.test for s in splits])) == list(range(400))


def test_rare_answers_reach_every_fold() -> None:
    label = np.zeros(500, dtype=int)
    label[:10] = 1
    splits = grouped_splits(np.arange(500), label, folds=5, seed=0)
    assert [int(label[s.test].sum()) for s in splits] == [2] * 5


def test_the_worked_example_in_time() -> None:
    time = np.repeat(np.arange(2010, 2017), 10)
    splits = rolling_splits(time, count=3, gap=None)
    learned = [(s.name, sorted(set(time[s.train])), sorted(set(time[s.test]))) for s in splits]
    assert learned == [
        ("from 2014", [2010, 2011, 2012], [2014]),
        ("from 2015", [2010, 2011, 2012, 2013], [2015]),
        ("from 2016", [2010, 2011, 2012, 2013, 2014], [2016]),
    ]


def test_daily_dates_roll_in_blocks_with_their_gap() -> None:
    time = np.arange(1000.0)
    splits = rolling_splits(time, count=3, gap=90)
    assert len(splits) == 3 and sum(len(s.test) for s in splits) == 500
    for split in splits:
        assert time[split.train].max() < time[split.test].min() - 90


def test_too_few_to_split_is_told() -> None:
    for what in (
        lambda: grouped_splits(np.zeros(100), np.arange(100) % 2, folds=5, seed=0),
        lambda: rolling_splits(np.zeros(100), count=3, gap=None),
        lambda: rolling_splits(np.repeat([1.0, 2.0], 50), count=3, gap=None),
    ):
        with pytest.raises(ZhaorenError) as error:
            what()
        assert error.value.code in ("frame_few_entities", "frame_few_times")
    assert len(rolling_splits(np.repeat([1.0, 2.0], 50), count=3, gap=0)) == 1


def test_a_split_without_both_answers_is_not_enough() -> None:
    label = np.array([0] * 80 + [1] * 20)
    (one, *_) = grouped_splits(np.arange(100), label, folds=5, seed=0)
    assert enough(one, label, 2)
    assert not enough(one, np.zeros(100, dtype=int), 2)
