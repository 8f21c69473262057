"""What a correction changed, row by row, and who is no longer known once a delivery is out of force."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import polars as pl

from data_contracts.contract.model import Contract
from warehouse.database.connection import fetch, run
from warehouse.database.extract_tables import core_columns, core_name

# Position and time of arrival: they differ between any two deliveries and are no change.
OWN = ("event_date", "period_month", "known_date", "delivery_id", "row_no")


def list_changes(
    con: duckdb.DuckDBPyConnection, contract: Contract, delivery_id: str, gone: Sequence[str]
) -> None:
    """Fill `ops.delivery_change` with what the delivery adds, removes and changes against those it replaced.

    Rows are matched by the contract's key; row_no is the new file's, for a removed row the old file's.
    """
    if not gone:
        return
    old, new = (
        _rows(con, contract, ids).rename({"row_no": f"_row_{side}"})
        for side, ids in (("old", list(gone)), ("new", [delivery_id]))
    )
    key = _key(contract)
    values = [c for c in old.columns if c not in (*key, "_row_old")]
    both = old.rename({c: f"_old_{c}" for c in values}).join(
        new, on=key, how="full", coalesce=True, nulls_equal=True
    )
    differs = [pl.col(c).ne_missing(pl.col(f"_old_{c}")) for c in values]
    names = [pl.when(d).then(pl.lit(c)) for c, d in zip(values, differs, strict=True)]
    added, removed = pl.col("_row_old").is_null(), pl.col("_row_new").is_null()
    changed = pl.any_horizontal(differs) if differs else pl.lit(False)
    listed = both.filter(added | removed | changed).select(
        delivery_id=pl.lit(delivery_id),
        superseded_id=pl.lit(gone[0]),
        change=pl.when(added)
        .then(pl.lit("added"))
        .when(removed)
        .then(pl.lit("removed"))
        .otherwise(pl.lit("changed")),
        person_id=pl.coalesce(*(c for c in ("person_id", "_old_person_id") if c in both.columns)),
        row_no=pl.coalesce("_row_new", "_row_old"),
        column_names=pl.when(~added & ~removed).then(
            pl.concat_str(names, separator=",", ignore_nulls=True) if names else pl.lit("")
        ),
    )
    run(
        con,
        "INSERT INTO ops.delivery_change BY NAME SELECT * FROM listed",
        listed=listed.sort("change", "row_no"),
    )


def _key(contract: Contract) -> list[str]:
    named = {c.name: core_name(c) for c in contract.columns}
    key = [name for k in contract.key if (name := named[k]) is not None]
    return key or [name for name in named.values() if name is not None]


def _rows(con: duckdb.DuckDBPyConnection, contract: Contract, ids: list[str]) -> pl.DataFrame:
    """The deliveries' rows, of each key the newest."""
    columns = [c for c in core_columns(contract) if c not in OWN]
    rows = fetch(
        con,
        f"SELECT {', '.join(columns)}, row_no FROM core._{contract.extract} "
        "WHERE delivery_id IN (SELECT unnest($1)) ORDER BY known_date, delivery_id, row_no",
        [ids],
    )
    return rows.unique(_key(contract), keep="last", maintain_order=True)


def recount_persons(con: duckdb.DuckDBPyConnection, extract: str, touched: Sequence[str]) -> None:
    """Bring `core._person` in line for everybody whom the touched deliveries name, and only for them."""
    columns = con.execute(
        "WITH c AS (SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'core' "
        "AND NOT internal AND table_name LIKE '\\_%' ESCAPE '\\') "
        "SELECT * FROM c WHERE column_name LIKE '%person_id' AND table_name IN "
        "(SELECT table_name FROM c WHERE column_name = 'delivery_id') ORDER BY ALL"
    ).fetchall()
    concerned = " UNION ".join(
        f"SELECT {column} AS person_id FROM core.{table} WHERE delivery_id IN (SELECT unnest($1))"
        for table, column in columns
        if table == f"_{extract}"
    )
    persons = fetch(con, concerned, [list(touched)]).drop_nulls()
    everywhere = " UNION ALL ".join(
        f"SELECT {column} AS person_id, known_date, delivery_id FROM core.{table.removeprefix('_')} "
        f"WHERE {column} IN (SELECT person_id FROM persons)"
        for table, column in columns
    )
    found = fetch(
        con,
        "SELECT person_id, min(f.known_date) AS first_known_date, "
        "arg_min(d.extract, (f.known_date, d.came)) AS first_extract FROM "
        f"({everywhere}) f JOIN (SELECT delivery_id, extract, min(event_no) AS came FROM ops.delivery "
        "JOIN ops.delivery_event USING (delivery_id) GROUP BY ALL) d USING (delivery_id) "
        "GROUP BY 1 ORDER BY 2, 1",
        persons=persons,
    )
    gone = persons.join(found, on="person_id", how="anti")
    run(con, "DELETE FROM core._person WHERE person_id IN (SELECT person_id FROM gone)", gone=gone)
    run(
        con,
        "UPDATE core._person p SET first_known_date = n.first_known_date, first_extract = n.first_extract "
        "FROM found n WHERE n.person_id = p.person_id",
        found=found,
    )
    run(
        con,
        "INSERT INTO core._person BY NAME SELECT * FROM found ANTI JOIN core._person USING (person_id)",
        found=found,
    )
