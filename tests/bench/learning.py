"""Learning a ranking and scoring a province with it, in processor seconds and wall time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TypeVar

import numpy as np
import polars as pl

from models.features.feature_list import HOUSEHOLD, PERSON, SIGNAL_TOTALS
from models.ranking.fitting import fit, predict

T = TypeVar("T")
LEARNED, SCORED, LISTS = 300_000, 1_600_000, 12
# Of a household's facts most offices know some: so many cells are unknown.
UNKNOWN = 0.4


def made_rows(count: int, seed: int) -> pl.DataFrame:
    """Feature rows of households on LISTS dates, with a label that a third of the features decide."""
    rng = np.random.default_rng(seed)
    names = [f.name for f in (*HOUSEHOLD, *PERSON)] + list(SIGNAL_TOTALS)
    odds = np.full(count, -1.0)
    columns = {}
    for place, name in enumerate(names):
        cells = rng.gamma(1.0, 1.0, count).astype(np.float32)
        if place % 3 == 0:
            odds += 0.4 * (np.minimum(cells, 2) - 1)
        cells[rng.random(count) < UNKNOWN] = np.nan
        columns[name] = cells
    days = [date(2025, month, 5) for month in range(1, LISTS + 1)]
    return pl.DataFrame(columns, nan_to_null=True).with_columns(
        household_id=pl.format("H{}", pl.int_range(count)),
        as_of=pl.Series(rng.integers(0, LISTS, count)).replace_strict(dict(enumerate(days))),
        label=pl.Series(rng.random(count) < 1 / (1 + np.exp(-odds))),
    )


def bench_learning(say: Callable[[str, str, str], None]) -> None:
    """Print what learning and scoring cost."""
    rows = made_rows(LEARNED, 1)
    for kind in ("logistic", "boosting"):
        model, cpu, wall = _timed(partial(fit, kind, rows, 0, 21))
        goal = "wall < 60 s on 2 quiet cores" if kind == "boosting" else "-"
        say(f"learn {kind} from {LEARNED:,} rows, {len(model.features)} features", _spent(cpu, wall), goal)
    del rows
    homes = made_rows(SCORED, 2)
    _, cpu, wall = _timed(lambda: predict(model, homes))
    say(f"score {SCORED:,} households with it", _spent(cpu, wall), "wall < 10 s on 2 quiet cores")


def _spent(cpu: float, wall: float) -> str:
    return f"{cpu:.0f} cpu, {wall:.0f} s"


def _timed(work: Callable[[], T]) -> tuple[T, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.process_time() - cpu, time.perf_counter() - wall
