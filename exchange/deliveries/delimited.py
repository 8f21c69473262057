"""Delimited text: the first records read with care, the rest at full speed, a bounded piece at a time."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import polars as pl

from exchange import limits
from exchange.deliveries.decoding import Text
from exchange.deliveries.headers import SEARCHED_ROWS
from exchange.deliveries.packed import unreadable
from exchange.deliveries.quoting import mend_quotes, record_end, rows_apart

SEPARATORS = ",;\t|，"
# A separator must be one byte to the reader; this one cannot stand in a text.
_STAND_IN = "\x1f"
OVERFLOW_CELLS = 3
# Wider tables are read only where the contract's columns are.
MOST_COLUMNS_READ = 200
Head = tuple[tuple[str | None, ...], ...]


def split_head(
    data: bytes, find: Callable[[Sequence[Sequence[str | None]]], int | None]
) -> tuple[Head, list[int], str]:
    """The first records, the byte each begins at, and the separator by which `find` finds the header."""
    text = data.decode("utf-8", "ignore")
    tries = [(*_records(text, separator), separator) for separator in SEPARATORS]
    found = [(place, at) for at, (head, _, _) in enumerate(tries) if (place := find(head)) is not None]
    if found:  # the highest header: another separator may only see one that stands again further down
        return tries[min(found)[1]]
    return max(tries, key=lambda t: _evenness(t[0]))


def _evenness(head: Head) -> int:
    """How many of the first records have the same number of cells, if more than one."""
    widths = Counter(len(row) for row in head if len(row) > 1)
    return max(widths.values(), default=0)


def _records(text: str, separator: str) -> tuple[Head, list[int]]:
    """Records as a spreadsheet counts them: a blank line is one, a quoted line break is none."""
    lines = io.StringIO(text, newline="")
    head, offsets, at = [], [], 0
    taken: list[str] = []

    def kept() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    reader = csv.reader(kept(), delimiter=separator)
    try:
        for record in itertools.islice(reader, SEARCHED_ROWS):
            head.append(tuple(record[: limits.MOST_COLUMNS]))
            offsets.append(at)
            at += sum(len(line.encode("utf-8")) for line in taken)
            taken.clear()
    except csv.Error:
        pass  # what follows is for the full reader to judge
    return tuple(head), offsets


def read_delimited(
    text: Text, offset: int, *, first_row: int, columns: int, separator: str, places: Sequence[int]
) -> Iterator[tuple[pl.DataFrame, dict[str, int]]]:
    """The records from byte `offset` on, whose first is `first_row`: frames of bounded size, in order.

    Each with row_no and String columns column_<place> for the header's `columns` places and a few beyond
    (only `places` and those beyond, in a very wide table), and what was met, by the code of its note.
    Text further right than that comes in the first column beyond. Empty cells are null. ZhaorenError where
    cells cannot be told apart.
    """
    width = columns + OVERFLOW_CELLS
    wanted = [*places, *range(columns, width)] if width > MOST_COLUMNS_READ else list(range(width))
    row = first_row
    for chunk in _chunks(text, offset, separator, columns):
        try:
            chunk, parted = rows_apart(chunk, separator.encode(), columns)
            frame, stray = parse_delimited(chunk, width, separator, columns, wanted)
        except ValueError as error:
            raise unreadable("rows_unread", text.source.name, f"from about row {row} on {error}") from error
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            name = type(error).__name__
            raise unreadable(
                "not_readable",
                text.source.name,
                f"its cells cannot be told apart from about row {row} on ({name})",
            ) from error
        yield (
            frame.with_columns(row_no=pl.int_range(row, row + frame.height, dtype=pl.Int64)),
            {
                "quotes_stray": stray,
                "line_ends_mixed": parted,
            },
        )
        row += frame.height


def _chunks(text: Text, offset: int, separator: str, columns: int) -> Iterator[bytes]:
    """The text from `offset` on, cut at record ends."""
    held, skip = bytearray(), offset
    for piece in text.pieces():
        if skip >= len(piece):
            skip -= len(piece)
            continue
        held += memoryview(piece)[skip:]
        skip = 0
        if len(held) > limits.CHUNK_BYTES:
            end = record_end(held, separator.encode(), columns)
            if not end:
                why = f"a line of more than {limits.CHUNK_BYTES // limits.MIB} MiB"
                raise unreadable("not_readable", text.source.name, why)
            yield bytes(memoryview(held)[:end])
            del held[:end]
    if held:
        yield bytes(held)


def parse_delimited(
    data: bytes, width: int, separator: str, columns: int | None = None, wanted: Sequence[int] | None = None
) -> tuple[pl.DataFrame, int]:
    """All records as String columns column_0…; shorter ones filled with nulls. Empty cells are null.

    Stray quotation marks are kept as text (their lines are counted). pl.exceptions.PolarsError when the
    records cannot be told apart all the same.
    """
    if not separator.isascii():
        data = data.replace(separator.encode(), _STAND_IN.encode())
    single = separator if separator.isascii() else _STAND_IN
    data, stray = mend_quotes(data, single.encode(), columns or width)
    try:
        frame = _parse(data, width, single, wanted or range(width))
    except pl.exceptions.ComputeError:  # a record is longer than that
        data = _near(data, single.encode(), columns or width, width)
        frame = _parse(data, width, single, wanted or range(width), is_cut=True)
    if b'"' not in data and frame.height != _lines(data):
        raise pl.exceptions.ComputeError(f"{_lines(data)} lines gave {frame.height} rows")
    frame = frame if single == separator else frame.with_columns(pl.all().str.replace_all(single, separator))
    return frame, stray


def _lines(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n"))


def _near(data: bytes, separator: bytes, columns: int, width: int) -> bytes:
    """The records with what stands far right of the header moved into the first place beyond it.

    The parser would cut it off; there it is told, as any cell beyond the header is.
    """
    if b'"' not in data:
        data = re.sub(re.escape(separator) + rb"{2,}(?=\r?\n|\Z)", separator, data)
    lines = data.split(b"\n")
    for at, line in enumerate(lines):
        if line.count(separator) >= width and not line.count(b'"') % 2:
            cells = next(csv.reader([line.decode().rstrip("\r")], delimiter=separator.decode()))
            far = next((cell for cell in cells[columns:] if cell.strip()), "")
            out = io.StringIO()
            csv.writer(out, delimiter=separator.decode(), lineterminator="").writerow([*cells[:columns], far])
            lines[at] = out.getvalue().encode()
    return b"\n".join(lines)


def _parse(
    data: bytes, width: int, separator: str, wanted: Sequence[int], *, is_cut: bool = False
) -> pl.DataFrame:
    # The reader takes the width from the first line, whatever the schema says: so it is given one.
    first = separator.join(["x"] * width).encode() + b"\n"
    frame = pl.read_csv(
        io.BytesIO(first + data),
        has_header=False,
        separator=separator,
        quote_char='"' if b'"' in data else None,
        schema={f"column_{place}": pl.String for place in range(width)},
        columns=None if len(wanted) == width else list(wanted),
        missing_columns="insert",
        truncate_ragged_lines=is_cut,
        infer_schema=False,
    )
    return frame.slice(1)
