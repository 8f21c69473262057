"""Rows of text against a contract: good, quarantined or duplicate, and why; chunk by chunk.

rows_read = good + quarantined + duplicates, exactly. Nothing here knows a department's file: row numbers
come with the text, and go back to the department with the reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.model import Contract
from data_contracts.row_checks.accumulator import Accumulator, Kept


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What became of one delivery's rows.

    faults: one row per row and broken rule (row_no, rule_id, level, column_name, reason_zh), notes included.
    quarantined: the refused rows' original text with row_no. duplicates: row_no of exact repeats.
    repairs: one row per repaired cell and kind (row_no, column_name, kind).
    counts: failing rows per row rule, zeros included. stage: what the delivery's suite looks at, one row
    per record read (row_no, is_faulty, is_duplicate, has_<column> for every column, no identifiers).
    references: what the good rows refer to in other extracts (foreign_keys.references).
    known: the day the delivery came, where dates were held against it.
    unlisted_*: what accumulator.MAX_LISTED_REFUSED and MAX_LISTED_NOTES left out of quarantined and faults,
    of faults, and of repairs. All numbers and counts are exact whatever is listed.
    """

    rows_read: int
    rows_good: int
    rows_refused: int
    faults: pl.DataFrame
    quarantined: pl.DataFrame
    duplicates: pl.DataFrame
    repairs: pl.DataFrame
    counts: dict[str, int]
    stage: pl.DataFrame
    references: pl.DataFrame
    known: date | None = None
    unlisted_refused: int = 0
    unlisted_notes: int = 0
    unlisted_repairs: int = 0

    @property
    def must_be_held(self) -> bool:
        """More rows are refused than can be listed one by one: never to be loaded, whatever its share."""
        return self.unlisted_refused > 0


@dataclass(frozen=True, kw_only=True)
class CheckedRows(Checked):
    """One frame checked. good: typed, one row per row to load (row_no and the contract's columns)."""

    good: pl.DataFrame


@dataclass(frozen=True, kw_only=True)
class CheckedDelivery(Checked):
    """A delivery checked chunk by chunk; its good rows come from `good_chunks()`."""

    _kept: Kept = field(repr=False)

    def good_chunks(self) -> Iterator[pl.DataFrame]:
        """Typed rows to load (row_no and the contract's columns; identifiers in normal form)."""
        return iter(self._kept)


def check_delivery(
    chunks: Iterable[pl.DataFrame],
    contract: Contract,
    codes: Mapping[str, CodeTable],
    areas: pl.DataFrame | None = None,
    known: date | None = None,
    *,
    kept: Kept | None = None,
) -> CheckedDelivery:
    """Type, repair and check every row of a delivery that comes in chunks, in the file's order.

    `chunks`: frames of String columns named as the contract's, and row_no; each is looked at once.
    `areas` (code, start_year, end_year) switches on the note about area codes no longer in force; `known`,
    the day the delivery came, the rules that nothing in it happened later.
    `kept` takes the good rows until they are loaded (default: a list). Of a chunk that is done, only hashes
    of its keys and rows, its faults, its refused rows' text and its part of the stage stay in memory.
    """
    kept = [] if kept is None else kept
    accumulator = Accumulator(contract, codes, areas, known, kept=kept)
    for text in chunks:
        accumulator.add(text)
    return CheckedDelivery(**accumulator.totals(), known=known, _kept=kept)


def without_notes(checked: CheckedDelivery, contract: Contract, kind: str) -> CheckedDelivery:
    """What was found, without what rules of the kind noted."""
    rules = [rule.id for rule in contract.rules_in("row") if rule.kind == kind]
    left = checked.faults.filter(~pl.col("rule_id").is_in(rules))
    return replace(checked, faults=left, counts=checked.counts | dict.fromkeys(rules, 0))


def check_rows(
    text: pl.DataFrame,
    contract: Contract,
    codes: Mapping[str, CodeTable],
    areas: pl.DataFrame | None = None,
    known: date | None = None,
) -> CheckedRows:
    """check_delivery for rows that are all in one frame."""
    good: list[pl.DataFrame] = []
    accumulator = Accumulator(contract, codes, areas, known, kept=good)
    accumulator.add(text)
    return CheckedRows(**accumulator.totals(), known=known, good=good[0])
