"""Where else a person stands: past lists, and deliveries that only refer to them."""

from __future__ import annotations

from warehouse.database.catalogue import database_of
from warehouse.database.connection import Connection
from warehouse.erasure.subject import Subject, row_tables, table_columns


def lists_of(con: Connection, subject: Subject) -> tuple[tuple[str, str, str], ...]:
    """as_of, town code, county code of every past list with a household that the person belonged to.

    A station's counts and the order of its other lines change with a line that goes, so it is the whole list.
    """
    rows = con.execute(
        "SELECT DISTINCT a.as_of::VARCHAR, coalesce(a.town_code, ''), coalesce(a.county_code, '') "
        "FROM mart.alert a WHERE household_id IN (SELECT household_id FROM core._household_member "
        "WHERE person_id IN (SELECT unnest($1)) UNION "
        "SELECT household_id FROM panel.person WHERE person_id IN (SELECT unnest($1))) ORDER BY ALL",
        [list(subject.ids)],
    ).fetchall()
    return tuple((str(a), str(t), str(c)) for a, t, c in rows)


def referring_deliveries(con: Connection, subject: Subject) -> tuple[str, ...]:
    """Deliveries with a row of others that refers to the person, and those of which nothing was loaded."""
    found: set[str] = set()
    columns = table_columns(con, database_of(con))
    names = set(row_tables(con))
    for table, has in columns.items():
        if table.replace('"', "") not in names:
            continue
        others = [c for c in has if c.endswith("_person_id")]
        if others:
            refers = " OR ".join(f"{c} IN (SELECT unnest($1))" for c in others)
            query = f"SELECT DISTINCT delivery_id FROM {table} WHERE {refers}"
            found |= {str(row[0]) for row in con.execute(query, [list(subject.ids)]).fetchall()}
    never = "SELECT delivery_id FROM ops.delivery WHERE rows_loaded = 0 AND rows_read > 0"
    return tuple(sorted(found | {str(row[0]) for row in con.execute(never).fetchall()}))
