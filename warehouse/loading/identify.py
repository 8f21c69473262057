"""Which person a row refers to: that of its number, or a provisional one where the number is of no use.

A number that plainly belongs to somebody else (the head's repeated for every member, a parent's for a
child) is recognised here and not followed.
"""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from data_contracts.cells.id_numbers import written_birth_date, written_sex_code
from data_contracts.cells.sounds import sounds_of
from data_contracts.contract.model import Contract
from data_contracts.row_checks.unidentified_rows import NUMBER, NUMBER_TEXT, REPEATED, number_digits
from transforms.linkage.names import namesake_rows
from warehouse.identity.provisional import STATED, mint_provisional
from warehouse.identity.vault import Vault
from warehouse.loading.own_names import OtherNames, other_names


def identify(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    contract: Contract,
    rows: pl.DataFrame,
    *,
    delivery_id: str,
    known: date,
) -> pl.DataFrame:
    """The rows with a person_id for every ID number column (id_number -> person_id, and so on).

    Rows of unidentified_rows, and those that bear another person's number, get provisional persons.
    """
    rows = _numbered(vault, contract, rows, known)
    if not {"name", "person_id"} <= set(rows.columns):
        return rows  # without a name nothing shows that a number is another's
    refused = NUMBER_TEXT in rows.columns
    lacks = pl.col(NUMBER).is_null() if refused else pl.lit(False)
    others = other_names(con, vault, rows, contract.extract)
    shared = _bears_anothers(rows, others)
    if refused:
        shared |= _repeats_strangely(rows, others)
    doubtful = rows.with_columns(lacks.alias("_lacks"), shared.alias("_shared"))
    doubtful = doubtful.with_row_index("_row").filter(pl.col("_lacks") | pl.col("_shared"))
    if doubtful.height:
        ids = mint_provisional(vault, _stated(contract, doubtful), contract.extract, delivery_id, known)
        places = doubtful.get_column("_row")
        rows = rows.with_columns(
            rows.get_column("person_id").scatter(places, ids).alias("person_id"),
            rows.get_column(NUMBER).scatter(places, None).alias(NUMBER),  # it is not theirs
        )
    return rows.drop(NUMBER_TEXT, REPEATED, strict=False)


def _numbered(vault: Vault, contract: Contract, rows: pl.DataFrame, known: date) -> pl.DataFrame:
    """Each ID number column's persons beside it; new numbers get new ids in the order they come."""
    numbers = [c.name for c in contract.columns if c.reads_as == "cn_id"]
    every = pl.concat([rows.get_column(n).alias("id_number") for n in numbers])
    aliases = vault.mint_persons(every, contract.extract, known)
    for name in numbers:
        named = aliases.select(
            pl.col("id_number").alias(name), pl.col("person_id").alias(name.replace("id_number", "person_id"))
        )
        rows = rows.join(named, on=name, how="left", maintain_order="left")
    return rows


def _stated(contract: Contract, rows: pl.DataFrame) -> pl.DataFrame:
    """What the rows state of whoever they mean, as provisional.STATED."""
    has = set(rows.columns)
    written = pl.coalesce(NUMBER_TEXT, NUMBER) if NUMBER_TEXT in has else pl.col(NUMBER)
    shared = pl.col("_shared")
    roles = {
        "local_no": contract.custom.get("localPersonNo"),
        "household_no": contract.custom.get("householdNo"),
    }
    columns = {
        **{name: pl.col(name) for name in ("name", "sex_code", "birth_date", "village_code")},
        **{name: pl.col(column) for name, column in roles.items() if column in has},
        "number_text": written,
        # Another's number says nothing of this person; whose it is does.
        "id_digits": pl.when(~shared).then(number_digits(written)),
        "guardian_person_id": pl.col("guardian_person_id"),
        "shared_person_id": pl.when(shared).then("person_id"),
        "event_date": pl.col(contract.event_date) if contract.event_date else pl.lit(None),
    }
    known = {
        n: e for n, e in columns.items() if n not in has | set(STATED) or set(e.meta.root_names()) <= has
    }
    return rows.select(known.get(n, pl.lit(None)).cast(kind).alias(n) for n, kind in STATED.items())


def _bears_anothers(rows: pl.DataFrame, others: OtherNames) -> pl.Series:
    """True for rows whose number is known to be somebody else's.

    Their name is none of the owner's, and: the row's birth date or sex is not the number's, or the owner's
    household has another member of that very name, or (where the name is not even alike) another row of the
    delivery bears the number with the owner's name. A changed name alone is no reason.
    """
    never = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
    names = others.names
    if names.is_empty():
        return never
    doubtful = rows.with_row_index("_row").join(names.select("_row").unique(), on="_row")
    alike = namesake_rows(
        doubtful.select("_row", "name"), names, _sounds(doubtful["name"], names["owner_name"])
    )
    twice = pl.col("person_id").is_in(_owners_there(rows, doubtful, names).implode())
    proven = _contradicts(doubtful) | pl.col("_row").is_in(others.mates.implode())
    proven |= twice & ~pl.col("_row").is_in(alike.implode())
    strangers = doubtful.filter(proven.fill_null(False)).get_column("_row")
    return never.scatter(strangers, True) if strangers.len() else never


def _repeats_strangely(rows: pl.DataFrame, others: OtherNames) -> pl.Series:
    """True for rows that repeat another row's number, unless the name is known to be the owner's."""
    place = pl.int_range(pl.len(), dtype=pl.UInt32)
    unnamed = pl.any_horizontal(pl.col("person_id", "name").is_null())
    unknown = unnamed | place.is_in(others.rows.get_column("_row").implode())
    return rows.select(pl.col(REPEATED) & unknown).to_series()


def _sounds(*names: pl.Series) -> pl.DataFrame:
    every = pl.concat([series.alias("name") for series in names]).unique()
    return pl.DataFrame({"name": every, "sound": sounds_of(every)})


def _contradicts(rows: pl.DataFrame) -> pl.Expr:
    """The row's own birth date or sex against the number's."""
    number, has = pl.col(NUMBER), set(rows.columns)
    born = written_birth_date(number) != pl.col("birth_date")
    sex = written_sex_code(number) != pl.col("sex_code")
    compared = [e for name, e in (("birth_date", born), ("sex_code", sex)) if name in has]
    return pl.any_horizontal(compared).fill_null(False) if compared else pl.lit(False)


def _owners_there(rows: pl.DataFrame, doubtful: pl.DataFrame, names: pl.DataFrame) -> pl.Series:
    """Persons whose number occurs in the delivery with their own name, too."""
    own = doubtful.select("_row", "person_id").join(names, on="_row").select("person_id", name="owner_name")
    return rows.join(own.unique(), on=["person_id", "name"], how="semi").get_column("person_id").unique()
