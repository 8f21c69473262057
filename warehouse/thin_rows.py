"""Thin tables: a row that is the same on several dates in a row is stored once, with the span it holds for.

    write_thin(con, table, as_of, "SELECT …")       the date's rows, in place of those it had
    forget_before(con, "mart.entitlement", day)     the rows of the dates before the day

Rows that hold on the newest date stand in `schema._table` with valid_from, those that have ended in
`schema._table_past` with valid_to, the first date on which they did not hold. ops.kept_date has the dates:
one between two of them that was never scored has no rows. A view shows the rows date by date
(database/views.py).

A date later than all others, as nearly always, is compared with the newest by the table's key, and what is
the same stays untouched. Any other date is taken out of every row's span and put in anew, so that what the
other dates show stays as it was, and no span is cut that need not be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from data_contracts.registry.tables import VALID_FROM, VALID_TO, Table, now_name, past_name
from warehouse.database.catalogue import columns_of
from warehouse.database.connection import Connection
from zhaoren.errors import ZhaorenError
from zhaoren.sql_text import quoted_name

_STILL = "DATE 'infinity'"  # where the span of a row that holds on the newest date ends


@dataclass(frozen=True)
class _Place:
    """Where a thin table's rows are stored, and what makes up one."""

    con: Connection
    table: Table

    @property
    def now(self) -> str:
        return now_name(self.table.name)

    @property
    def past(self) -> str:
        return past_name(self.table.name)

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Column -> its type, without the span."""
        return {name: kind for name, kind in columns_of(self.con, self.now).items() if name != VALID_FROM}

    @property
    def columns(self) -> str:
        return ", ".join(map(quoted_name, self.kinds))

    @property
    def key(self) -> list[str]:
        return [quoted_name(name) for name in self.table.key if name != "as_of"]


def write_thin(con: Connection, table: Table, as_of: date, query: str) -> None:
    """Write one date's rows in place of those it had; the caller holds the transaction.

    query: gives the rows, with as_of or without it; what it lacks of the table is null. Raises ZhaorenError
    when two rows have one key.
    """
    place = _Place(con, table)
    rows = _as_stored(place, query)
    before, is_there, after = con.execute(
        "SELECT max(as_of) FILTER (as_of < $2), coalesce(bool_or(as_of = $2), false), "
        "min(as_of) FILTER (as_of > $2) FROM ops.kept_date WHERE table_name = $1",
        [table.name, as_of],
    ).fetchall()[0]
    if is_there or after:
        _write_between(place, as_of, rows, before, after)
    elif before:
        _write_newest(place, as_of, rows)
    else:
        con.execute(f"INSERT INTO {place.now} BY NAME SELECT *, DATE '{as_of}' AS {VALID_FROM} FROM {rows}")
        _refuse_twins(place, place.now)
    con.execute("INSERT OR IGNORE INTO ops.kept_date (table_name, as_of) VALUES (?, ?)", [table.name, as_of])


def forget_before(con: Connection, name: str, before: date) -> None:
    """Delete the rows of a thin table's dates before the day; the caller holds the transaction."""
    now, past = now_name(name), past_name(name)
    con.execute("DELETE FROM ops.kept_date WHERE table_name = ? AND as_of < ?", [name, before])
    first = con.execute("SELECT min(as_of) FROM ops.kept_date WHERE table_name = ?", [name]).fetchall()[0][0]
    con.execute(f"DELETE FROM {past} WHERE $1 IS NULL OR {VALID_TO} <= $1", [first])
    con.execute(f"DELETE FROM {now} WHERE $1 IS NULL", [first])
    for stored in (now, past):  # what was before the first date that is left is not told any more
        con.execute(f"UPDATE {stored} SET {VALID_FROM} = $1 WHERE {VALID_FROM} < $1", [first])


def _as_stored(place: _Place, query: str) -> str:
    """The rows with the table's columns and types: what only a type tells from a stored row is no change."""
    given = [name for name in columns_of(place.con, query) if name != "as_of"]
    if strange := sorted(set(given) - set(place.kinds)):
        raise ValueError(f"{place.table.name} has no column {', '.join(strange)}")
    values = (
        f"{quoted_name(name) if name in given else 'NULL'}::{kind} AS {quoted_name(name)}"
        for name, kind in place.kinds.items()
    )
    return f"(SELECT {', '.join(values)} FROM ({query}))"


