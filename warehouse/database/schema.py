"""Tables of the warehouse. Core and panel tables follow the contracts and the feature dictionary.

Every row ever loaded stays in `core._<extract>`; the view `core.<extract>` shows those of the deliveries that
are in force now (status accepted). So it is with `core._household_member`: each line is a belief held from
known_from until known_to, and the view shows the present one. A core row names the person it was loaded
under; whom that id stands for on a day is in `core._person_alias` (person_aliases.py).

`ops.delivery_event` is the record of a delivery's life; `ops.delivery_at(day)` reads it: one row per delivery
with the status it had on that day and since when it counted. Of the files of one extract, month and part the
one that took effect last is in force, unless it was withdrawn; mended rows stand and fall with the delivery
they mend.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from data_contracts.contract.model import Column, Contract
from policies.catalogue.fact import Fact
from warehouse.database.former_errors import add_error_codes
from warehouse.database.tables import ALIASES, CORE, DECISIONS, DELIVERY_AT, GOLDEN, MART, OPS, PROFILES
from zhaoren.errors import ZhaorenError

FACT_TYPES = {
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "text": "VARCHAR",
    "date": "DATE",
    "yuan": "DECIMAL(18,2)",
}
DWELLING = "dwelling_address"
CORE_TYPES = {"date": "DATE", "number": "DECIMAL(18,2)", "integer": "BIGINT", "boolean": "BOOLEAN"}


def core_name(column: Column) -> str | None:
    """The column's name in core, or None when it stays in the vault.

    ID numbers become person ids and the household number a household id; other identifiers never leave.
    """
    if column.reads_as == "cn_id":
        return column.name.replace("id_number", "person_id")
    if column.name == "household_no":
        return "household_id"
    return None if column.classification == "identifier" else column.name


def core_columns(contract: Contract) -> dict[str, str]:
    """Name and DuckDB type of each column of the extract's core table."""
    named = {core_name(c): CORE_TYPES.get(c.logical_type, "VARCHAR") for c in contract.columns}
    columns = {name: kind for name, kind in named.items() if name} | _roof_columns(contract)
    return columns | {
        "period_month": "DATE",
        "event_date": "DATE",
        "known_date": "DATE",
        "delivery_id": "VARCHAR",
        "row_no": "BIGINT",
    }


def _roof_columns(contract: Contract) -> dict[str, str]:
    """An address stays in the vault; which roof it is, as an opaque id, may be known outside."""
    has_address = any(column.name == DWELLING for column in contract.columns)
    return {"dwelling_id": "VARCHAR", "is_dwelling_outside": "BOOLEAN"} if has_address else {}


def create(con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], facts: Iterable[Fact]) -> None:
    """Make every table that is not there yet. Raises ZhaorenError for a warehouse of an earlier layout."""
    _refuse_former(con)
    for name in ("raw", "core", "panel", "mart", "ops"):
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
    con.execute(OPS + DECISIONS + PROFILES + CORE + ALIASES + GOLDEN + MART + DELIVERY_AT)
    add_error_codes(con)
    for contract in contracts.values():
        _create_table(con, f"core._{contract.extract}", core_columns(contract))
        con.execute(
            f"CREATE VIEW IF NOT EXISTS core.{contract.extract} AS SELECT * FROM core._{contract.extract} "
            "SEMI JOIN (SELECT delivery_id FROM ops.delivery WHERE status = 'accepted') USING (delivery_id)"
        )
    facts = tuple(facts)
    for entity, key in (("person", {"person_id": "VARCHAR"}), ("household", {})):
        named = {f.name: FACT_TYPES[f.type] for f in facts if f.entity == entity}
        place = {"household_id": "VARCHAR", "town_code": "VARCHAR", "village_code": "VARCHAR"}
        _create_table(con, f"panel.{entity}", {"as_of": "DATE"} | key | place | named)


def _create_table(con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str]) -> None:
    body = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    con.execute(f"CREATE TABLE IF NOT EXISTS {table} ({body})")


def _refuse_former(con: duckdb.DuckDBPyConnection) -> None:
    """A warehouse of an earlier layout would be read wrongly: say so, touch nothing."""
    columns = con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name IN ('core', 'ops') "
        "AND table_name IN ('delivery', '_person')"
    ).fetchall()
    if columns and not {("delivery", "period_month"), ("_person", "person_id")} <= set(columns):
        raise ZhaorenError(
            "This home was made by an earlier version.",
            "warehouse.duckdb",
            "Its tables do not say which month a delivery speaks of, or which ids turned out to be one "
            "person. Nothing was changed.",
            "Make a new home from the same inbox: `zhaoren run --all --inbox INBOX --home NEW`; "
            "keep this one for its past lists.",
        )
