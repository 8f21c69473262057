"""Dates scored, scored again and forgotten in any order: each shows the rows last written for it.

The model is a dict of what each date was given. All dates are compared, through the view and one by one; and
no more rows are stored than there are runs of the same row over dates in a row.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import groupby

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.registry.tables import schema, shipped_tables, stored_tables
from warehouse.database.connection import transaction
from warehouse.database.partitions import partition
from warehouse.database.tables import ddl
from warehouse.database.views import show_thin
from warehouse.dated_rows import write_date
from warehouse.thin_rows import forget_before
from zhaoren.errors import ZhaorenError

TABLE = "mart.entitlement"
DATES = [date(2025, month, 5) for month in range(1, 7)]
ROWS = st.dictionaries(
    st.tuples(st.sampled_from([None, "P1", "P2"]), st.sampled_from(["H1", "H2"])),
    st.tuples(st.sampled_from(["yes", "unknown", None]), st.sampled_from([None, Decimal("1.50")])),
    max_size=4,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(DATES), ROWS),
        st.tuples(st.just("forget"), st.sampled_from(DATES), st.just({})),
    ),
    min_size=1,
    max_size=12,
)
Row = tuple[object, ...]
COLUMNS = ("person_id", "household_id", "eligible", "gap_yuan_month")


def warehouse() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("CREATE SCHEMA mart; CREATE SCHEMA ops")
    con.execute(ddl(shipped_tables()["ops.kept_date"]))
    for stored in stored_tables(shipped_tables()[TABLE]):
        con.execute(ddl(stored))
    show_thin(con, TABLE, "CREATE VIEW")
    return con


CON = warehouse()


def frame(rows: dict[Row, Row]) -> pl.DataFrame:
    kinds = {name: kind for name, kind in schema(TABLE).items() if name in COLUMNS}
    return pl.DataFrame([(*key, *cells) for key, cells in rows.items()], schema=kinds, orient="row")


def stored_runs(model: dict[date, set[Row]]) -> int:
    """How often a row begins anew, over the dates that are kept."""
    days = sorted(model)
    rows = set().union(*model.values()) if model else set()
    return sum(sum(there for there, _ in groupby(row in model[day] for day in days)) for row in rows)


@given(STEPS)
def test_every_date_shows_what_was_last_written_for_it(steps: list[tuple[str, date, dict[Row, Row]]]) -> None:
    con = CON.cursor()
    model: dict[date, set[Row]] = {}
    con.execute("BEGIN")
    for what, day, rows in steps:
        if what == "write":
            write_date(con, TABLE, day, frame(rows))
            model[day] = {(*key, *cells) for key, cells in rows.items()}
        else:
            forget_before(con, TABLE, day)
            model = {kept: shown for kept, shown in model.items() if kept >= day}
    expected = [(day, *row) for day, shown in model.items() for row in shown]
    every = con.execute(f"SELECT as_of, {', '.join(COLUMNS)} FROM {TABLE}").fetchall()
    each = [(day, *row) for day in DATES for row in partition(con, TABLE, day, *COLUMNS).rows()]
    assert sorted(every, key=str) == sorted(each, key=str) == sorted(expected, key=str)
    stored = [
        con.execute(f"SELECT count(*) FROM mart._entitlement{end}").fetchall()[0][0] for end in ("", "_past")
    ]
    assert sum(stored) == stored_runs(model)
    con.execute("ROLLBACK")


@pytest.mark.parametrize("before", [{}, {("P1", "H1"): ("yes", None)}])
@pytest.mark.parametrize("second", ["yes", "unknown"])
def test_two_rows_of_one_key_are_refused(before: dict[Row, Row], second: str) -> None:
    """Which of them a later date goes on from could not be told."""
    con = warehouse()
    write_date(con, TABLE, DATES[0], frame(before))
    twins = pl.concat([frame({("P1", "H1"): ("yes", None)}), frame({("P1", "H1"): (second, None)})])
    for day in (DATES[0], DATES[1]):
        with pytest.raises(ZhaorenError, match="Two rows of one date"), transaction(con):
            write_date(con, TABLE, day, twins)
    assert con.execute("SELECT count(*) FROM mart.entitlement").fetchall() == [(len(before),)]
