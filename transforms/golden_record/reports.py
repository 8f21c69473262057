"""What every source says of a person's sex, birth date and residence: one row per person and source.

    known_persons(core, as_of) -> DataFrame(person_id)
    attribute_reports(core, as_of, attribute, ignored) -> DataFrame(person_id, source, value, known_date)

Sources are the extracts that have the column, each with its newest word; `id_number`, what the number itself
tells; and `dwelling`, where population says that somebody really lives. A stated dwelling takes the place of
the registered village: living elsewhere is no contradiction.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from data_contracts.registry.tables import part_of
from transforms.core_as_of import KEYS, Core, cut
from transforms.golden_record.survivorship import REPORT

NEWEST_LAST = ["period_month", "known_date", "delivery_id", "row_no"]
DTYPES = part_of("panel.golden", ("sex_code", "birth_date", "village_code"))
# What core["person"] calls that which the ID number tells. Where somebody lives it does not tell.
OF_NUMBER = {"sex_code": "id_sex_code", "birth_date": "id_birth_date"}
_NUMBER = {"id_sex_code": pl.String, "id_birth_date": pl.Date}
DWELLING = "dwelling_village_code"


def known_persons(core: Core, as_of: date) -> pl.DataFrame:
    """One column person_id, sorted: every person a delivery known by the date names, and every member."""
    known = [rows.select("person_id") for name in KEYS if (rows := cut(core, name, as_of)) is not None]
    members = core.get("household_member")
    if members is not None:
        known.append(members.filter(pl.col("valid_from") <= as_of).select("person_id"))
    empty = pl.DataFrame(schema={"person_id": pl.String})
    return pl.concat([empty, *known]).unique().sort("person_id")


def attribute_reports(core: Core, as_of: date, attribute: str, ignored: Collection[str]) -> pl.DataFrame:
    """Every source's newest word on the attribute (sex_code, birth_date or village_code) by the date.

    A blank is no word: an earlier one stands. known_date is null for what the number tells.
    """
    found = [_report(core, name, attribute, as_of) for name in sorted(set(core) - {"person", *ignored})]
    if attribute in OF_NUMBER:
        found.append(_of_number(core, OF_NUMBER[attribute]))
    if attribute == "village_code":
        moved = _dwellings(core, as_of)
        stays = pl.col("source") != "population"
        found = [
            part.filter(stays | ~pl.col("person_id").is_in(moved["person_id"].implode())) for part in found
        ]
        found.append(moved)
    return pl.concat([_no_reports(attribute), *found])


def _no_reports(attribute: str) -> pl.DataFrame:
    kinds = (pl.String(), pl.String(), DTYPES[attribute], pl.Date())
    return pl.DataFrame(schema=dict(zip(REPORT, kinds, strict=True)))


def _report(core: Core, source: str, column: str, as_of: date) -> pl.DataFrame:
    rows = _rows(core, source, column, as_of)
    return _no_reports(column) if rows is None else _told(_newest(rows.drop_nulls(column)), source, column)


def _rows(core: Core, source: str, column: str, as_of: date) -> pl.DataFrame | None:
    """The source's rows known by the date with what is needed of them; None where it has no such column."""
    frame = core.get(source)
    if frame is None or not {"person_id", column, *NEWEST_LAST} <= set(frame.columns):
        return None
    return cut({source: frame.select("person_id", column, *NEWEST_LAST)}, source, as_of)


def _newest(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort(NEWEST_LAST).unique("person_id", keep="last")


def _told(rows: pl.DataFrame, source: str, column: str) -> pl.DataFrame:
    return rows.select(
        "person_id", pl.lit(source).alias("source"), pl.col(column).alias("value"), "known_date"
    )


def _of_number(core: Core, column: str) -> pl.DataFrame:
    numbers = core.get("person")
    if numbers is None:
        numbers = pl.DataFrame(schema={"person_id": pl.String, **_NUMBER})
    rows = numbers.drop_nulls(column).with_columns(known_date=pl.lit(None, dtype=pl.Date))
    return _told(rows, "id_number", column)


def _dwellings(core: Core, as_of: date) -> pl.DataFrame:
    """Who lives elsewhere than registered. The newest row counts: a blank there means registered again."""
    rows = _rows(core, "population", DWELLING, as_of)
    if rows is None:
        return _no_reports("village_code")
    return _told(_newest(rows).drop_nulls(DWELLING), "dwelling", DWELLING)
