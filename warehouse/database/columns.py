"""Columns for facts that came later: a warehouse made before a contract declared them gets them added."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from policies.catalogue.fact import Fact
from warehouse.database.connection import transaction
from warehouse.database.schema import FACT_TYPES
from zhaoren.errors import ZhaorenError


def add_fact_columns(con: duckdb.DuckDBPyConnection, facts: Iterable[Fact]) -> list[str]:
    """Add to the panel tables what the facts need and they lack; earlier dates keep null there: unknown.

    Returns the names added. Raises ZhaorenError when a fact's type is not the one its column was made with.
    """
    there = {
        (table, name): kind
        for table, name, kind in con.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE schema_name = 'panel' AND NOT internal ORDER BY ALL"
        ).fetchall()
    }
    wanted = {(fact.entity, fact.name): FACT_TYPES[fact.type] for fact in facts}
    for (entity, name), kind in wanted.items():
        if there.get((entity, name), kind) != kind:
            raise _other_type(entity, name, there[entity, name], kind)
    added = [key for key in wanted if key not in there]
    with transaction(con):
        for entity, name in added:
            con.execute(f'ALTER TABLE panel.{entity} ADD COLUMN "{name}" {wanted[entity, name]}')
    return [name for _, name in added]


def _other_type(entity: str, name: str, old: str, new: str) -> ZhaorenError:
    return ZhaorenError(
        f"The fact {name} has changed its type.",
        f"panel.{entity}.{name}",
        f"Its column was made as {old}, and it is declared as {new} now.",
        "Give the new fact another name; what was computed under the old one stays readable.",
    )
