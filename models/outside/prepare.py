"""A frame from outside made ready: its answers, whose rows they are, its features, in an order of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.outside.answers import label_classes, role_columns
from models.outside.columns import Columns, choose_columns, endless_cells, feature_frame
from models.outside.households import household_column, plan_roll_up, roll_up, rolled_columns
from models.outside.roles import ENTITY, LABEL, TIME, WEIGHT, Roles, check_roles, frame_error

TESTED = "zr:tested"
LEAST_ROWS = 40


@dataclass(frozen=True)
class Prepared:
    """Rows ready to be split and learned from.

    rows        role columns (zr:*), `zr:tested` (the row comes from the test file), then the features
    columns     the features by kind, and what was left out and why
    classes     the label's values in order; zr:label holds their numbers
    notes       what was done that a reader must know, one sentence each
    """

    rows: pl.DataFrame
    columns: Columns
    classes: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def label(self) -> np.ndarray:
        """The class number of each row."""
        return self.rows[LABEL].to_numpy()

    @property
    def entity(self) -> np.ndarray:
        """The number of each row's entity, from 0."""
        return self.rows[ENTITY].rank("dense").to_numpy().astype(np.int64) - 1


def prepare(frame: pl.DataFrame, roles: Roles, test: pl.DataFrame | None = None) -> Prepared:
    """Make a frame (and a test frame with the same columns) ready. The same rows in any order give the same.

    Raises ZhaorenError (codes frame_*) for whatever a user can get wrong.
    """
    check_roles(frame, roles)
    classes = label_classes(frame[roles.label], roles)
    columns = Columns((), (), {}) if roles.score else choose_columns(frame, roles)
    parts = [_shaped(frame, roles, columns, classes)]
    notes = _cell_notes(frame, columns)
    if test is not None:
        check_roles(test, roles)
        parts.append(_shaped(test, roles, columns, classes))
    if roles.household:
        parts, columns, said = _households(parts, columns)
        notes += said
    joined = [pl.concat([r, f], how="horizontal").with_columns(pl.lit(n > 0).alias(TESTED))
              for n, (r, f) in enumerate(parts)]  # fmt: skip
    rows, said = _usable(pl.concat(joined))
    order = sorted(rows.columns, key=lambda c: not c.startswith("zr:"))
    rows = rows.select(order).sort(order, nulls_last=True)
    if not (roles.entity or roles.household):
        rows = rows.with_columns(pl.int_range(pl.len()).cast(pl.String).alias(ENTITY))
        said = [*said, "no --entity: each row counts as its own"]
    return Prepared(rows, columns, classes, (*notes, *said, *_overlap(rows)))


def _shaped(
    frame: pl.DataFrame, roles: Roles, columns: Columns, classes: tuple[str, ...]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    named = role_columns(frame, roles, classes)
    if roles.household:
        named = named.with_columns(household_column(frame[roles.household]))
    return named, feature_frame(frame, columns)


def _households(
    parts: list[tuple[pl.DataFrame, pl.DataFrame]], columns: Columns
) -> tuple[list[tuple[pl.DataFrame, pl.DataFrame]], Columns, list[str]]:
    plan = plan_roll_up(*parts[0], columns)
    persons = sum(r.height for r, _ in parts)
    rolled = [roll_up(r, f, plan) for r, f in parts]
    homes = sum(r.height for r, _ in rolled)
    weights = "added up" if plan.adds_weights else "the same for all members"
    notes = [f"{persons:,} persons rolled up to {homes:,} households; weights are {weights}"]
    if not plan.keeps_entity and parts[0][0][ENTITY][0]:
        notes.append("members of a household differ in their entity: the household is the entity")
    made = rolled_columns(plan)
    return rolled, Columns(made.numbers, made.categories, columns.left_out), notes


def _usable(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The rows with an answer and a weight above zero."""
    unknown = rows[LABEL].null_count()
    idle = int((rows[WEIGHT] == 0).sum())
    kept = rows.filter(pl.col(LABEL).is_not_null() & (pl.col(WEIGHT) > 0))
    notes = [f"{unknown:,} rows without an answer are left out"] * bool(unknown)
    notes += [f"{idle:,} rows of weight zero are left out"] * bool(idle)
    if kept.height < LEAST_ROWS:
        raise frame_error(
            "frame_few_rows",
            f"only {kept.height} rows have an answer and a weight",
            f"from fewer than {LEAST_ROWS} nothing can be learned and tested",
            "give more rows",
        )
    return kept, notes


def _cell_notes(frame: pl.DataFrame, columns: Columns) -> list[str]:
    odd = endless_cells(frame, columns)
    return [f"{odd:,} cells are infinite or no number and count as unknown"] * bool(odd)


def _overlap(rows: pl.DataFrame) -> list[str]:
    """Entities that are in both files: the test is then easier than it looks."""
    by = rows.group_by(ENTITY).agg(pl.col(TESTED).n_unique())
    both = int((by[TESTED] > 1).sum())
    known = f"{both:,} entities of the test file are in the first file as well: they were learned from"
    return [known] * bool(both and TIME not in rows.columns)
