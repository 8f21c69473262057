"""The stations' hands, as a data team enters them in a CSV file: workers, hours, minutes of a visit.

The columns, their headings and their limits are data: exchange/templates/hands.yaml.

    read_hands(path, town_names) -> (DataFrame of HANDS, problems)

Everything wrong is a problem with file and row; nothing is guessed. With a problem the frame is empty.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from exchange.stations.cells import Cells
from exchange.words import words
from zhaoren.yaml_lines import Problem

HANDS: dict[str, pl.DataType | type[pl.DataType]] = {
    "town_code": pl.String,
    "valid_from": pl.Date,
    "valid_to": pl.Date,
    "staff_cnt": pl.Int64,
    "hours_month": pl.Decimal(18, 2),
    "visit_minutes": pl.Int64,
    "key_visit_minutes": pl.Int64,
}
Row = dict[str, Any]
# What a spreadsheet writes: UTF-8 with or without its mark, or the Chinese code page.
_ENCODINGS = ("utf-8-sig", "gb18030")


def read_hands(path: Path, town_names: Mapping[str, str]) -> tuple[pl.DataFrame, list[Problem]]:
    """One row per station and period, sorted; or no row and every problem.

    `town_names`: code -> name of every town that there is or was; a row of another town is refused.
    """
    rows, problems = _rows(path)
    cells = Cells(str(path), words("hands"), town_names)
    read = [(number, row, *cells.read(number, row)) for number, row in rows]
    problems += [problem for *_, found in read for problem in found]
    sound = [(number, values) for number, _, values, found in read if not found]
    problems += list(_overlaps(str(path), sound))
    if problems:
        return pl.DataFrame(schema=HANDS), sorted(problems, key=lambda problem: problem.line)
    frame = pl.DataFrame([values for _, values in sound], schema=HANDS, orient="row")
    return frame.sort("town_code", "valid_from"), []


def template(towns: Mapping[str, str]) -> bytes:
    """The table to fill in, a row per town, as a spreadsheet opens it: UTF-8 with its mark."""
    columns: Mapping[str, Any] = words("hands")["columns"]
    text = io.StringIO()
    sheet = csv.writer(text, lineterminator="\r\n")
    sheet.writerow(column["zh"] for column in columns.values())
    known = [{"town_code": code, "town_name": name} for code, name in sorted(towns.items())]
    sheet.writerows([row.get(key, "") for key in columns] for row in known)
    return text.getvalue().encode("utf-8-sig")


def _rows(path: Path) -> tuple[list[tuple[int, dict[str, str]]], list[Problem]]:
    """Number in the file and cells by column of every row that is not empty."""
    text = _text(path)
    if text is None:
        todo = "save it again as CSV UTF-8 (逗号分隔)"
        return [], [Problem(str(path), 1, "the file is no CSV text in UTF-8 or the Chinese code page", todo)]
    sheet = csv.reader(io.StringIO(text, newline=""))
    try:
        lines = [(sheet.line_num, [cell.strip() for cell in line]) for line in sheet]
    except csv.Error as error:
        return [], [
            Problem(
                str(path), sheet.line_num, f"the row cannot be read: {error}", "correct its quotation marks"
            )
        ]
    if not lines:
        return [], [
            Problem(str(path), 1, "the file is empty", "`zhaoren hands template` writes one to fill in")
        ]
    (_, heads), *body = lines
    names, problems = _headings(str(path), heads)
    if problems:
        return [], problems
    # A row of the template that names a town and says nothing of it stays what it was: not entered.
    naming = [names.index(name) for name in ("town_code", "town_name") if name in names]
    filled = [(n, cells) for n, cells in body if any(c for i, c in enumerate(cells) if i not in naming)]
    long = [number for number, cells in filled if any(cells[len(heads) :])]
    what = "the row has more cells than there are headings"
    problems = [
        Problem(str(path), number, what, "put notes into 备注, in quotation marks") for number in long
    ]
    return [
        (n, dict(zip(names, [*cells, *[""] * len(heads)], strict=False))) for n, cells in filled
    ], problems


def _text(path: Path) -> str | None:
    raw = path.read_bytes()
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _headings(file: str, heads: list[str]) -> tuple[list[str], list[Problem]]:
    """The column each heading names; an empty one at the end names none."""
    columns: Mapping[str, Any] = words("hands")["columns"]
    by_heading = {name: key for key, column in columns.items() for name in (key, column["zh"])}
    names = [by_heading.get(head, "") for head in heads]
    todo = "the headings are " + "、".join(f"{column['zh']} {key}" for key, column in columns.items())
    unknown = [head for head, name in zip(heads, names, strict=True) if head and not name]
    twice = sorted({columns[name]["zh"] for name in names if name and names.count(name) > 1})
    missing = [c["zh"] for key, c in columns.items() if key not in names and not c.get("is_optional")]
    whats = [f"there is no column “{head}”" for head in unknown]
    whats += [f"the column {head} is there twice" for head in twice]
    whats += [f"the column {head} is missing" for head in missing]
    return names, [Problem(file, 1, what, todo) for what in whats]


def _overlaps(file: str, rows: list[tuple[int, Row]]) -> Iterator[Problem]:
    """Two rows of one station for one day: which of them counts nobody could say."""
    ordered = sorted(rows, key=lambda row: (row[1]["town_code"], row[1]["valid_from"]))
    for (before, one), (number, other) in zip(ordered, ordered[1:], strict=False):
        ends = one["valid_to"] or date.max
        if one["town_code"] == other["town_code"] and other["valid_from"] <= ends:
            what = f"the station {other['town_code']} has row {before} for some of the same days"
            yield Problem(file, number, what, "write the last day (止) into the older row")
