"""Whether two homes hold the same lists, ids, published tables and accounts.

    python -m tests.helpers.compare_homes HOME_A HOME_B [--tables]

Exit code 0: the same; 1: every difference is named, one a line. `--tables` leaves the workbooks out. The
digest of rules and code that lists carry is not compared: it names the version, not what the version says.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

LISTS = ("worklists", "counties", "compliance", "referrals", "spot_checks", "receipts", "reviews")
IDS = ("core._person", "core.household", "core._household_member", "core._person_alias")
ACCOUNTS = ("ops.delivery", "ops.quarantine", "ops.check_result")
# What a run writes of itself rather than of the data.
OF_THE_RUN = ("fingerprint", "rules_hash", "run_id", "feedback_sha256")  # a filled list carries the digest
# Columns that a later version added beside the rest.
ADDED = {"ops.delivery": {"error_code"}}
SHOWN = 5  # differences of one workbook or table that are printed in full


def differences(one: Path, other: Path, lists: bool = True) -> list[str]:
    """Every difference of two homes, in words; none if they say the same."""
    tables = [*_warehouses(one, other), *_published(one, other)]
    return [*(_all_lists(one, other) if lists else ()), *tables]


def _all_lists(one: Path, other: Path) -> Iterator[str]:
    names = [_workbooks(home) for home in (one, other)]
    if not names[0] and not names[1]:
        yield "neither home has a list"
    yield from (f"{name}: only in the first" for name in sorted(names[0] - names[1]))
    yield from (f"{name}: only in the second" for name in sorted(names[1] - names[0]))
    for name in sorted(names[0] & names[1]):
        yield from _shortened(f"{name} ", list(_of_workbooks(one / name, other / name)))


def _workbooks(home: Path) -> set[str]:
    return {str(p.relative_to(home)) for kind in LISTS for p in (home / kind).rglob("*.xlsx")}


def _of_workbooks(one: Path, other: Path) -> Iterator[str]:
    first, second = _cells(one), _cells(other)
    for place in sorted(first.keys() | second.keys()):
        if first.get(place) != second.get(place):
            yield f"{place}: {first.get(place)!r} / {second.get(place)!r}"


def _cells(path: Path) -> dict[str, Any]:
    """sheet!cell -> value, with each sheet's title, state, header and footer, but without the digest."""
    cells: dict[str, Any] = {}
    for sheet in openpyxl.load_workbook(path).worksheets:
        cells[f"{sheet.title}!state"] = sheet.sheet_state
        cells |= {f"{sheet.title}!{name}": text for name, text in _margins(sheet)}
        after_key = False  # the hidden sheet says the digest in the cell beside "version"
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None and not after_key:
                    cells[f"{sheet.title}!{cell.coordinate}"] = cell.value
                after_key = cell.value == "version" and sheet.sheet_state == "veryHidden"
    return cells


def _margins(sheet: Worksheet) -> Iterator[tuple[str, str]]:
    for name in ("oddHeader", "oddFooter"):
        for side in ("left", "center", "right"):
            text = getattr(getattr(sheet, name), side).text
            if text:
                yield f"{name}.{side}", re.sub(r"版本 [0-9a-f]+", "版本", text)


def _warehouses(one: Path, other: Path) -> Iterator[str]:
    with _both(one / "warehouse.duckdb", other / "warehouse.duckdb") as con:
        # What is shown is compared, not how it is stored.
        shown = {name for side in ("a", "b") for name in _tables(con, side) if "._" not in name}
        marts = {name for name in shown if name.startswith(("mart.", "panel."))}
        for name in (*IDS, *ACCOUNTS, *sorted(marts)):
            yield from _of_tables(con, "warehouse", name)


def _published(one: Path, other: Path) -> Iterator[str]:
    file = "published/analytics.duckdb"
    with _both(one / file, other / file) as con:
        for name in sorted(_tables(con, "a") | _tables(con, "b")):
            yield from _of_tables(con, "published", name)


def _both(one: Path, other: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for side, path in (("a", one), ("b", other)):
        con.execute(f"ATTACH '{path}' AS {side} (READ_ONLY)")
    return con


def _tables(con: duckdb.DuckDBPyConnection, side: str) -> set[str]:
    query = """SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = $1 UNION ALL
               SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE database_name = $1
               AND NOT internal"""
    return {name for (name,) in con.execute(query, [side]).fetchall()}


def _columns(con: duckdb.DuckDBPyConnection, side: str, table: str) -> dict[str, str]:
    query = """SELECT column_name, data_type FROM duckdb_columns()
               WHERE database_name = ? AND schema_name || '.' || table_name = ? ORDER BY column_index"""
    found = dict(con.execute(query, [side, table]).fetchall())
    return {name: kind for name, kind in found.items() if name not in ADDED.get(table, ())}


def _of_tables(con: duckdb.DuckDBPyConnection, file: str, table: str) -> Iterator[str]:
    """Columns on one side only, then rows on one side only (in the common columns), counted as often."""
    first, second = _columns(con, "a", table), _columns(con, "b", table)
    if not first or not second:
        side = "either" if not first and not second else "the second" if first else "the first"
        yield f"{file} {table}: not in {side}"
        return
    for side, more, less in (("first", first, second), ("second", second, first)):
        yield from (f"{file} {table}.{name}: only in the {side}" for name in more if name not in less)
    common = [c for c in first if c in second]
    yield from (f"{file} {table}.{c}: {first[c]} / {second[c]}" for c in common if first[c] != second[c])
    compared = [c for c in common if c not in OF_THE_RUN and not first[c].startswith("TIMESTAMP")]
    yield from _shortened(f"{file} {table} ", list(_rows(con, table, compared)))


def _rows(con: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> Iterator[str]:
    lost, new = (_only_in(con, table, columns, *sides) for sides in ("ab", "ba"))
    if not lost and not new:
        return
    unlike = [
        c for c in columns if _only_in(con, table, [c], "a", "b") or _only_in(con, table, [c], "b", "a")
    ]
    where = f", unlike in {', '.join(unlike)}" if unlike else ", each column alone is alike"
    yield f"has {len(lost)} rows only in the first and {len(new)} only in the second{where}"
    for sign, rows in (("-", lost), ("+", new)):
        yield from (f"{sign} {dict(zip(columns, map(str, row), strict=True))}" for row in rows[: SHOWN // 2])


def _only_in(
    con: duckdb.DuckDBPyConnection, table: str, columns: list[str], side: str, other: str
) -> list[tuple[Any, ...]]:
    names = ", ".join(f'"{c}"' for c in columns)
    query = f"SELECT {names} FROM {side}.{table} EXCEPT ALL SELECT {names} FROM {other}.{table} ORDER BY ALL"
    return con.execute(query).fetchall()


def _shortened(before: str, found: list[str]) -> list[str]:
    lines = [before + line for line in found[:SHOWN]]
    return lines + [f"{before}and {len(found) - SHOWN} more"] * (len(found) > SHOWN)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("homes", nargs=2, type=Path, metavar="HOME")
    parser.add_argument("--tables", action="store_true", help="only the tables, not the workbooks")
    asked = parser.parse_args()
    one, other = asked.homes
    found = differences(one, other, lists=not asked.tables)
    print("\n".join(found) or "the same")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
