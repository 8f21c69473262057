"""What is kept of a delivery while its chunks go by, bounded whatever the delivery holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Protocol

import polars as pl

from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.model import Contract
from data_contracts.delivery_checks.foreign_keys import references
from data_contracts.delivery_checks.staged import finish_stage, stage_columns
from data_contracts.row_checks import violations
from data_contracts.row_checks.checker import (
    FAULT_SCHEMA,
    CheckedChunk,
    check_chunk,
    faults,
    refused_rows,
)
from data_contracts.row_checks.duplicates import DuplicateFinder
from data_contracts.row_checks.heads import HeadFinder

# Refused rows are listed one by one, with their text, up to here: as many as one worksheet can hold. A
# delivery with more is never loaded (Checked.must_be_held); its rows are still counted exactly.
MAX_LISTED_REFUSED = 1_000_000
# The same for faults of rows that are not refused, and for repaired cells: beyond it they are only counted.
MAX_LISTED_NOTES = 2_000_000


class Kept(Protocol):
    """Where good rows are kept, frame by frame, until they are loaded: a list, or what needs less memory."""

    def append(self, rows: pl.DataFrame, /) -> None:
        """Keep one more frame."""

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """The frames in the order they came; it can be asked for again."""
        ...


class Accumulator:
    """The sums, lists and hashes of one delivery; the good rows go to `kept`."""

    def __init__(
        self,
        contract: Contract,
        codes: Mapping[str, CodeTable],
        areas: pl.DataFrame | None,
        known: date | None = None,
        *,
        kept: Kept,
    ) -> None:
        self._contract, self._codes, self._areas, self._known = contract, codes, areas, known
        self._kept, self._read, self._good = kept, 0, 0
        self._duplicates, self._heads = DuplicateFinder(contract), HeadFinder(contract)
        self._listed = dict.fromkeys(("refused", "notes", "repairs"), 0)
        self._met = dict(self._listed)
        self._counts = {rule.id: 0 for rule in contract.rules_in("row")}
        self._parts: dict[str, list[pl.DataFrame]] = {}

    def add(self, text: pl.DataFrame) -> None:
        """Check one chunk and keep what must be kept of it."""
        found = check_chunk(text, self._contract, self._codes, self._areas, self._known)
        refused = refused_rows(found.broken, self._contract, text.height)
        conflict, duplicate = self._duplicates.find(found.frame, ~refused)
        broken = violations.only(found.broken, f"{self._contract.id}.key_conflict", conflict)
        no_record = broken.get(f"{self._contract.id}.not_a_record")
        is_record = ~duplicate if no_record is None else ~duplicate & ~no_record
        # The earlier row of the key stays good: it came first, and a person decides between the two.
        refused = refused | conflict
        self._heads.add(found.frame, is_record, refused)
        for rule_id, rows in broken.items():
            self._counts[rule_id] += int(rows.sum())
        stage = _stage(found.frame, broken, refused, duplicate, self._contract)
        self._keep("stage", stage.with_columns(self._compact(stage)))
        self._keep("duplicates", text.select("row_no").filter(duplicate))
        self._list(found, broken, refused)
        good = found.frame.filter(~(refused | duplicate))
        self._keep("references", references(good, self._contract))
        self._read += text.height
        self._good += good.height
        self._kept.append(good)

    def totals(self) -> dict[str, Any]:
        """The fields of rows.Checked."""
        if not self._parts:
            self.add(pl.DataFrame(schema={"row_no": pl.Int64}))
        self._note_heads()
        tables = {name: pl.concat(parts, how="diagonal") for name, parts in self._parts.items()}
        tables["stage"] = finish_stage(tables["stage"])
        left_out = {f"unlisted_{name}": self._met[name] - self._listed[name] for name in self._met}
        sums = {"rows_read": self._read, "rows_good": self._good, "rows_refused": self._met["refused"]}
        return {**sums, **tables, "counts": self._counts, **left_out}

    def _note_heads(self) -> None:
        """The note that no row can give by itself, when all have been seen: who has no head, or several."""
        rule, rows = self._heads.rule, self._heads.rows()
        if rule is None or rows.is_empty():
            return
        self._counts[rule.id] = len(rows)
        listed = rows.head(self._room("notes", len(rows), MAX_LISTED_NOTES)).to_frame("row_no")
        told = {"rule_id": rule.id, "level": rule.level, "column_name": rule.column, "reason_zh": rule.zh}
        notes = listed.with_columns(pl.lit(value, pl.String).alias(name) for name, value in told.items())
        every = pl.concat([*self._parts["faults"], notes.select(*FAULT_SCHEMA)])
        self._parts["faults"] = [every.sort("row_no", maintain_order=True)]

    def _list(self, found: CheckedChunk, broken: Mapping[str, pl.Series], refused: pl.Series) -> None:
        """The lists people see row by row, each up to its limit."""
        found_faults = faults(found, broken, self._contract)
        rows = found.text["row_no"]
        named = rows.filter(refused)
        listed = named.head(self._room("refused", named.len(), MAX_LISTED_REFUSED))
        of_refused = pl.col("row_no").is_in(named.implode())
        notes = found_faults.filter(~of_refused)
        notes = notes.head(self._room("notes", notes.height, MAX_LISTED_NOTES))
        of_listed = found_faults.filter(pl.col("row_no").is_in(listed.implode()))
        self._keep("faults", pl.concat([of_listed, notes]).sort("row_no", maintain_order=True))
        text = found.text.filter(refused).head(listed.len())
        self._keep("quarantined", text.with_columns(_own_text(n) for n in text.columns if n != "row_no"))
        repairs = found.typed.repairs.select(
            row_no=rows.gather(found.typed.repairs["index"]), column_name="column_name", kind="kind"
        ).sort("row_no", "column_name", "kind")
        self._keep("repairs", repairs.head(self._room("repairs", repairs.height, MAX_LISTED_NOTES)))

    def _compact(self, stage: pl.DataFrame) -> list[pl.Expr]:
        """Codes as numbers of one byte, other texts copied out of their chunk."""
        coded = {c.name: self._codes[c.codes].values for c in self._contract.columns if c.codes}
        texts = [name for name, dtype in stage.schema.items() if dtype == pl.String]
        return [
            pl.col(name).cast(pl.Enum(list(dict.fromkeys(code.code for code in coded[name]))))
            if name in coded
            else _own_text(name)
            for name in texts
        ]

    def _room(self, name: str, wanted: int, most: int) -> int:
        """How many more may be listed; all that are wanted are counted either way."""
        room = min(wanted, most - self._listed[name])
        self._met[name] += wanted
        self._listed[name] += room
        return room

    def _keep(self, name: str, part: pl.DataFrame) -> None:
        self._parts.setdefault(name, []).append(part)


def _own_text(name: str) -> pl.Expr:
    """The text copied: a view into the chunk's text would keep all of it in memory."""
    return pl.concat_str(pl.col(name), pl.lit("")).alias(name)


def _stage(
    frame: pl.DataFrame,
    broken: Mapping[str, pl.Series],
    refused: pl.Series,
    duplicate: pl.Series,
    contract: Contract,
) -> pl.DataFrame:
    """What the suite sees: no identifiers, only whether they are there; no totals or footers."""
    flags = [refused.alias("is_faulty"), duplicate.alias("is_duplicate")]
    stage = frame.select("row_no", *flags, *stage_columns(contract))
    no_record = broken.get(f"{contract.id}.not_a_record")
    return stage if no_record is None else stage.filter(~no_record)
