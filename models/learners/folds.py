"""Splits inside the training rows, for choosing sizes and for honest chances.

Without a time: five parts, no entity in two of them; large samples are split once. With a time: the last
parts in time are tested, each learned from what lay at least `gap_days` before its first day.
"""

from __future__ import annotations

import numpy as np

from models.learners.sample import Rows

Fold = tuple[np.ndarray, np.ndarray]
_PARTS = 5
# From here one split tells sizes apart well enough, and five fits would take minutes.
ONE_SPLIT_ROWS = 40_000
_LEAST_EACH = 5


def folds_of(rows: Rows, gap_days: int, seed: int) -> list[Fold]:
    """Pairs of row numbers: learned from, tested on. Both sides of each hold both answers; may be empty."""
    found = _in_time(rows, gap_days) if rows.time is not None else []
    found = [fold for fold in found if _both_answers(rows.label, fold)]
    return found or [fold for fold in _in_parts(rows, seed) if _both_answers(rows.label, fold)]


def _in_time(rows: Rows, gap_days: int) -> list[Fold]:
    assert rows.time is not None
    days = np.unique(rows.time[np.isfinite(rows.time)])
    if len(days) < 3:
        return []
    # the later half of the days in up to three parts, each after all that it is learned from
    blocks = 1 if len(rows.label) >= ONE_SPLIT_ROWS else 3
    later = days[len(days) // 2 :] if blocks > 1 else days[-max(1, len(days) // 4) :]
    parts = [part for part in np.array_split(later, blocks) if len(part)]
    return [
        (
            np.flatnonzero(rows.time + gap_days < part[0]),
            np.flatnonzero((rows.time >= part[0]) & (rows.time <= part[-1])),
        )
        for part in parts
    ]


def _in_parts(rows: Rows, seed: int) -> list[Fold]:
    whose = rows.entity if rows.entity is not None else np.arange(len(rows.label))
    names, place = np.unique(whose, return_inverse=True)
    part = np.random.default_rng(seed).permutation(len(names)) % _PARTS
    of_row = part[place]
    tested = range(1 if len(rows.label) >= ONE_SPLIT_ROWS else _PARTS)
    return [(np.flatnonzero(of_row != t), np.flatnonzero(of_row == t)) for t in tested]


def _both_answers(label: np.ndarray, fold: Fold) -> bool:
    return all(_LEAST_EACH <= label[side].sum() <= len(side) - _LEAST_EACH for side in fold)
