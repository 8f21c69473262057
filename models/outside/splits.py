"""Splits of an outside frame: by entity, or rolling in time with a gap.

Worked example in time, yearly waves 2010 to 2016, three splits, gap 1:
    test 2014   learns from 2010 .. 2012 (2013 is the gap: its answers were not all known in 2014)
    test 2015   learns from 2010 .. 2013
    test 2016   learns from 2010 .. 2014
Many different times (daily dates) are put into equal blocks of rows first: the later half is tested, block by
block, and each learns from what lies more than the gap before its block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.outside.roles import frame_error

# More different times than this are dates of rows, not waves of a survey.
_MOST_WAVES = 40
LEAST_ROWS, LEAST_ANSWERS = 30, 10


@dataclass(frozen=True)
class FrameSplit:
    """Row numbers to learn from and to test on; `name` says which fold or from which time on."""

    name: str
    train: np.ndarray
    test: np.ndarray


def grouped_splits(entity: np.ndarray, label: np.ndarray, *, folds: int, seed: int) -> list[FrameSplit]:
    """Folds by entity (text): no entity is in two of them, and each gets its part of the rarer answers."""
    names, code = np.unique(entity, return_inverse=True)
    if len(names) < 2 * folds:
        raise frame_error(
            "frame_few_entities",
            f"there are only {len(names)} different entities",
            f"{folds} folds need at least {2 * folds}",
            "name the column that tells rows' owners apart as --entity, or give more rows",
        )
    # dealt out within the highest answer an entity ever gave, so that rare answers reach every fold
    highest = np.zeros(len(names), dtype=np.int64)
    np.maximum.at(highest, code, label)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(highest[order], kind="stable")]
    fold = np.empty(len(names), dtype=np.int64)
    fold[order] = np.arange(len(names)) % folds
    of_row = fold[code]
    rows = np.arange(len(entity))
    return [FrameSplit(f"fold {k + 1}", rows[of_row != k], rows[of_row == k]) for k in range(folds)]


def rolling_splits(time: np.ndarray, *, count: int, gap: float | None) -> list[FrameSplit]:
    """Splits in time, the earliest first. `gap`: in the time's unit (days of dates); default one step."""
    waves = np.unique(time)
    width = gap_of(waves, gap)
    starts = _starts(time, waves, count)
    ends = [*starts[1:], np.inf][: len(starts)]
    rows = np.arange(len(time))
    splits = [
        FrameSplit(f"from {start:g}", rows[time < start - width], rows[(time >= start) & (time < end)])
        for start, end in zip(starts, ends, strict=True)
    ]
    found = [s for s in splits if len(s.train) and len(s.test)]
    if not found:
        raise frame_error(
            "frame_few_times",
            f"{len(waves)} different times leave nothing to learn from before a gap of {width:g}",
            "a split in time learns from earlier rows and is tested on later ones",
            "give more waves, or a smaller --gap (0: the wave before the tested one is learned from too)",
        )
    return found


def gap_of(time: np.ndarray, gap: float | None) -> float:
    """The gap that was asked for, else the smallest step between two times."""
    if gap is not None:
        return gap
    waves = np.unique(time)
    return float(np.diff(waves).min()) if len(waves) > 1 else 0.0


def _starts(time: np.ndarray, waves: np.ndarray, count: int) -> list[float]:
    if len(waves) <= _MOST_WAVES:
        return [float(w) for w in waves[1:][-count:]]
    cuts = np.quantile(time, [0.5 + 0.5 * k / count for k in range(count)], method="higher")
    return sorted({float(c) for c in cuts})


def enough(split: FrameSplit, label: np.ndarray, class_cnt: int) -> bool:
    """Whether both sides hold every answer: ten of each to learn from, one of each to test on."""
    learned = np.bincount(label[split.train], minlength=class_cnt)
    tested = np.bincount(label[split.test], minlength=class_cnt)
    return len(split.train) >= LEAST_ROWS and learned.min() >= LEAST_ANSWERS and tested.min() >= 1
