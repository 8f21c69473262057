"""One person's rows cut out of a department's file; all others are read as before, with their row numbers.

A file of text keeps its bytes but for emptied lines. Any other is written as a table of text in its place: it
is read by its content, so it may keep its name. What was cut is read back and compared before it is used.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from data_contracts.contract.model import Contract
from zhaoren.errors import ZhaorenError

_EXTRA = "_extra"  # text further right than the header, where a row has any

LINES, TABLE, PARQUET = "lines", "table", "parquet"


class Opened(Protocol):
    """What is asked of an opened delivery (exchange/deliveries/reading.py: OpenDelivery)."""

    @property
    def format(self) -> str: ...
    @property
    def header_row(self) -> int: ...
    @property
    def is_packed(self) -> bool: ...
    @property
    def title_rows(self) -> tuple[tuple[str | None, ...], ...]: ...
    @property
    def own_headers(self) -> dict[str, str]: ...
    def chunks(self) -> Iterator[pl.DataFrame]:
        """The data rows in frames: row_no, and text by the contract's columns."""
        ...


Opener = Callable[[Path, Contract], Opened]


@dataclass(frozen=True)
class Cut:
    """rows: numbers of the rows cut. cell_cnt: cells emptied in other people's rows. how: lines (emptied in
    the file as it was), table or parquet (written anew); empty where the file has nothing of the person."""

    rows: tuple[int, ...]
    cell_cnt: int
    how: str = ""


@dataclass(frozen=True)
class Marks:
    """What a person is known by in one file: the numbers of rows that are theirs, and their ID numbers.

    of_others: which of these rows are somebody else's though they bear the number, as a child's with a
    parent's; there the number goes, and the row stays.
    """

    rows: frozenset[int]
    numbers: tuple[str, ...]
    of_others: Callable[[list[int]], set[int]] = lambda rows: set()

    def bears(self, column: str) -> pl.Expr:
        """Whether a cell bears one of the numbers, however it is spaced."""
        text = pl.col(column).str.replace_all(r"[\s\-'’]", "").str.to_uppercase()
        found = [text.str.contains(number, literal=True) for number in self.numbers]
        return pl.any_horizontal(found).fill_null(False) if found else pl.lit(False)


def cut_person(path: Path, contract: Contract, marks: Marks, target: Path, opener: Opener) -> Cut:
    """Write the file without the person to `target`; nothing is written where it has nothing of them.

    opener: opens a file by its contract.

    Raises ZhaorenError when the file cannot be read, or not be cut so that all others are read alike.
    """
    opened = opener(path, contract)
    theirs, cells = _found(opened, contract, marks)
    if not theirs and not cells:
        return Cut((), 0)
    wanted = _digest(_others(opened, theirs, marks))
    for how, write in _WRITERS.items():
        target.unlink(missing_ok=True)
        if write(path, opened, theirs, marks, target) and _reads_as(target, contract, wanted, opener):
            return Cut(tuple(sorted(theirs)), cells, how)
    target.unlink(missing_ok=True)
    raise ZhaorenError(
        "A person's rows cannot be cut out of a file.",
        "",
        "Whatever form it is written in, other people's rows would be read otherwise.",
        "The file as a whole has to go.",
        code="not_cut",
    )


def _found(opened: Opened, contract: Contract, marks: Marks) -> tuple[frozenset[int], int]:
    """Numbers of the person's rows, those that repeat them included; and their numbers in other rows."""
    own = next((c.name for c in contract.columns if c.reads_as == "cn_id"), None)
    rows, same, cells = set(marks.rows), set[int](), 0
    for frame in opened.chunks():
        is_theirs = pl.col("row_no").is_in(sorted(marks.rows))
        if own in frame.columns:
            is_theirs |= marks.bears(str(own))
        found = frame.filter(is_theirs)
        bearing = [row for row in found["row_no"].to_list() if row not in marks.rows]
        found = found.filter(~pl.col("row_no").is_in(sorted(marks.of_others(bearing))))
        rows |= set(found["row_no"].to_list())
        same |= set(_hashes(found, but_number=True))
    for frame in opened.chunks():
        repeats = pl.Series(_hashes(frame, but_number=True), dtype=pl.UInt64).is_in(sorted(same))
        rows |= set(frame.filter(repeats)["row_no"].to_list())
        others = frame.filter(~pl.col("row_no").is_in(sorted(rows)))
        texts = [name for name in frame.columns if name != "row_no"]
        cells += int(others.select(pl.sum_horizontal(marks.bears(n).sum() for n in texts)).item() or 0)
    return frozenset(rows), cells


