"""DuckDB as the second engine for a rule's meaning: what polars answers is held against it."""

from __future__ import annotations

from functools import cache
from typing import Any

import duckdb

from policies.catalogue.shapes import Entity
from policies.language.duckdb_terms import Texts, to_duckdb
from policies.language.terms import Term
from policies.values.columns import member_column, parameter_value
from policies.values.options import options
from policies.values.workspace import Workspace
from zhaoren.sql_text import quoted_name


def duckdb_answers(space: Workspace, entity: Entity, term: Term) -> list[Any]:
    """The term's value for each row of the entity's frame; parameters and words about members come as
    columns.
    """
    frame = space.frame(entity, ["household_id", *space.columns_of(entity, term)])
    values = [
        parameter_value(options(space.cat, name, space.as_of, entity), name).alias(f"={name}")
        for name in term.parameters()
    ]
    frame = frame.with_columns(values)
    texts = Texts(
        as_of=space.as_of,
        parameter=lambda name: quoted_name(f"={name}"),
        member=lambda word: quoted_name(member_column(word)),
    )
    con = _engine()
    con.register("facts", frame.to_arrow())
    rows = con.execute(f"SELECT {to_duckdb(term, texts)} FROM facts").fetchall()
    con.unregister("facts")
    return [row[0] for row in rows]


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """One for the whole session: to open another costs more than the answer."""
    return duckdb.connect(config={"threads": 1})
