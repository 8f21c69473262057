"""Which columns of a frame are features, of what kind, and which are left out and why."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from models.outside.roles import Roles, frame_error

# A text with more different values than this is no category: one line of a table for every few rows.
MOST_CATEGORIES = 2_000
# Below so many rows whole numbers are unique by chance, and no sign of an identifier.
_FEW_ROWS = 50
_ID_NAME = re.compile(
    r"(^|[_ .-])(id|no|nr|num|idx|index|key|code|rowid|uuid)$|^(id|index|uuid)([_ .-]|$)", re.I
)
_NUMBERS = (pl.Date, pl.Datetime, pl.Time, pl.Duration, pl.Boolean)
_TEXTS = (pl.String, pl.Categorical, pl.Enum)


@dataclass(frozen=True)
class Columns:
    """Feature columns by kind, and the others: column -> why it is not used."""

    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    left_out: dict[str, str]

    @property
    def features(self) -> tuple[str, ...]:
        """Every feature in a fixed order."""
        return (*self.numbers, *self.categories)


def choose_columns(frame: pl.DataFrame, roles: Roles) -> Columns:
    """The features of a frame: every column of numbers, dates or texts that has no role and says something.

    Left out and said: columns with a role, of one value or none, identifiers (unique in every row), texts of
    more than 2,000 values, lists. Raises ZhaorenError when nothing is left.
    """
    left_out = {c: f"is the {role}" for role, c in roles.single().items()}
    if not roles.use_groups:
        left_out |= {c: "is a group to compare by" for c in roles.groups if c not in left_out}
    left_out |= dict.fromkeys(roles.without, "left out as asked")
    free = [c for c in frame.columns if c not in left_out]
    left_out |= {c: why for c in free if (why := _useless(frame[c], c in roles.categories))}
    used = [c for c in free if c not in left_out]
    texts = [c for c in used if _is_category(frame[c], c, roles)]
    if not used:
        raise frame_error(
            "frame_no_feature",
            f"none of the {frame.width} columns can be a feature",
            "; ".join(f"'{c[:60]}' {why}" for c, why in list(left_out.items())[:10]),
            "name a frame that says something about each entity",
        )
    return Columns(tuple(c for c in used if c not in texts), tuple(texts), left_out)


def feature_frame(frame: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """The features alone: numbers as Float64 (endless and NaN cells null), categories as text.

    Raises ZhaorenError where a column is missing or of another kind: a test file unlike the first.
    """
    lost = [c for c in columns.features if c not in frame.columns]
    other = [c for c in columns.numbers if c not in lost and not _can_be_number(frame[c])]
    other += [c for c in columns.categories if c not in lost and not _plain(frame[c])]
    if lost or other:
        what = [f"lacks {len(lost)} columns: {', '.join(lost[:10])}"] * bool(lost)
        what += [f"has {len(other)} columns of another kind: {', '.join(other[:10])}"] * bool(other)
        raise frame_error(
            "frame_test_differs",
            f"the test file {' and '.join(what)}",
            "what was learned from these columns can be tried only on them",
            "give both files the same columns, or leave them out with --without",
        )
    numbers = [_as_number(frame[c]) for c in columns.numbers]
    return pl.DataFrame([*numbers, *(frame[c].cast(pl.String) for c in columns.categories)])


def endless_cells(frame: pl.DataFrame, columns: Columns) -> int:
    """How many cells of number features are infinite or no number; they count as unknown."""
    floats = [c for c in columns.numbers if frame[c].dtype.is_float()]
    return sum(int((~frame[c].is_finite()).sum()) for c in floats)


def _useless(column: pl.Series, is_code: bool) -> str:
    if not _plain(column):
        return "holds lists, bytes or objects"
    known = column.drop_nulls().drop_nans() if column.dtype.is_float() else column.drop_nulls()
    if known.is_empty():
        return "is empty"
    different = known.n_unique()
    if different == 1 and len(known) == len(column):
        return "has the same value in every row"
    if column.dtype in _TEXTS and different == len(known) and len(known) > 1:
        return "is an identifier: different in every row"
    if column.dtype.is_integer() and not is_code and _is_identifier(known, column.name, different):
        return "is an identifier: different in every row"
    if different > MOST_CATEGORIES and (is_code or (column.dtype in _TEXTS and not _numeric_text(known))):
        return f"has {different:,} different texts"
    return ""


def _is_identifier(known: pl.Series, name: str, different: int) -> bool:
    """Whole numbers that never repeat and are counted up, very long, or named as an identifier is."""
    if different < len(known) or len(known) < _FEW_ROWS:
        return False
    low, high = int(known.min()), int(known.max())  # type: ignore[arg-type]  # integers, not empty
    dense = high - low < 2 * len(known)
    return dense or high >= 10**11 or known.is_sorted() or bool(_ID_NAME.search(name))


def _is_category(column: pl.Series, name: str, roles: Roles) -> bool:
    if name in roles.categories:
        return True
    # a file without types hands over amounts as texts: many different ones, each a number
    return column.dtype in _TEXTS and not _numeric_text(column.drop_nulls())


def _numeric_text(known: pl.Series) -> bool:
    texts = known.cast(pl.String)
    return texts.n_unique() > 30 and not texts.cast(pl.Float64, strict=False).null_count()


def _plain(column: pl.Series) -> bool:
    return column.dtype.is_numeric() or column.dtype in _NUMBERS or column.dtype in _TEXTS


def _can_be_number(column: pl.Series) -> bool:
    if column.dtype in _TEXTS:  # a column of a short test file may be read as text, being empty
        known = column.drop_nulls().cast(pl.String)
        return not known.cast(pl.Float64, strict=False).null_count()
    return column.dtype.is_numeric() or column.dtype in _NUMBERS or column.dtype == pl.Null


def _as_number(column: pl.Series) -> pl.Series:
    """Float64: days of a date, seconds of a moment or a span, 1 and 0 of yes and no."""
    if column.dtype == pl.Date:
        column = column.cast(pl.Int32)
    elif column.dtype == pl.Datetime:
        column = column.cast(pl.Datetime("us")).cast(pl.Int64) / 1e6
    elif column.dtype == pl.Time:
        column = column.cast(pl.Int64) / 1e9
    elif column.dtype == pl.Duration:
        column = column.cast(pl.Duration("us")).cast(pl.Int64) / 1e6
    elif column.dtype in _TEXTS:
        column = column.cast(pl.String)
    number = column.cast(pl.Float64, strict=False).fill_nan(None)
    return number.set(number.is_infinite(), None)
