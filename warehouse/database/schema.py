"""The whole warehouse: fixed tables as declared, core tables from contracts, panel columns from facts.

Every row ever loaded stays in `core._<extract>`, under the person id it was loaded with; whom that id stands
for on a day is in `core._person_alias` (person_aliases.py). What shows today's beliefs is in views.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import duckdb

from data_contracts.contract.model import Contract
from data_contracts.registry.tables import Column, Table, shipped_tables, stored_tables, with_facts
from policies.catalogue.fact import Fact
from warehouse.database.catalogue import database_of
from warehouse.database.connection import transaction
from warehouse.database.extract_tables import extract_tables
from warehouse.database.former_errors import add_error_codes
from warehouse.database.tables import comment, make_tables
from warehouse.database.views import make_views
from zhaoren.errors import ZhaorenError

SCHEMAS = ("core", "panel", "mart", "ops", "ref")


def all_tables(contracts: Iterable[Contract], facts: Iterable[Fact]) -> dict[str, Table]:
    """Every table and view of a warehouse with these contracts and facts, by name."""
    columns = [(fact.entity, fact.name, _column(fact)) for fact in facts]
    fixed = [with_facts(table, columns) for table in shipped_tables().values()]
    stored = [part for table in fixed if table.thin for part in stored_tables(table)]
    shown = [replace(table, view=table.view or table.thin) for table in fixed]
    of_extracts = [table for c in contracts for table in extract_tables(c)]
    return {table.name: table for table in (*shown, *stored, *of_extracts)}


def create(con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], facts: Iterable[Fact]) -> None:
    """Make every table that is not there yet, and bring those of an earlier version into line.

    Raises ZhaorenError for a warehouse of a layout too early to be read, or a column of another type.
    """
    _refuse_former(con)
    tables = all_tables(contracts.values(), facts).values()
    with transaction(con):  # one commit: a thousand comments would each wait for the disk
        for name in SCHEMAS:
            con.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
        added = make_tables(con, tables)
        make_views(con, contracts.values(), anew=bool(added))
        comment(con, tables, database_of(con))
    add_error_codes(con)


def _column(fact: Fact) -> Column:
    zh = f"{fact.zh}（{fact.unit}）" if fact.unit else fact.zh
    return Column.model_validate({"type": fact.type, "zh": zh})


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
