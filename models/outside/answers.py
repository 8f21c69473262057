"""The cells of a frame's roles: answers as class numbers, times, weights, entities, groups as text."""

from __future__ import annotations

import polars as pl

from models.outside.roles import ENTITY, GROUP, LABEL, SCORE, TIME, WEIGHT, Roles, frame_error

# A group with more values than this is a name or an amount; more classes than this are no classes.
MOST_GROUP_VALUES, MOST_CLASSES = 1_000, 50
_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y-%m", "%Y%m%d", "%Y.%m.%d")


def role_columns(frame: pl.DataFrame, roles: Roles, classes: tuple[str, ...]) -> pl.DataFrame:
    """One row per row of the frame, in its order: zr:label (class number, null unknown), zr:entity (text),
    zr:weight (1 where none was named), and zr:time, zr:score, zr:group:<column> where asked for.

    `classes` are `label_classes` of the frame that is learned from. Raises ZhaorenError for a cell that
    cannot be what its role says; no cell is ever quoted, only counted.
    """
    columns = [_label(frame[roles.label], classes), _entity(frame, roles.entity)]
    columns.append(_weight(frame, roles.weight))
    if roles.time:
        columns.append(_time(frame[roles.time], roles.time))
    if roles.score:
        columns.append(_score(frame[roles.score], roles.score))
    columns += [_group(frame[name], name) for name in roles.groups]
    return pl.DataFrame(columns)


def label_classes(column: pl.Series, roles: Roles) -> tuple[str, ...]:
    """The label's values as text, in order; without `multiclass` two of them, the one to be found last."""
    values = _text(column).drop_nulls()
    classes = tuple(_in_order(column, values.unique().to_list()))
    _refuse_classes(roles, classes)
    if roles.multiclass or not roles.positive:
        return classes
    if roles.positive not in classes:
        raise frame_error(
            "frame_no_such_answer",
            f"the label '{roles.label}' never has the value given by --positive",
            f"its values are {' and '.join(classes)}",
            "write one of them",
        )
    return tuple(sorted(classes, key=lambda c: c == roles.positive))


def _refuse_classes(roles: Roles, classes: tuple[str, ...]) -> None:
    where = f"column '{roles.label}'"
    if len(classes) < 2:
        known = "is empty" if not classes else "has one value only"
        why = "what never differs cannot be learned"
        raise frame_error("frame_label_constant", f"the label {known}", why, "name another label", where)
    if len(classes) > 2 and not roles.multiclass:
        raise frame_error(
            "frame_label_many",
            f"the label has {len(classes):,} different values",
            "a yes-or-no answer has two",
            "name a label with two values, or add --multiclass",
            where,
        )
    if len(classes) > MOST_CLASSES:
        what = f"the label has {len(classes):,} different values"
        why = f"more than {MOST_CLASSES} are an amount or a name, and no classes"
        raise frame_error("frame_label_many", what, why, "put its values into a few classes first", where)


def _in_order(column: pl.Series, texts: list[str]) -> list[str]:
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return sorted(texts, key=lambda t: float(t.replace("true", "1").replace("false", "0")))
    return sorted(texts)


def _text(column: pl.Series) -> pl.Series:
    """Cells as text; NaN is unknown, and 1.0 is written as 1, so that a label reads alike in every file."""
    if column.dtype.is_float():
        column = column.fill_nan(None)
        whole = column.drop_nulls()
        if whole.is_finite().all() and (whole == whole.round()).all() and (whole.abs() < 1e15).all():
            column = column.cast(pl.Int64)
    if column.dtype.is_nested() or column.dtype in (pl.Object, pl.Binary):
        raise frame_error(
            "frame_cells_nested",
            f"column '{column.name}' holds lists or bytes",
            "a role needs plain cells",
            "write its content into plain columns",
        )
    return column.cast(pl.String)


