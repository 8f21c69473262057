"""Place codes as delivered turned into what they mean on a date.

    place_codes(core) -> Series                    every distinct code in a place column of core, sorted
    with_present_places(core, meanings) -> Core    core with present codes in its place columns
    odd_codes(core, meanings, persons) -> DataFrame    codes that are no present ones, and whom they concern

`meanings`  code, present_code, state: what each code that is no present one means on the date
            (divisions.present.meanings); a code without a row stands for itself

A source may go on sending a code long after it was given up, and no two sources switch on one day: all of
core is therefore read in the codes of one date before sources are compared.
"""

from __future__ import annotations

import polars as pl

from data_contracts.registry.tables import schema
from transforms.core_as_of import NEWEST_LAST, Core, newest_last

# Columns are known by their ending, so that an extract of an installation's own is covered too.
ENDINGS = ("village_code", "town_code", "county_code")
ODD_CODES = schema("ops.place_code", without=("as_of",))
_FOUND = ("extract", "person_id", "code", "present_code", "state")
TOWN_DIGITS = 9


def place_columns(frame: pl.DataFrame) -> list[str]:
    """The columns that hold a village's, town's or county's code."""
    return [name for name in frame.columns if name.endswith(ENDINGS)]


def place_codes(core: Core) -> pl.Series:
    """Every distinct code in a place column of core, sorted."""
    parts = [
        frame.get_column(name).alias("code").unique()
        for frame in core.values()
        if frame is not None
        for name in place_columns(frame)
    ]
    empty = pl.Series("code", [], dtype=pl.String)
    return pl.concat([empty, *parts]).drop_nulls().unique().sort()


def with_present_places(core: Core, meanings: pl.DataFrame) -> dict[str, pl.DataFrame | None]:
    """core with present codes in its place columns."""
    return {name: frame if frame is None else present(frame, meanings) for name, frame in core.items()}


def present(frame: pl.DataFrame, meanings: pl.DataFrame) -> pl.DataFrame:
    """One frame with present codes; null where a code was given up and no one place follows for sure."""
    if meanings.is_empty():
        return frame
    old, new = meanings["code"], meanings["present_code"]
    return frame.with_columns(pl.col(name).replace(old, new) for name in place_columns(frame))


def odd_codes(core: Core, meanings: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """One row per extract and code that is no present one: whom it concerns on the date.

    core: as delivered. persons: person_id and household_id of the panel. Counted are the persons whose
    newest row of the extract bears the code, and their households; a code that only older rows bear has been
    corrected since and is left out. An unlisted village is counted under its town. Sorted by extract, code.
    """
    if meanings.is_empty():
        return pl.DataFrame(schema=ODD_CODES)
    homes = persons.select("person_id", "household_id")
    parts = [
        _newest(frame, column).join(meanings, on="code").with_columns(extract=pl.lit(extract))
        for extract, frame in core.items()
        if frame is not None and {"person_id", *NEWEST_LAST} <= set(frame.columns)
        for column in place_columns(frame)
    ]
    found = pl.concat(
        [pl.DataFrame(schema=dict.fromkeys(_FOUND, pl.String)), *(p.select(_FOUND) for p in parts)]
    )
    unlisted = pl.col("state") == "unlisted"
    found = found.with_columns(
        pl.when(unlisted).then(pl.col(name).str.head(TOWN_DIGITS)).otherwise(name).alias(name)
        for name in ("code", "present_code")
    )
    of_code = found.join(homes, on="person_id").group_by("extract", "code", "present_code", "state")
    counted = of_code.agg(
        person_cnt=pl.col("person_id").n_unique().cast(pl.Int64),
        household_cnt=pl.col("household_id").drop_nulls().n_unique().cast(pl.Int64),
    )
    return counted.select(*ODD_CODES).sort("extract", "code")


def _newest(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """person_id and code of each person's newest row."""
    rows = newest_last(frame).unique("person_id", keep="last", maintain_order=True)
    return rows.select("person_id", code=column).drop_nulls()


def counted_together(parts: pl.DataFrame) -> pl.DataFrame:
    """odd_codes of several parts of a province as one: nobody, and no household, is in two parts."""
    of_code = parts.group_by("extract", "code", "present_code", "state")
    return of_code.agg(pl.col("person_cnt", "household_cnt").sum()).select(*ODD_CODES).sort("extract", "code")
