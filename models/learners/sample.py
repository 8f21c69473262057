"""What a learner learns from: a frame, its label, and what each column is for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from zhaoren.errors import ZhaorenError

_WHERE = "sample to learn from"


@dataclass(frozen=True)
class Sample:
    """One row per thing to be learned about (a household on a date, a person, a visit).

    label       column of the answer: Boolean, or 0 and 1; known in every row
    features    columns that may be looked at; text columns among them are categories
    categories  features whose numbers or texts are names, not quantities
    monotone    feature -> 1 (the chance may only rise with it) or -1 (only fall), where law or sense demands
    entity      column of whose rows these are: one entity is never on both sides of an inner split
    time        column of the date that a row is about: inner splits then go by time
    gap_days    days left out between the two sides of an inner split in time (the span of the label)
    weight      column of the rows' weights (above zero), e.g. the inverse of the chance to be drawn
    """

    frame: pl.DataFrame
    label: str
    features: tuple[str, ...]
    categories: Collection[str] = ()
    monotone: Mapping[str, int] = field(default_factory=dict)
    entity: str | None = None
    time: str | None = None
    weight: str | None = None
    gap_days: int = 0


@dataclass(frozen=True)
class Rows:
    """A checked sample in an order of its own, so that shuffled rows give the same learner."""

    frame: pl.DataFrame
    label: np.ndarray
    weight: np.ndarray
    entity: np.ndarray | None
    time: np.ndarray | None

    @property
    def effective(self) -> float:
        """Kish's effective number of rows: uneven weights say less than their number."""
        return float(self.weight.sum() ** 2 / (self.weight**2).sum())


def rows_of(sample: Sample) -> Rows:
    """Check a sample and put its rows in order.

    Raises ZhaorenError (code): label_among_features, columns_missing, label_not_binary, one_class_only,
    weight_not_positive.
    """
    _refuse_columns(sample)
    keys = [c for c in (sample.time, sample.entity, sample.weight) if c is not None]
    used = list(dict.fromkeys([*keys, sample.label, *sample.features]))
    # by every column: rows that are still equal are the same row, so no order of theirs can matter
    frame = sample.frame.select(used).sort(used, nulls_last=True)
    return Rows(
        frame,
        _label(frame[sample.label]),
        _weight(frame, sample.weight),
        None if sample.entity is None else _codes(frame[sample.entity]),
        None if sample.time is None else _days(frame[sample.time]),
    )


def _refuse_columns(sample: Sample) -> None:
    roles = [sample.label, sample.entity, sample.time, sample.weight]
    both = [c for c in roles if c is not None and c in sample.features]
    if both:
        raise ZhaorenError(
            f"column(s) cannot be looked at and be the answer or a key as well: {', '.join(both)}",
            _WHERE,
            "the label, the entity, the time and the weight are known only with the answer, or are no facts",
            "take them out of the features",
            code="label_among_features",
        )
    missing = [c for c in (*roles, *sample.features) if c is not None and c not in sample.frame.columns]
    if missing:
        raise ZhaorenError(
            f"the frame lacks {len(missing)} column(s): {', '.join(missing[:8])}",
            _WHERE,
            "a fact that was never delivered is a null column, not a missing one",
            "name the columns as they are in the frame",
            code="columns_missing",
        )


def _label(column: pl.Series) -> np.ndarray:
    values = column.cast(pl.Float64, strict=False)
    if values.is_null().any() or not set(values.unique().to_list()) <= {0.0, 1.0}:
        raise ZhaorenError(
            f"column {column.name} holds other answers than yes and no",
            _WHERE,
            "a label is true or false, 1 or 0; who has no answer yet is no row to learn from",
            "leave out rows without an answer, and say which answer counts as yes",
            code="label_not_binary",
        )
    if values.n_unique() < 2:
        raise ZhaorenError(
            f"all {len(values)} rows have the same answer",
            f"{_WHERE}, column {column.name}",
            "what tells yes from no cannot be learned from one of them alone",
            "collect both kinds of answers; until then the rules rank",
            code="one_class_only",
        )
    return values.to_numpy()


def _weight(frame: pl.DataFrame, name: str | None) -> np.ndarray:
    if name is None:
        return np.ones(frame.height)
    weight = frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    if not (np.isfinite(weight) & (weight > 0)).all():
        raise ZhaorenError(
            f"column {name} holds weights that are unknown, infinite or not above zero",
            _WHERE,
            "a row without a weight would be left out without a word",
            "give each row a weight above zero, or leave the row out",
            code="weight_not_positive",
        )
    # the sizes that are chosen (rows a leaf, penalties) speak of rows: on average one row weighs one
    return weight / weight.mean()


def _codes(column: pl.Series) -> np.ndarray:
    return column.rank("dense").fill_null(0).to_numpy().astype(np.int64)


def _days(column: pl.Series) -> np.ndarray:
    if column.dtype.is_temporal():
        return column.cast(pl.Date).to_physical().cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
