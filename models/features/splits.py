"""Splitting by time: learn from lists before a cut, measure on the list of the cut, as it will be in use.

Worked example, monthly lists on the 5th, maturity 21 days, today 5 March, three splits:
    matured lists   5 Sep .. 5 Feb (5 Feb + 21 days = 26 Feb), six lists
    cuts            5 Dec, 5 Jan, 5 Feb: each of the last three is judged by itself
    of 5 Jan        train 5 Sep .. 5 Dec (5 Dec + 21 days = 26 Dec), with the outcomes known by 5 Jan;
                    hold-out 5 Jan, with the outcomes known today
A label's span lies free on both sides of the cut: what is learned from had its maturity window before it,
and what is judged has had its own by today. A list inside its window is left out: the visits that come back
first are unlike the rest. The list of 5 Dec enters with what was known on 5 Jan only, though more came in
later: on 5 Jan, when such a model would have been trained, nobody knew it. A random split would let a
household's January outcome help to order its December row, and promise a yield that no month in use can
reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from models.features.labels import known_labels
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class Split:
    """Two frames of one row per household_id and as_of; train as_of + maturity <= cut = hold-out as_of."""

    train: pl.DataFrame
    holdout: pl.DataFrame
    cut: date


def rolling_splits(frame: pl.DataFrame, as_of: date, maturity_days: int, count: int) -> tuple[Split, ...]:
    """The last `count` matured lists, each with what could be learned before it; oldest first.

    Fewer where fewer have matured. Raises ZhaorenError (too_few_lists) when fewer than two lists have: there
    is then no later list to measure on.
    """
    dates = matured(frame, as_of, maturity_days)["as_of"].unique().sort().to_list()
    if len(dates) < 2:
        raise ZhaorenError(
            f"only {len(dates)} list(s) have had {maturity_days} days to come back",
            f"training as of {as_of}",
            "a ranking is learned on earlier lists and measured on later ones, so two are the least",
            "train again after the next list's feedback has come in; until then the rules rank",
            code="too_few_lists",
        )
    splits = (temporal_split(frame, cut, as_of, maturity_days) for cut in dates[1:][-count:])
    return tuple(split for split in splits if split.train.height)


def temporal_split(frame: pl.DataFrame, cut: date, as_of: date, maturity_days: int) -> Split:
    """Split a training frame at the list of `cut`, using on each side only what was known on its own date."""
    before = matured(known_labels(frame, cut), cut, maturity_days).filter(pl.col("as_of") < cut)
    judged = matured(known_labels(frame, as_of), as_of, maturity_days).filter(pl.col("as_of") == cut)
    return Split(before, judged, cut)


def matured(frame: pl.DataFrame, by: date, maturity_days: int) -> pl.DataFrame:
    """The rows of lists whose maturity window has passed by a date."""
    return frame.filter(pl.col("as_of") <= by - timedelta(days=maturity_days))
