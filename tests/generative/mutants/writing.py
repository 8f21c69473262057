"""A sheet as the bytes of a file, and where each of its rows stands in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from random import Random
from typing import Any, Literal

import polars as pl

from tests.generative.mutants.books import workbook
from tests.generative.mutants.sheet import Row, Sheet

BOMS = {"utf-16-le-bom": (b"\xff\xfe", "utf-16-le"), "utf-16-be-bom": (b"\xfe\xff", "utf-16-be"),
        "gb18030-bom": (b"\x84\x31\x95\x33", "gb18030")}  # fmt: skip


def written(sheet: Sheet, rng: Random) -> tuple[bytes, dict[int, Row]]:
    """The file's bytes, and row number -> row for every row below the header that is not blank."""
    if sheet.format == "csv":
        return _text(sheet, rng)
    if sheet.format == "parquet":
        return _parquet(sheet)
    return workbook(sheet), placed(sheet, len(sheet.titles) + 1)


def placed(sheet: Sheet, above: int) -> dict[int, Row]:
    """Row number -> row, `above` rows standing before the first; blank ones left out."""
    rows = {above + at: row for at, row in enumerate(sheet.rows, start=1)}
    return {at: row for at, row in rows.items() if not row.is_blank}


def _text(sheet: Sheet, rng: Random) -> tuple[bytes, dict[int, Row]]:
    lines = [*sheet.titles, sheet.header, *(row.cells for row in sheet.rows)]
    if sheet.raw_cells:
        texts = [sheet.separator.join(map(str, cells)) for cells in lines]
        sheet.sure = sheet.sure and not any("\n" in text or "\r" in text for text in texts)
    else:
        texts = [_quoted(cells, sheet) for cells in lines]
    ends = [_end(sheet.newline, rng) for _ in texts]
    if sheet.newline == "unended":
        ends[-1] = ""
    text = "".join(line + end for line, end in zip(texts, ends, strict=True))
    return _encoded(text, sheet.encoding), placed(sheet, len(sheet.titles) + 1)


def _quoted(cells: list[Any], sheet: Sheet) -> str:
    out = io.StringIO()
    quoting: Literal[0, 1] = csv.QUOTE_ALL if sheet.quote_all else csv.QUOTE_MINIMAL
    # The writer quotes only the line breaks of its own line end.
    csv.writer(out, delimiter=sheet.separator, lineterminator="\r\n", quoting=quoting).writerow(cells)
    return out.getvalue().removesuffix("\r\n")


def _end(newline: str, rng: Random) -> str:
    if newline == "mixed":
        return rng.choice(("\n", "\r\n"))
    return "\r\n" if newline == "unended" else newline


def _encoded(text: str, encoding: str) -> bytes:
    bom, codec = BOMS.get(encoding, (b"", encoding))
    return bom + text.encode(codec, "replace")


def _parquet(sheet: Sheet) -> tuple[bytes, dict[int, Row]]:
    width, headers = len(sheet.header), list[str]()
    for header in sheet.header:  # Parquet wants every name once
        headers.append(header if header not in headers else f"{header}_{len(headers)}")
    for row in sheet.rows:
        row.cells = [str(cell) for cell in row.cells[:width]] + [""] * (width - len(row.cells))
    columns = [
        _typed_series(name, [row.cells[at] or None for row in sheet.rows], sheet.types.get(at))
        for at, name in enumerate(headers)
    ]
    for row, *cells in zip(sheet.rows, *columns, strict=True):
        row.cells = ["" if cell is None else str(cell) for cell in cells]
    out = io.BytesIO()
    pl.DataFrame(columns).write_parquet(out)
    return out.getvalue(), placed(sheet, 1)


def _typed_series(name: str, cells: list[str | None], kind: str | None) -> pl.Series:
    text = pl.Series(name, cells, dtype=pl.String)
    number = text.str.strip_chars().cast(pl.Float64, strict=False).fill_nan(None)
    number = (
        pl.select(pl.when(number.is_finite() & (number.abs() < 1e17)).then(number)).to_series().alias(name)
    )
    small = number.cast(pl.Int64, strict=False)
    day = text.str.to_date("%Y-%m-%d", strict=False)
    made: Mapping[str | None, Any] = {
        None: lambda: text,
        "int": lambda: small,
        "float": lambda: number,
        "uint": lambda: small.cast(pl.UInt64, strict=False),
        "int128": lambda: small.cast(pl.Int128),
        "decimal": lambda: number.cast(pl.Decimal(38, 3), strict=False),
        "bool": lambda: small % 2 == 0,
        "date": lambda: day,
        "datetime": lambda: day.cast(pl.Datetime("ns"), strict=False),
        "datetime_tz": lambda: day.cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Shanghai"),
        "time": lambda: (small % 86_400 * 10**9).cast(pl.Time, strict=False),
        "duration": lambda: (small % 10**9).cast(pl.Duration("ms")),
        "list": lambda: pl.Series(
            name, [[cell, cell] if cell else None for cell in cells], pl.List(pl.String)
        ),
        "struct": lambda: pl.Series(name, [{"a": cell, "b": "1"} if cell else None for cell in cells]),
        "binary": lambda: text.cast(pl.Binary),
        "bytes_gb": lambda: pl.Series(
            name, [c.encode("gb18030", "replace") if c else None for c in cells], pl.Binary
        ),
        "null": lambda: pl.Series(name, [None] * len(cells), pl.Null),
        "category": lambda: text.cast(pl.Categorical),
    }
    return made[kind]().alias(name)
