"""Findings about ID numbers for a data team: errors make a number invalid, warnings do not.

Every error is named, not only the first: a number may name no province and also have a wrong check digit.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from data_contracts.cells.id_area_codes import area_state
from data_contracts.cells.id_numbers import CARD_FAULTS, FORM_FAULTS, faults, findings

# By area_state: the warning it gives (messages.WARNINGS has the sentences).
AREA_WARNINGS = {
    "not_yet": "id_area_late",
    "dropped": "id_area_dropped",
    "since_dropped": "id_area_since_dropped",
    "unknown": "id_area_unknown",
}
REPORTED = (
    *("kind", "valid", "errors", "warnings", "normal", "id_number", "birth_date", "sex_code", "area_code"),
    *("card_type_code", "card_grade_code", "issuing_province_code", "country_code"),
)


def report_numbers(numbers: pl.Series, areas: pl.DataFrame, on: date | None = None) -> pl.DataFrame:
    """One row per number, in order: number (as written), kind, valid, errors, warnings, what it means.

    errors and warnings are lists of keys of messages.ERRORS and messages.WARNINGS, empty when there are
    none; the other columns are those of id_numbers.findings. `areas` as in id_area_codes. A number without
    any characters has the one error id_blank. With `on`, a birth after that day is an error.
    """
    frame = findings(numbers.cast(pl.String), on)
    state = area_state(frame["id_number"], areas).replace_strict(AREA_WARNINGS, default=None)
    frame = frame.with_columns(numbers.cast(pl.String).alias("number"), state.alias("area_warning"))
    return frame.with_columns(
        valid=pl.col("valid").fill_null(False),
        errors=_errors(on),
        warnings=pl.concat_list("area_warning").list.drop_nulls(),
    ).select("number", *REPORTED)


def _errors(on: date | None) -> pl.Expr:
    """All that holds: a fault of form alone, else every fault that the digits show."""
    every = faults(on) | CARD_FAULTS
    of_digits = [_named(name, holds) for name, holds in every.items() if name not in FORM_FAULTS]
    return (
        pl.when(pl.col("bare").is_null()).then(pl.concat_list(pl.lit("id_blank")))
        .when(pl.col("error").is_in(FORM_FAULTS)).then(pl.concat_list("error"))
        .otherwise(pl.concat_list(of_digits).list.drop_nulls())
    )  # fmt: skip


def _named(name: str, holds: pl.Expr) -> pl.Expr:
    return pl.when(holds).then(pl.lit(name))