def _others(opened: Opened, theirs: frozenset[int], marks: Marks) -> Iterator[pl.DataFrame]:
    """Everybody else's rows, the person's numbers emptied in them."""
    for frame in opened.chunks():
        texts = [name for name in frame.columns if name != "row_no"]
        kept = frame.filter(~pl.col("row_no").is_in(sorted(theirs)))
        yield kept.with_columns(pl.when(~marks.bears(n)).then(pl.col(n)).alias(n) for n in texts)


def _hashes(frame: pl.DataFrame, *, but_number: bool = False) -> list[int]:
    """One number per row that tells its text; a cell that is empty and one that is not there are the same."""
    left_out = ["row_no"] if but_number else []
    columns = sorted(name for name in frame.columns if name not in left_out)
    shown = frame.select(pl.col(n).cast(pl.String).fill_null("") for n in columns)
    if _EXTRA not in columns:
        shown = shown.with_columns(pl.lit("").alias(_EXTRA)).select(sorted([*columns, _EXTRA]))
    return shown.hash_rows(seed=0).to_list()


def _digest(frames: Iterator[pl.DataFrame]) -> str:
    digest = hashlib.sha256()
    for frame in frames:
        digest.update(pl.Series(_hashes(frame), dtype=pl.UInt64).to_numpy().tobytes())
    return digest.hexdigest()


def _reads_as(path: Path, contract: Contract, wanted: str, opener: Opener) -> bool:
    try:
        return _digest(opener(path, contract).chunks()) == wanted
    except ZhaorenError:
        return False


def _lines(path: Path, opened: Opened, theirs: frozenset[int], marks: Marks, target: Path) -> bool:
    """The file's own bytes with the person's lines emptied."""
    if opened.is_packed or opened.format not in ("csv", "fixed_width"):
        return False
    written = [text.encode() for number in marks.numbers for text in (number, number.lower())]
    with path.open("rb") as file, target.open("wb") as out:
        for row_no, line in enumerate(file, 1):
            if row_no in theirs:
                line = line[len(line.rstrip(b"\r\n")) :]
            for number in written:
                line = line.replace(number, b"")
            out.write(line)
    return True


def _table(path: Path, opened: Opened, theirs: frozenset[int], marks: Marks, target: Path) -> bool:
    """Comma-separated text in which every row keeps its number."""
    names = list(opened.own_headers)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer, at = csv.writer(file, lineterminator="\n"), 1
        for title in opened.title_rows:
            writer.writerow("" if any(n in (cell or "") for n in marks.numbers) else cell for cell in title)
            at += 1
        writer.writerow(opened.own_headers.values())
        at += 1
        for frame in _others(opened, theirs, marks):
            wanted = ["row_no", *names, *([_EXTRA] if _EXTRA in frame.columns else [])]
            for row_no, *values in frame.select(wanted).iter_rows():
                file.write("\n" * (row_no - at))
                writer.writerow("" if value is None else value for value in values)
                at = row_no + 1
    return True


def _parquet(path: Path, opened: Opened, theirs: frozenset[int], marks: Marks, target: Path) -> bool:
    """Parquet of text, with empty rows where nothing is: its header counts as row 1."""
    if opened.header_row != 1 or len(set(opened.own_headers.values())) < len(opened.own_headers):
        return False
    rows = pl.concat(list(_others(opened, theirs, marks)), how="diagonal")
    if _EXTRA in rows.columns or rows.is_empty():
        return False
    every = pl.DataFrame(
        {"row_no": range(2, int(str(rows["row_no"].max())) + 1)}, schema={"row_no": pl.Int64}
    )
    whole = every.join(rows, on="row_no", how="left", maintain_order="left")
    whole.select(pl.col(name).alias(header) for name, header in opened.own_headers.items()).write_parquet(
        target
    )
    return True


Writer = Callable[[Path, Opened, frozenset[int], Marks, Path], bool]
_WRITERS: dict[str, Writer] = {LINES: _lines, TABLE: _table, PARQUET: _parquet}
