"""The area code of an ID number in its time: was it in force when its holder was born?

The first six digits name the place where a number was first issued. They date a number or cast doubt on it;
they never place a person.

`areas` is one row per code and name: code, start_year, end_year (null while in force).
"""

from __future__ import annotations

import polars as pl

# The first numbers were issued under the trial regulations of 1984-04-06 (居民身份证试行条例): everybody born
# before was given a code of that year or later, which proves nothing.
FIRST_ISSUED = 1984
# Residence permits (810000 香港, 820000 澳门, 830000 台湾) and foreigners' cards are not dated by the table.
_PERMITS = (810_000, 820_000, 830_000)
_FOREIGN = 900_000


def area_state(numbers: pl.Series, areas: pl.DataFrame) -> pl.Series:
    """How each ID number's area code stood in its birth year; null for a null number.

    in_use; since_dropped (in force then, given up since); not_yet (came into force after the birth, and
    after 1984: usual for late registrations); dropped (given up before the birth); unknown.
    """
    head = numbers.str.slice(0, 10).cast(pl.Int64, strict=False).alias("head")
    frame = pl.DataFrame({"area": head // 10**4, "year": head % 10**4})
    keys = frame.unique().drop_nulls()  # few: areas times birth years
    states = keys.join(_spells(areas), on="area", how="left").group_by("area", "year").agg(state=_state())
    return frame.join(states, on=["area", "year"], how="left", maintain_order="left")["state"].alias(
        "area_state"
    )


def _state() -> pl.Expr:
    """Over the spells of one code: any that covers the birth, else the next one, else the last."""
    area, year, start, end = pl.col("area"), pl.col("year"), pl.col("start_year"), pl.col("end_year")
    covers = (start <= pl.max_horizontal(year, FIRST_ISSUED)) & (end.is_null() | (end >= year))
    return (
        pl.when(area.first().is_in(_PERMITS) | (area.first() >= _FOREIGN)).then(pl.lit("in_use"))
        .when(start.first().is_null()).then(pl.lit("unknown"))
        .when(covers.any() & end.is_null().any()).then(pl.lit("in_use"))
        .when(covers.any()).then(pl.lit("since_dropped"))
        .when((start > year.first()).any()).then(pl.lit("not_yet"))
        .otherwise(pl.lit("dropped"))
    )  # fmt: skip


def _spells(areas: pl.DataFrame) -> pl.DataFrame:
    """One row per area (a number of six digits) and spell in force."""
    area = pl.col("code").cast(pl.String).str.pad_end(6, "0").cast(pl.Int64)
    return areas.select(area.alias("area"), "start_year", "end_year")


def area_is_doubtful(normal: pl.Expr, areas: pl.DataFrame) -> pl.Expr:
    """True where area_state would say unknown or dropped; for whole columns, by a table look-up."""
    last_year = _last_years(areas)
    return normal.map_batches(lambda numbers: _area_doubts(numbers, last_year), return_dtype=pl.Boolean)


def _area_doubts(normal: pl.Series, last_year: pl.Series) -> pl.Series:
    head = normal.str.slice(0, 10).cast(pl.Int64, strict=False)
    area, year = head // 10**4, head % 10**4
    exempt = area.is_in(_PERMITS) | (area >= _FOREIGN)
    return (year > last_year.gather(area)) & ~exempt


def _last_years(areas: pl.DataFrame) -> pl.Series:
    """By six-digit code: the last year in which it was in force (9999 while it is, -1 if it never was)."""
    spans = (
        _spells(areas)
        .group_by("area")
        .agg(
            # Still in use if any of its spells is.
            end=pl.when(pl.col("end_year").null_count() == 0).then(pl.col("end_year").max()).otherwise(9999)
        )
    )
    never = pl.repeat(-1, 10**6, dtype=pl.Int16, eager=True)
    return never.scatter(spans["area"], spans["end"].cast(pl.Int16))
