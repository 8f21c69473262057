"""Who is a key person on a date, and of whom the facts do not tell.

    key_persons(keys, cat, persons, households, as_of) -> DataFrame KEY_PERSONS, one row per key person
    cannot_be_told(…) -> DataFrame UNTOLD, one row per town

A person is one by the first kind whose rule holds. Of whom no rule holds and one cannot be answered it is not
known: no key person, and counted.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from policies.casework.key_persons import KeyPersons
from policies.catalogue.model import Catalogue
from policies.values.names import meaning_of
from policies.values.workspace import Workspace

_SHOWN = ("person_id", "household_id", "town_code", "village_code")
KEY_PERSONS = pl.Schema(dict.fromkeys((*_SHOWN, "kind_code"), pl.String))
UNTOLD = pl.Schema({"town_code": pl.String, "key_unknown_cnt": pl.Int64})


def key_persons(
    keys: KeyPersons, cat: Catalogue, persons: pl.DataFrame, households: pl.DataFrame, as_of: date
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The key persons, sorted by person_id, and how many of each town cannot be told (no town: null)."""
    space = Workspace(cat, persons, households, as_of)
    answers = {kind.code: space.term("person", meaning_of(cat, kind.when, "person")) for kind in keys.kinds}
    found = pl.coalesce(*(pl.when(pl.col(f"={code}")).then(pl.lit(code)) for code in answers))
    open_ = pl.any_horizontal(*(pl.col(f"={code}").is_null() for code in answers))
    rows = space.frame("person", _SHOWN).with_columns(
        answer.cast(pl.Boolean).alias(f"={code}") for code, answer in answers.items()
    )
    rows = rows.select(*_SHOWN, found.alias("kind_code"), open_.alias("_open"))
    known = pl.col("kind_code").is_not_null()
    untold = rows.filter(~known & pl.col("_open")).group_by("town_code")
    return (
        rows.filter(known).select(list(KEY_PERSONS)).sort("person_id"),
        untold.agg(pl.len().cast(pl.Int64).alias("key_unknown_cnt")).sort("town_code", nulls_last=True),
    )