def _label(column: pl.Series, classes: tuple[str, ...]) -> pl.Series:
    number = {text: n for n, text in enumerate(classes)}
    text = _text(column)
    found = text.replace_strict(number, default=None, return_dtype=pl.Int32).alias(LABEL)
    strange = int((text.is_not_null() & found.is_null()).sum())
    if strange:
        raise frame_error(
            "frame_test_differs",
            f"{strange:,} labels are none of those that were learned from",
            f"learned: {', '.join(classes)}",
            "give both files the same labels",
            f"column '{column.name}'",
        )
    return found


def _entity(frame: pl.DataFrame, name: str) -> pl.Series:
    if not name:  # each row is its own; it gets its number once the rows are in order
        return pl.Series(ENTITY, [""]).new_from_index(0, frame.height).alias(ENTITY)
    text = _text(frame[name])
    text = text.set(text.str.strip_chars() == "", None)
    if text.null_count():
        raise frame_error(
            "frame_entity_unknown",
            f"{text.null_count():,} of {len(text):,} rows have no entity",
            "rows of one entity must not stand on both sides of a split, so each row must name its own",
            "fill the column, or leave these rows out",
            f"column '{name}'",
        )
    return text.alias(ENTITY)


def _weight(frame: pl.DataFrame, name: str) -> pl.Series:
    if not name:
        return pl.Series(WEIGHT, [1.0]).new_from_index(0, frame.height).alias(WEIGHT)
    number = _number(frame[name], name, "weight")
    bad = int((number.is_null() | ~number.is_finite() | (number < 0)).fill_null(True).sum())
    if bad or not (number > 0).any():
        what = f"{bad:,} weights are unknown, negative or endless" if bad else "every weight is zero"
        why = "a weight says how many a row stands for"
        raise frame_error(
            "frame_weight", what, why, "correct them, or leave --weight out", f"column '{name}'"
        )
    return number.alias(WEIGHT)


def _score(column: pl.Series, name: str) -> pl.Series:
    number = _number(column, name, "score").fill_nan(None)
    bad = int((number.is_null() | ~number.is_finite()).fill_null(True).sum())
    if bad:
        raise frame_error(
            "frame_score",
            f"{bad:,} of {len(number):,} scores are unknown or endless",
            "a row without a score has no place in the order",
            "leave these rows out, or give them a score",
            f"column '{name}'",
        )
    return number.alias(SCORE)


def _number(column: pl.Series, name: str, role: str) -> pl.Series:
    if column.dtype == pl.Boolean or column.dtype.is_numeric():
        return column.cast(pl.Float64)
    raise frame_error(
        "frame_no_number", f"the {role} is no number", f"'{name}' is {column.dtype}", "name another"
    )


def _time(column: pl.Series, name: str) -> pl.Series:
    if column.dtype.is_numeric():
        time = column.cast(pl.Float64).fill_nan(None)
        time = time.set(time.is_infinite(), None)
    elif column.dtype in (pl.Date, pl.Datetime):
        time = column.cast(pl.Date).cast(pl.Int32).cast(pl.Float64)
    elif column.dtype == pl.String:
        tried = pl.coalesce(pl.col(name).str.to_date(f, strict=False) for f in _DATE_FORMATS)
        time = column.to_frame(name).select(tried).to_series().cast(pl.Int32).cast(pl.Float64)
    else:
        time = pl.Series(TIME, [None], pl.Float64).new_from_index(0, len(column))
    if time.null_count():
        raise frame_error(
            "frame_time_unclear",
            f"{time.null_count():,} of {len(time):,} times are unknown or cannot be read",
            "a row without a time can stand on neither side of a split in time",
            "write dates as YYYY-MM-DD, or years and waves as numbers; leave rows without a time out",
            f"column '{name}'",
        )
    return time.alias(TIME)


def _group(column: pl.Series, name: str) -> pl.Series:
    text = _text(column)
    count = text.n_unique()
    if count > MOST_GROUP_VALUES:
        raise frame_error(
            "frame_group_values",
            f"the group '{name}' has {count:,} different values",
            f"beyond {MOST_GROUP_VALUES:,} a group is a name or an amount, and no rate by it says anything",
            "put its values into bands first, or name another column",
        )
    return text.fill_null("unknown").alias(f"{GROUP}{name}")
