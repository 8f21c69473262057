"""What must hold of any delivery, however spoilt: read row by row, or refused whole with a reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polars as pl

from data_contracts.contract.code_tables import CodeTable, load_codes
from data_contracts.contract.model import Contract
from data_contracts.loading.contracts import load_contracts
from data_contracts.row_checks.rows import CheckedDelivery, check_delivery, check_rows
from divisions import area_codes
from exchange.deliveries.reading import open_delivery
from tests.generative.mutants.making import Mutant
from tests.generative.mutants.sheet import Row, Sheet
from zhaoren.errors import ZhaorenError

IDENTIFIER = re.compile(r"(?<![0-9])[0-9]{14}[0-9]?[0-9]{2}[0-9Xx](?![0-9])|(?<![0-9])[0-9]{15}(?![0-9])")
HAN = re.compile(r"[\u4e00-\u9fff·]{2,}")
SPACE = re.compile(r"[\s\u200b-\u200f\ufeff\"']")


@dataclass(frozen=True)
class Outcome:
    """How one mutant ended: refused whole (why), or read with so many rows."""

    refused: str | None
    rows_read: int = 0
    good: Sequence[int] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Baseline:
    """What becomes of the unspoilt sheet's rows: origins of the good ones, and the names in it."""

    good: frozenset[int]
    names: frozenset[str] = field(default_factory=frozenset)


class Fault(AssertionError):
    """A mutant that was treated wrongly; says recipe and seed."""

    def __init__(self, mutant: Mutant, what: str) -> None:
        super().__init__(f"{what}\n  mutant: {mutant}")


def judge(mutant: Mutant, path: Path, baseline: Baseline) -> Outcome:
    """Write the mutant to `path`, read and check it. Raises Fault where a law is broken."""
    path.write_bytes(mutant.content)
    try:
        opened = open_delivery(path, mutant.contract, contracts())
        checked = check_delivery(opened.chunks(), mutant.contract, codes(), areas())
        frame = pl.concat(list(opened.chunks()), how="diagonal")
        good = pl.concat(list(checked.good_chunks()), how="diagonal")
    except ZhaorenError as error:
        _plain_words(mutant, error, baseline)
        return Outcome(str(error))
    except BaseException as error:  # a panic of a library is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        raise Fault(mutant, f"{type(error).__module__}.{type(error).__name__}: {str(error)[:300]}") from error
    _conserved(mutant, frame, good["row_no"], checked)
    if mutant.rows is not None:
        _all_there(mutant, frame)
        _clean_ones_pass(mutant, mutant.rows, checked, baseline)
    return Outcome(None, checked.rows_read, good["row_no"].to_list(), checked.counts)


def baseline(sheet: Sheet) -> Baseline:
    """Check the sheet as it is, from its own cells."""
    columns = {name: at for at, name in enumerate(sheet.header)}
    frame = pl.DataFrame(
        {
            c.name: [_cell(row, columns.get(c.header)) for row in sheet.rows]
            for c in sheet.contract.columns
        },
        schema={c.name: pl.String for c in sheet.contract.columns},
    ).with_row_index("row_no").cast({"row_no": pl.Int64})  # fmt: skip
    checked = check_rows(frame, sheet.contract, codes(), areas())
    named = [c.name for c in sheet.contract.columns if c.reads_as == "name"]
    names = {name for column in named for name in frame[column] if name and HAN.fullmatch(name)}
    return Baseline(frozenset(checked.good["row_no"]), frozenset(names))


def _cell(row: Row, at: int | None) -> str | None:
    return (str(row.cells[at]) or None) if at is not None and at < len(row.cells) else None


def _plain_words(mutant: Mutant, error: ZhaorenError, known: Baseline) -> None:
    if not (error.what and error.why and error.todo):
        raise Fault(mutant, f"a refusal without what, why or what to do: {error!s}")
    said = str(error)
    if found := IDENTIFIER.search(said):
        raise Fault(mutant, f"a refusal tells a number of {len(found[0])} characters: {said}")
    if found_name := next((name for name in sorted(known.names) if name in said), None):
        raise Fault(mutant, f"a refusal tells a name ({found_name}): {said}")
    if "\x00" in said or len(said) > 3000:
        raise Fault(mutant, f"a refusal nobody can read: {said[:500]}")


def _conserved(mutant: Mutant, frame: pl.DataFrame, good: pl.Series, checked: CheckedDelivery) -> None:
    parts = (good, checked.quarantined["row_no"], checked.duplicates["row_no"])
    heights = [part.len() for part in parts]
    if not checked.rows_read == frame.height == sum(heights) or checked.rows_good != heights[0]:
        raise Fault(mutant, f"{checked.rows_read} rows read, but {heights} come out")
    numbers = frame["row_no"].to_list()
    if sorted(set(numbers)) != numbers:
        raise Fault(mutant, "row numbers do not increase")
    if sorted(pl.concat(parts).to_list()) != numbers:
        raise Fault(mutant, "other rows come out than went in")
    if set(checked.quarantined["row_no"]) - set(checked.faults["row_no"]):
        raise Fault(mutant, "a row is quarantined without a reason")
    if any(IDENTIFIER.search(text) for text in checked.faults["reason_zh"].unique()):
        raise Fault(mutant, "a reason tells a number")


def _all_there(mutant: Mutant, frame: pl.DataFrame) -> None:
    """As many rows as truly stand in the file, under their own numbers, with their own cells."""
    assert mutant.rows is not None
    numbers = set(frame["row_no"])
    sure = mutant.sure_rows
    if lost := sorted(sure - numbers):
        raise Fault(mutant, f"{len(lost)} of {len(sure)} rows are lost, first row {lost[0]}")
    if made_up := sorted(numbers - set(mutant.rows)):
        raise Fault(mutant, f"{len(made_up)} rows are made up, first row {made_up[0]}")
    header = {column.name: column.header for column in mutant.contract.columns}
    for line in frame.iter_rows(named=True):
        row = mutant.rows[line.pop("row_no")]
        if row.touched or row.origin is None:
            continue
        for name, text in line.items():
            cell = row.cells[mutant.header.index(header[name])] if name in header else ""
            if SPACE.sub("", text or "") != SPACE.sub("", str(cell)):
                raise Fault(mutant, f"row {row.origin} of the base: {name} is not what stands in the file")


def _clean_ones_pass(
    mutant: Mutant, rows: Mapping[int, Row], checked: CheckedDelivery, known: Baseline
) -> None:
    """Rows that were good and that nobody touched are not refused for their neighbours' faults."""
    conflicts = checked.faults.filter(pl.col("rule_id").str.ends_with(".key_conflict"))["row_no"]
    for at in set(checked.quarantined["row_no"]) - set(conflicts):
        row = rows[at]
        if not row.touched and row.origin in known.good:
            why = checked.faults.filter(row_no=at)["rule_id"].to_list()
            raise Fault(mutant, f"an untouched good row (row {at}) is refused: {why}")


@cache
def contracts() -> dict[str, Contract]:
    return load_contracts()


@cache
def codes() -> dict[str, CodeTable]:
    return load_codes()


@cache
def areas() -> pl.DataFrame:
    return area_codes().select("code", "start_year", "end_year")
