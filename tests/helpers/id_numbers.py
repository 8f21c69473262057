"""What is found about numbers, one row each, as tests and benches look at it."""

from __future__ import annotations

from datetime import date

import polars as pl

from data_contracts.cells.id_area_codes import area_state
from data_contracts.cells.id_numbers import CHECK_CHARACTERS, FINDINGS, WEIGHTS, findings


def check_ids(numbers: pl.Series, areas: pl.DataFrame | None = None, on: date | None = None) -> pl.DataFrame:
    """One row per number, in order: FINDINGS after text; with `areas`, area_state too."""
    text = numbers.cast(pl.String).alias("text")
    frame = findings(text, on).select(text, *FINDINGS)
    return (
        frame.with_columns(area_state=area_state(frame["id_number"], areas)) if areas is not None else frame
    )


def made_number(order: int, born: str = "19610305", area: str = "440103") -> str:
    """A valid ID number: odd orders are men's."""
    body = f"{area}{born}{order:03d}"
    return body + CHECK_CHARACTERS[sum(w * int(d) for w, d in zip(WEIGHTS, body, strict=True)) % 11]
