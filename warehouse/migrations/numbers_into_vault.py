"""Departments' numbers and free text leave core for the vault; keyed hashes take the numbers' place.

What else a former version let out of a cell goes too: codes without a place's shape, amounts as long as a
phone, and long numbers inside what the checks had to say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from data_contracts.cells.revealing import LONGEST_AMOUNT, PLACE_SHAPE, covered
from data_contracts.contract.model import Column, Contract
from data_contracts.delivery_checks.profile import profiled
from warehouse.database.catalogue import columns_of
from warehouse.database.connection import Connection, fetch, run
from warehouse.database.extract_tables import core_columns, kept_in_vault
from warehouse.database.number_hashes import NumberHashes
from warehouse.database.views import make_views
from warehouse.identity.vault import Vault
from warehouse.identity.vault_secrets import number_hashes
from zhaoren.sql_text import quoted_name, quoted_text

# Where a check may have quoted what it found.
_SAID = {
    "ops.check_result": "detail",
    "ops.quarantine": "reason",
    "ops.noted_fault": "reason",
    "ops.step": "detail",
    "ops.reading_note": "place",
}


def numbers_into_vault(con: Connection, vault: Vault, contracts: Mapping[str, Contract]) -> None:
    """Do it for every extract's table, and for what the checks said of its deliveries."""
    hashes = number_hashes(vault.con)
    for contract in contracts.values():
        there = columns_of(con, f"core._{contract.extract}")
        _keep(con, vault, contract, there)
        _drop(con, contract, there)
        for column in contract.columns:
            if column.name in there:
                _close(con, contract, column, hashes)
        _forget_profiles(con, contract)
    make_views(con, contracts.values(), anew=True)
    con.execute(f"DELETE FROM ops.place_code WHERE NOT regexp_matches(code, {quoted_text(PLACE_SHAPE)})")
    for table, said in _SAID.items():
        _cover(con, table, said, covered)
    _cover(con, "ops.validation", "document", _covered_document)


def _keep(con: Connection, vault: Vault, contract: Contract, there: Mapping[str, str]) -> None:
    """Each person's own numbers and words, as loading keeps them: once, under whichever brought it."""
    for name in kept_in_vault(contract):
        if name not in there:
            continue
        column = quoted_name(name)
        values = fetch(
            con,
            f"SELECT person_id, {column} AS value, "
            "arg_min(period_month, (known_date, delivery_id)) AS period_month, "
            "min(known_date) AS known_date, arg_min(delivery_id, (known_date, delivery_id)) AS delivery_id "
            f"FROM core._{contract.extract} WHERE {column} IS NOT NULL GROUP BY ALL ORDER BY ALL",
        )
        vault.keep_identities(values, name, contract.extract)


def _drop(con: Connection, contract: Contract, there: Mapping[str, str]) -> None:
    """Text columns that core does not have any more."""
    declared = core_columns(contract)
    for name, kind in there.items():
        if name not in declared and kind == "VARCHAR":
            con.execute(f"ALTER TABLE core._{contract.extract} DROP COLUMN {quoted_name(name)}")


def _close(con: Connection, contract: Contract, column: Column, hashes: NumberHashes) -> None:
    """One column as loading writes it today."""
    table, name = f"core._{contract.extract}", quoted_name(column.name)
    if column.is_hashed:
        distinct = fetch(con, f"SELECT DISTINCT {name} AS value FROM {table} WHERE {name} IS NOT NULL")
        renamed = distinct.rename({"value": column.name}).select(
            pl.col(column.name).alias("_old"), hashes.of_column(column).alias("_new")
        )
        run(con, f"UPDATE {table} SET {name} = _new FROM renamed WHERE {name} = _old", renamed=renamed)
    elif column.is_place:
        shape = quoted_text(PLACE_SHAPE)
        con.execute(f"UPDATE {table} SET {name} = NULL WHERE NOT regexp_matches({name}, {shape})")
    elif column.is_amount:
        con.execute(f"UPDATE {table} SET {name} = NULL WHERE abs({name}) >= {10**LONGEST_AMOUNT}")


def _forget_profiles(con: Connection, contract: Contract) -> None:
    """Values that were counted of columns whose values are no codes."""
    con.execute(
        "DELETE FROM ops.profile WHERE value IS NOT NULL AND column_name NOT IN (SELECT unnest($1)) "
        "AND delivery_id IN (SELECT delivery_id FROM ops.delivery WHERE extract = $2)",
        [list(profiled(contract)), contract.extract],
    )


def _cover(con: Connection, table: str, column: str, cover: Callable[[str], str]) -> None:
    """Long numbers covered in what was said; most of it says none and stays."""
    said = fetch(
        con,
        f"SELECT DISTINCT {column} AS _old FROM {table} "
        rf"WHERE regexp_matches({column}, '[0-9０-９]([ \-]?[0-9０-９]){{9}}')",
    )
    texts = said.get_column("_old").to_list()
    pairs = [(old, new) for old in texts if (new := cover(old)) != old]
    told = pl.DataFrame(pairs, schema={"_old": pl.String, "_new": pl.String}, orient="row")
    run(con, f"UPDATE {table} SET {column} = _new FROM told WHERE {column} = _old", told=told)


def _covered_document(text: str) -> str:
    """A JSON document with its words covered, its numbers as they are."""
    return json.dumps(_walked(json.loads(text)), ensure_ascii=False)


def _walked(value: Any) -> Any:
    if isinstance(value, str):
        return covered(value)
    if isinstance(value, Mapping):
        return {key: _walked(one) for key, one in value.items()}
    return [_walked(one) for one in value] if isinstance(value, list) else value
