"""What every source reports of a person's sex, birth date and residence: one row per person and source.

    known_persons(core) -> DataFrame(person_id)
    attribute_reports(core, attribute, ignored) -> DataFrame(person_id, source, value, known_date)

Sources are the extracts that have the column, each with its newest report; `id_number`, what the number
itself says; and `dwelling`, where the register of everybody says that somebody really lives. A stated
dwelling takes the place of the registered village: living elsewhere is no contradiction.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from data_contracts.registry.tables import part_of
from transforms.core_as_of import NEWEST_LAST, CoreAsOf, known_rows, newest_last
from transforms.golden_record.survivorship import REPORT

DTYPES = part_of("panel.golden", ("sex_code", "birth_date", "village_code"))
# How the frame `person` calls what the ID number says. It says nothing of where somebody lives: its first six
# digits are the area of first registration.
OF_NUMBER = {"sex_code": "id_sex_code", "birth_date": "id_birth_date"}
_NUMBER = {"id_sex_code": pl.String, "id_birth_date": pl.Date}
DWELLING = "dwelling_village_code"


def known_persons(core: CoreAsOf) -> pl.DataFrame:
    """One column person_id, sorted: every person a delivery known by the date names, and every member."""
    parts = [pl.DataFrame(schema={"person_id": pl.String})]
    for name in core.keys:
        frame = core.get(name)
        known = None if frame is None else known_rows(frame.select("person_id", "known_date"), core.as_of)
        if known is not None:
            parts.append(known.select("person_id"))
    members = core.get("household_member")
    if members is not None:
        parts.append(members.filter(pl.col("valid_from") <= core.as_of).select("person_id"))
    return pl.concat(parts).unique().sort("person_id")


def attribute_reports(core: CoreAsOf, attribute: str, ignored: Collection[str]) -> pl.DataFrame:
    """Every source's newest report on the attribute (sex_code, birth_date or village_code) by the date.

    A blank is no report: an earlier one still counts. known_date is null for what the number says. A birth
    after the date is none: deliveries that say so are refused, but homes hold rows from before that.
    """
    sources = sorted(set(core.frames) - {"person", *ignored})
    found = [_newest_reports(core, name, attribute) for name in sources]
    if attribute in OF_NUMBER:
        found.append(_of_number(core, OF_NUMBER[attribute]))
    if attribute == "village_code":
        moved = _dwellings(core)
        stays = pl.col("source") != core.register
        found = [
            part.filter(stays | ~pl.col("person_id").is_in(moved["person_id"].implode())) for part in found
        ]
        found.append(moved)
    reports = pl.concat([_no_reports(attribute), *found])
    return reports.filter(pl.col("value") <= core.as_of) if attribute == "birth_date" else reports


def _no_reports(attribute: str) -> pl.DataFrame:
    kinds = (pl.String(), pl.String(), DTYPES[attribute], pl.Date())
    return pl.DataFrame(schema=dict(zip(REPORT, kinds, strict=True)))


def _newest_reports(core: CoreAsOf, source: str, column: str) -> pl.DataFrame:
    rows = _rows(core, source, column)
    if rows is None:
        return _no_reports(column)
    return _as_reports(_newest(rows.drop_nulls(column)), source, column)


def _rows(core: CoreAsOf, source: str, column: str) -> pl.DataFrame | None:
    """The source's rows known by the date with what is needed of them; None where it has no such column."""
    frame = core.get(source)
    if frame is None or not {"person_id", column, *NEWEST_LAST} <= set(frame.columns):
        return None
    return known_rows(frame.select("person_id", column, *NEWEST_LAST), core.as_of)


def _newest(rows: pl.DataFrame) -> pl.DataFrame:
    return newest_last(rows).unique("person_id", keep="last")


def _as_reports(rows: pl.DataFrame, source: str, column: str) -> pl.DataFrame:
    return rows.select(
        "person_id", pl.lit(source).alias("source"), pl.col(column).alias("value"), "known_date"
    )


def _of_number(core: CoreAsOf, column: str) -> pl.DataFrame:
    numbers = core.get("person")
    if numbers is None:
        numbers = pl.DataFrame(schema={"person_id": pl.String, **_NUMBER})
    # No known_date: the number says the same whenever it came.
    rows = numbers.drop_nulls(column).with_columns(known_date=pl.lit(None, dtype=pl.Date))
    return _as_reports(rows, "id_number", column)


def _dwellings(core: CoreAsOf) -> pl.DataFrame:
    """Who lives elsewhere than registered. The newest row counts: a blank there means registered again."""
    rows = _rows(core, core.register, DWELLING)
    if rows is None:
        return _no_reports("village_code")
    return _as_reports(_newest(rows).drop_nulls(DWELLING), "dwelling", DWELLING)