def _write_newest(place: _Place, as_of: date, rows: str) -> None:
    """End what is not among the date's rows, and begin what is new; the rest still holds."""
    con, day = place.con, f"DATE '{as_of}'"
    same_key = " AND ".join(f"n.{name} IS NOT DISTINCT FROM r.{name}" for name in place.key)
    unlike = " OR ".join(f"n.{c} IS DISTINCT FROM r.{c}" for c in map(quoted_name, place.kinds))
    con.execute(
        f"CREATE TEMP TABLE changed AS SELECT n.stored_row, r.* "
        f"FROM (SELECT *, rowid AS stored_row FROM {place.now}) n "
        f"FULL JOIN (SELECT *, true AS is_given FROM {rows}) r ON {same_key} "
        f"WHERE n.stored_row IS NULL OR r.is_given IS NULL OR {unlike}"
    )
    ended = f"FROM {place.now} WHERE rowid IN (SELECT stored_row FROM changed WHERE stored_row IS NOT NULL)"
    con.execute(f"INSERT INTO {place.past} BY NAME SELECT *, {day} AS {VALID_TO} {ended}")
    con.execute(f"DELETE {ended}")
    begun = "(SELECT * FROM changed WHERE is_given)"
    con.execute(f"INSERT INTO {place.now} BY NAME SELECT {place.columns}, {day} AS {VALID_FROM} FROM {begun}")
    _refuse_twins(place, begun)
    con.execute("DROP TABLE changed")
    # Of two rows of one key one may be as before, and so be among the changes no more than once.
    counts = f"SELECT (SELECT count(*) FROM {place.now}) = (SELECT count(*) FROM {rows})"
    if con.execute(counts).fetchall() != [(True,)]:
        raise _twins(place)


def _write_between(place: _Place, as_of: date, rows: str, before: date | None, after: date | None) -> None:
    """Give each row that holds on the date, or on the one before or after it, its spans anew."""
    con, cells = place.con, place.columns
    day, to = f"DATE '{as_of}'", f"DATE '{after}'" if after else _STILL
    _refuse_twins(place, rows)
    of_now = f"FROM {place.now} WHERE {VALID_FROM} <= DATE '{after or as_of}'"
    of_past = of_now.replace(place.now, place.past) + f" AND {VALID_TO} > DATE '{before or as_of}'"
    con.execute(
        f"CREATE TEMP TABLE touched AS SELECT *, {_STILL} AS {VALID_TO} {of_now} "
        f"UNION ALL BY NAME SELECT * {of_past}"
    )
    con.execute(f"DELETE {of_now}")
    con.execute(f"DELETE {of_past}")
    # began: since when it held until the date; ended: how long it holds from the next date on.
    con.execute(
        f"CREATE TEMP TABLE settled AS SELECT {cells}, max(began) AS began, max(ended) AS ended, "
        "bool_or(is_given) AS is_given FROM ("
        f"SELECT {cells}, NULL::DATE AS began, NULL::DATE AS ended, true AS is_given FROM {rows} "
        f"UNION ALL SELECT {cells}, {VALID_FROM}, NULL, false FROM touched WHERE {VALID_FROM} < {day} "
        f"UNION ALL SELECT {cells}, NULL, {VALID_TO}, false FROM touched WHERE {VALID_TO} > {to}"
        ") GROUP BY ALL"
    )
    con.execute(
        f"CREATE TEMP TABLE spans AS SELECT {cells}, coalesce(began, {day}) AS {VALID_FROM}, "
        f"coalesce(ended, {to}) AS {VALID_TO} FROM settled WHERE is_given "
        f"UNION ALL SELECT {cells}, began, {day} FROM settled WHERE NOT is_given AND began IS NOT NULL "
        f"UNION ALL SELECT {cells}, {to}, ended FROM settled WHERE NOT is_given AND ended IS NOT NULL"
    )
    still = f"SELECT * EXCLUDE ({VALID_TO}) FROM spans WHERE {VALID_TO} = {_STILL}"
    con.execute(f"INSERT INTO {place.now} BY NAME {still}")
    con.execute(f"INSERT INTO {place.past} BY NAME SELECT * FROM spans WHERE {VALID_TO} < {_STILL}")
    for name in ("touched", "settled", "spans"):
        con.execute(f"DROP TABLE {name}")


def _refuse_twins(place: _Place, rows: str) -> None:
    key = ", ".join(place.key)
    # By hash first: to group millions of rows by their texts takes longer than to write them.
    twins = (
        f"SELECT 1 FROM {rows} GROUP BY {by} HAVING count(*) > 1 LIMIT 1" for by in (f"hash({key})", key)
    )
    if all(place.con.execute(query).fetchone() for query in twins):
        raise _twins(place)


def _twins(place: _Place) -> ZhaorenError:
    return ZhaorenError(
        "Two rows of one date say of the same what may be said once.",
        place.table.name,
        f"Its rows are told apart by {', '.join(place.table.key)}.",
        "Nothing was written. Please report this: it is a fault of the program.",
    )
