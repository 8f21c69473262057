"""Splitting by time: learn from lists before a cut, measure on lists after it, as it will be in use.

Worked example, monthly lists on the 5th, maturity 21 days, today 5 March:
    matured lists   5 Sep .. 5 Feb (5 Feb + 21 days = 26 Feb), six lists
    cut             5 Jan: the last third of the six is held out
    train           5 Sep .. 5 Dec (5 Dec + 21 days = 26 Dec), with the outcomes known by 5 Jan
    hold-out        5 Jan, 5 Feb, with the outcomes known today
A list that has not had its maturity window is left out: the visits that come back first are unlike the rest.
The list of 5 Dec enters the train side with what was known on 5 Jan only, though more came in later: on
5 Jan, when such a model would have been trained, nobody knew it. A random split would let a household's
January outcome help to order its December row, and promise a yield that no month in use can reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from models.features.labels import known_labels
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class Split:
    """Two frames of one row per household_id and as_of; every train as_of < cut <= every hold-out as_of."""

    train: pl.DataFrame
    holdout: pl.DataFrame
    cut: date


def temporal_split(frame: pl.DataFrame, cut: date, as_of: date, maturity_days: int) -> Split:
    """Split a training frame at `cut`, using on each side only what was known on its own date."""
    before = matured(known_labels(frame, cut), cut, maturity_days).filter(pl.col("as_of") < cut)
    after = matured(known_labels(frame, as_of), as_of, maturity_days).filter(pl.col("as_of") >= cut)
    return Split(before, after, cut)


def matured(frame: pl.DataFrame, by: date, maturity_days: int) -> pl.DataFrame:
    """The rows of lists whose maturity window has passed by a date."""
    return frame.filter(pl.col("as_of") <= by - timedelta(days=maturity_days))


def choose_cut(frame: pl.DataFrame, as_of: date, maturity_days: int) -> date:
    """The first list date of the last third of matured lists (at least one list).

    Raises ZhaorenError when fewer than two lists have matured: there is then no later list to measure on.
    """
    dates = matured(frame, as_of, maturity_days)["as_of"].unique().sort().to_list()
    if len(dates) < 2:
        raise ZhaorenError(
            f"only {len(dates)} list(s) have had {maturity_days} days to come back",
            f"training as of {as_of}",
            "a ranking is learned on earlier lists and measured on later ones, so two are the least",
            "train again after the next list's feedback has come in; until then the rules rank",
        )
    return dates[-max(1, len(dates) // 3)]
