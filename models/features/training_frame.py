"""The training frame: what was known of a household on the day it was listed, and what a visit found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from models.features.feature_list import SIGNAL
from models.features.groups import GROUPS, household_groups
from models.features.household_features import feature_columns, household_features, need_signal_ids
from models.features.labels import labels

# as_of, households (one row each), persons, signals: everything as it was known on as_of.
Panel = tuple[date, pl.DataFrame, pl.DataFrame, pl.DataFrame]
KEYS = (
    "household_id",
    "town_code",
    "as_of",
    "alert_id",
    "arm",
    "result_code",
    "found_date",
    "known_date",
    "label",
)


def training_frame(
    panels: Iterable[Panel], alerts: pl.DataFrame, outcomes: pl.DataFrame, codes: Mapping[str, bool | None]
) -> pl.DataFrame:
    """One row per outcome that says something about need, with the features of its list date.

    Columns: KEYS, the audit groups (never inputs), then the features. An alert with several outcomes has
    several rows, each with its known_date; `train` uses the latest one known at its own date. `panels` may be
    a generator: one panel is in memory at a time. An alert whose date has no panel gives no row.
    """
    labelled = labels(outcomes, alerts, codes)
    parts = _same_signals([_part(panel, labelled) for panel in panels])
    rows = pl.concat(parts, how="diagonal") if parts else labelled
    order = [*KEYS, *(g for g in GROUPS if g in rows.columns), *feature_columns(rows)]
    return rows.select(order).sort("as_of", "household_id", "known_date", "result_code", "alert_id")


def _part(panel: Panel, labelled: pl.DataFrame) -> pl.DataFrame:
    """The labelled rows of one date with their features; only the visited households are computed."""
    as_of, households, persons, signals = panel
    rows = labelled.filter(pl.col("as_of") == as_of)
    visited = [f.join(rows, on="household_id", how="semi") for f in (households, persons, signals)]
    homes, members, fired = visited
    # the features as of the list's own date, so that nothing learned at the door is in them
    features = household_features(homes, members, fired, need_signal_ids(signals)).drop("town_code")
    groups = household_groups(homes, members)
    return rows.join(features, on="household_id", how="inner").join(groups, on="household_id", how="left")


def _same_signals(parts: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Give every part every signal column: a signal nobody had yet on a date did not fire there (zero)."""
    every = sorted({c for part in parts for c in part.columns if c.startswith(SIGNAL)})
    zero = pl.lit(0.0, pl.Float32)
    return [part.with_columns(zero.alias(c) for c in every if c not in part.columns) for part in parts]
