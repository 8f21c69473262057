"""Checks of every frame passed to this room: its columns are there, its keys are unique."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from zhaoren.errors import ZhaorenError


def need_columns(frame: pl.DataFrame, columns: Iterable[str], frame_name: str) -> None:
    """Raise ZhaorenError naming the columns a frame lacks.

    A column that is there but null means "unknown"; a column that is not there is a mistake of ours,
    and reading it as unknown would hide the mistake.
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ZhaorenError(
            f"the {frame_name} frame lacks {len(missing)} column(s): {', '.join(missing[:8])}",
            frame_name,
            "the ranking was built on these facts",
            "pass the full frame; a fact that was never delivered is a null column, not a missing one",
        )


def one_row_each(frame: pl.DataFrame, keys: list[str], frame_name: str) -> None:
    """Raise ZhaorenError when a key is not unique: joining on it would count households twice."""
    repeated = frame.height - frame.select(keys).n_unique()
    if repeated:
        raise ZhaorenError(
            f"the {frame_name} frame holds {repeated} duplicate key(s)",
            f"{frame_name}, columns {', '.join(keys)}",
            "a household has one row per date",
            "remove the duplicates where the frame is made",
        )
