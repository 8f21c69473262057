"""How many persons and households stood out by what their neighbours know, and how many are alike now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import duckdb
import polars as pl

from data_contracts.registry.published import PublishedTable
from data_contracts.registry.tables import schema
from transforms.anonymity.measures import share
from warehouse.database.catalogue import columns_of


class _Known(NamedTuple):
    """What a neighbour may know, as the warehouse has it, and the published columns that are left of it."""

    table: str
    relation: str
    attributes: tuple[str, ...]
    left: tuple[str, ...]


_PERSON = ("town_code", "age_years", "sex_code", "is_disabled", "member_cnt")
_PERSON_LEFT = ("age_band", "sex_code", "is_disabled", "city_code", "member_band")
_HOME = ("town_code", "member_cnt", "child_cnt", "elder_cnt", "disabled_cnt")
_HOME_LEFT = ("city_code", "member_band", "has_child", "has_elder", "has_disabled")
# The quasi-identifiers of docs/threat-model.md.
_ATTRIBUTES = (
    _Known("panel.person", "shown_person", _PERSON, _PERSON_LEFT),
    _Known(
        "panel.person",
        "shown_person",
        (*_PERSON, "disability_grade", "child_cnt", "elder_cnt", "benefit_category_code"),
        (*_PERSON_LEFT, "disability_grade", "benefit_category_code"),
    ),
    _Known("panel.household", "shown_household", _HOME, _HOME_LEFT),
    _Known(
        "panel.household",
        "shown_household",
        (*_HOME, "tier_code", "burden_12m_yuan"),
        (*_HOME_LEFT, "tier_code", "burden_from_yuan"),
    ),
    _Known("panel.household", "shown_household", ("burden_12m_yuan",), ("burden_from_yuan",)),
)


def exposure(con: duckdb.DuckDBPyConnection, people: Iterable[PublishedTable], k: int) -> pl.DataFrame:
    """Rows of ref.anonymity on the named attributes, of the newest date; `p` holds the folded tables.

    Before: as the warehouse has them, one row per person or household. After: the smallest number of
    published rows alike in what is left of the attributes. A rule book without such facts has none.
    """
    folded = {table.name: set(table.columns) for table in people}
    rows = []
    for known in _ATTRIBUTES:
        there = columns_of(con, known.relation)
        shown = [column for column in known.left if column in folded.get(known.table, ())]
        if shown and there.keys() >= set(known.attributes):
            rows.append(_row(con, known, shown, k))
    return pl.DataFrame(rows, schema=schema("ref.anonymity"), orient="row")


def _row(con: duckdb.DuckDBPyConnection, known: _Known, shown: list[str], k: int) -> dict[str, object]:
    # One sum alone: of those who have any.
    any_sum = f"WHERE {known.attributes[0]} > 0" if len(known.attributes) == 1 else ""
    attributes = ", ".join(known.attributes)
    columns = ", ".join(["as_of", *shown, "not_shown"])
    # Counted by the engine to the end: as many groups as persons are no frame to hold.
    total, alone, few = _one(
        con,
        "SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (n < 2), 0), "
        f"coalesce(sum(n) FILTER (n < {k}), 0) FROM "
        f"(SELECT count(*) AS n FROM {known.relation} {any_sum} GROUP BY {attributes})",
    )
    groups, smallest = _one(
        con, f"SELECT count(*), min(n) FROM (SELECT count(*) AS n FROM p.{known.table} GROUP BY {columns})"
    )
    return {
        "table_name": known.table,
        "attributes": attributes,
        "row_cnt": int(total),
        "group_cnt": groups,
        "smallest_cnt": smallest,
        "unique_share_before": share(int(alone), int(total)),
        "under_k_share_before": share(int(few), int(total)),
        "not_shown": "left: " + ", ".join(shown),
        "all_alike": "",
    }


def _one(con: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    return con.execute(query).fetchall()[0]
