"""Planted dirt and its ledger: what was wrong, where exactly, and what it said before.

About `share` of the rows get one defect each. Every kind is one that a careful reader repairs without loss
or must refuse; a defect that would pass for a legal value is not planted. `defects.py` knows how each kind
looks; here rows are chosen and the ledger is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from zhaoren.data_contracts.contract import CodeTable, Column, Contract
from zhaoren.province import defects

LEDGER = {
    "file": pl.String,
    "row_no": pl.Int64,
    "column_name": pl.String,
    "kind": pl.String,
    "original": pl.String,
    "planted": pl.String,
}
REPAIRED = [*defects.ID_REPAIRED, *defects.DATE_REPAIRED, *defects.OTHER_REPAIRED]
REFUSED = [
    *defects.ID_REFUSED,
    "date_zero",
    "date_bad",
    "amount_text",
    "amount_negative",
    "code_unknown",
    "totals_row",
]
DUPLICATE = "row_duplicate"
_DUPLICATE_SHARE = 0.06
_LUCK = "_luck"


@dataclass(frozen=True)
class Planted:
    """Text rows with defects (and duplicates at the end), and the ledger with row_no counted from 0."""

    frame: pl.DataFrame
    ledger: pl.DataFrame


def kinds_of(column: Column) -> list[str]:
    """The defects a column can carry so that they must be noticed: none that reads as a legal value."""
    refuses = column.level == "reject_row"  # elsewhere a bad cell is emptied and its row stays
    if column.name == "id_number":
        return [*defects.ID_REPAIRED, *defects.ID_REFUSED]
    if column.reads_as == "date":
        return [*defects.DATE_REPAIRED, *["date_bad"] * refuses, *["date_zero"] * column.required]
    if column.reads_as == "month":
        return ["date_compact", "date_chinese", "date_bad"] + ["date_zero"] * column.required
    if column.reads_as == "yuan" and column.level == "reject_row":
        signed = column.options.get("minimum", -1) != 0 and column.name != "personal_burden_yuan"
        kinds = ["amount_thousands", "amount_fullwidth"] + ["amount_text"] * column.required
        return kinds if signed else [*kinds, "amount_negative"]
    if column.reads_as == "code":
        return ["code_alias", *["code_unknown"] * refuses]
    return ["name_middle_dot"] if column.name == "name" else []


class Spoiler:
    """Plants one contract's possible defects."""

    def __init__(self, contract: Contract, codes: dict[str, CodeTable]) -> None:
        self.menu = [(kind, column) for column in contract.columns for kind in kinds_of(column)]
        self.offers = [self._offer(kind, c, codes).alias(f"{c.name}|{kind}") for kind, c in self.menu]
        self.carriers = {kind: sum(k == kind for k, _ in self.menu) for kind, _ in self.menu}

    def _offer(self, kind: str, column: Column, codes: dict[str, CodeTable]) -> pl.Expr:
        """The spoilt value per row, null where this defect does not fit or changes nothing."""
        value, luck = pl.col(column.name), pl.col(_LUCK)
        if kind == "code_alias" and column.codes:
            spoilt = defects.alias(value, luck, defects.aliases(codes[column.codes]))
        elif kind == "name_middle_dot":
            spoilt = defects.middle_dot(value, luck)
        else:
            spoilt = (defects.MONTH_KINDS if column.reads_as == "month" else defects.KINDS)[kind](value)
        fits = spoilt != value
        if column.name == "personal_burden_yuan" and kind == "amount_negative":
            fits &= pl.col("settlement_status_code") == "正常"  # a reversal may be negative
        return pl.when(fits).then(spoilt)

    def plant(self, frame: pl.DataFrame, share: float, rng: np.random.Generator) -> Planted:
        """Spoil about `share` of the rows; the ledger's row_no counts from 0 within the returned frame."""
        count = int(rng.binomial(frame.height, share)) if frame.height else 0
        if not count:
            return Planted(frame, pl.DataFrame(schema=LEDGER))
        rows = np.sort(rng.choice(frame.height, count, replace=False))
        twice = rng.random(count) < _DUPLICATE_SHARE
        spoilt = self._choose(frame, rows[~twice], rng)
        whole = pl.concat([_write(frame, spoilt), frame[rows[twice]]])
        copies = pl.DataFrame(
            {"row_no": pl.Series(frame.height + np.arange(int(twice.sum())), dtype=pl.Int64)}
        )
        ledger = pl.concat([spoilt, copies.with_columns(pl.lit(DUPLICATE).alias("kind"))], how="diagonal")
        return Planted(whole, ledger.select(_ledger_columns(ledger)))

    def _choose(self, frame: pl.DataFrame, rows: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
        """One fitting defect per row, every kind that fits being equally likely; where none fits, none."""
        numbered = frame[rows].with_columns(
            pl.Series("row_no", rows, dtype=pl.Int64), pl.Series(_LUCK, rng.random(len(rows)))
        )
        offered = numbered.select("row_no", *self.offers).unpivot(index="row_no", value_name="planted")
        lots = pl.Series("lot", rng.random(offered.height))
        parts = pl.col("variable").str.split_exact("|", 1).struct.rename_fields(["column_name", "kind"])
        drawn = offered.with_columns(lots, parts.alias("parts")).drop_nulls("planted").unnest("parts")
        share = pl.col("kind").replace_strict(
            self.carriers, return_dtype=pl.Int64
        )  # columns sharing one kind's luck
        first = drawn.with_columns((pl.col("lot") ** share).alias("lot")).sort(
            "row_no", "lot", descending=[False, True]
        )
        chosen = first.unique("row_no", keep="first", maintain_order=True)
        said = numbered.select("row_no", pl.all().exclude("row_no", _LUCK)).unpivot(
            index="row_no", variable_name="column_name", value_name="original"
        )
        joined = chosen.join(said, on=["row_no", "column_name"], how="left", maintain_order="left")
        return joined.select("row_no", "column_name", "kind", "original", "planted")


def _ledger_columns(ledger: pl.DataFrame) -> list[pl.Expr]:
    have = set(ledger.columns)
    return [(pl.col(n) if n in have else pl.lit(None)).cast(t).alias(n) for n, t in LEDGER.items()]


def _write(frame: pl.DataFrame, spoilt: pl.DataFrame) -> pl.DataFrame:
    changed = frame
    for name in spoilt["column_name"].unique(maintain_order=True).to_list():
        part = spoilt.filter(pl.col("column_name") == name)
        changed = changed.with_columns(changed[name].scatter(part["row_no"], part["planted"]).alias(name))
    return changed
