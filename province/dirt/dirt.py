"""Planted dirt and its ledger: what was wrong, where exactly, and what it said before.

About `share` of the rows get one defect each. Every kind is one that a careful reader repairs without loss
or must refuse; a defect that would pass for a legal value is not planted. `defects.py` knows how each kind
looks; here rows are chosen and the ledger is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.model import Column, Contract
from province.dirt import defects

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
    defects.ID_OF_OTHER,
    "totals_row",
]
DUPLICATE = "row_duplicate"
_DUPLICATE_SHARE = 0.06
_LUCK = "_luck"


@dataclass(frozen=True)
class Planted:
    """Text rows with defects (and duplicates at the end), the ledger, and whom each row speaks of.

    The ledger's row_no counts from 0; `rows` has one row per row of the frame: id_number (the true one), kind
    (identity faults, null where there is none) and has_usable_id.
    """

    frame: pl.DataFrame
    ledger: pl.DataFrame
    rows: pl.DataFrame


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
        elif kind in defects.DRAWN_KINDS:
            spoilt = defects.DRAWN_KINDS[kind](value, luck)
        else:
            spoilt = (defects.MONTH_KINDS if column.reads_as == "month" else defects.KINDS)[kind](value)
        fits = spoilt != value
        if column.name == "personal_burden_yuan" and kind == "amount_negative":
            fits &= pl.col("settlement_status_code") == "正常"  # a reversal may be negative
        return pl.when(fits).then(spoilt)

    def plant(self, frame: pl.DataFrame, of: pl.DataFrame, share: float, rng: np.random.Generator) -> Planted:
        """Spoil about `share` of the rows that are not spared already; `of` is `Mistaken.rows`."""
        free = np.flatnonzero(~of["spared"].to_numpy())
        count = int(rng.binomial(len(free), share)) if len(free) else 0
        rows = np.sort(rng.choice(free, count, replace=False)) if count else free[:0]
        twice = rows[rng.random(count) < _DUPLICATE_SHARE]
        spoilt = pl.concat([self._choose(frame, np.setdiff1d(rows, twice), rng), _forced(frame, of)])
        whole = pl.concat([_write(frame, spoilt), frame[twice]])
        copies = pl.DataFrame({"row_no": pl.Series(frame.height + np.arange(len(twice)), dtype=pl.Int64)})
        copies = copies.with_columns(pl.lit(DUPLICATE).alias("kind"))
        ledger = pl.concat([spoilt, copies, _noticed(frame, of)], how="diagonal")
        who = _identities(of, spoilt)
        return Planted(whole, ledger.select(_ledger_columns(ledger)), pl.concat([who, who[twice]]))

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
        originals = numbered.select("row_no", pl.all().exclude("row_no", _LUCK)).unpivot(
            index="row_no", variable_name="column_name", value_name="original"
        )
        joined = chosen.join(originals, on=["row_no", "column_name"], how="left", maintain_order="left")
        return joined.select("row_no", "column_name", "kind", "original", "planted")


def _forced(frame: pl.DataFrame, of: pl.DataFrame) -> pl.DataFrame:
    """Unusable numbers that were decided already; where a kind does not fit, the number is left out."""
    at = of["forced"].is_not_null().arg_true()
    rows = pl.DataFrame({"row_no": at, "original": frame["id_number"][at], "kind": of["forced"][at]})
    rows = rows.with_columns(of["luck"][at].alias(_LUCK))
    value, luck = pl.col("original"), pl.col(_LUCK)
    planted = pl.lit("")
    for kind in ("id_digit", "id_transposed"):
        made = defects.DRAWN_KINDS[kind](value, luck)
        planted = pl.when(pl.col("kind") == kind).then(made).otherwise(planted)
    return rows.select(
        pl.col("row_no").cast(pl.Int64), pl.lit("id_number").alias("column_name"), "kind", "original",
        planted.alias("planted"),
    )  # fmt: skip


def _noticed(frame: pl.DataFrame, of: pl.DataFrame) -> pl.DataFrame:
    """Somebody else's numbers that repeat an earlier row's key."""
    at = of["noticed"].arg_true()
    rows = pl.DataFrame({"row_no": at, "original": of["id_number"][at], "planted": frame["id_number"][at]})
    return rows.select(
        pl.col("row_no").cast(pl.Int64), pl.lit("id_number").alias("column_name"),
        pl.lit(defects.ID_OF_OTHER).alias("kind"), "original", "planted",
    )  # fmt: skip


def _identities(of: pl.DataFrame, spoilt: pl.DataFrame) -> pl.DataFrame:
    """Whom each row speaks of, what is wrong with its identity, and whether its number can be used."""
    refused = spoilt.filter(pl.col("kind").is_in(defects.ID_REFUSED)).select("row_no", _spoilt="kind")
    rows = of.select("id_number", "kind").with_row_index("row_no").cast({"row_no": pl.Int64})
    rows = rows.join(refused, on="row_no", how="left", maintain_order="left")
    kind = pl.coalesce("kind", "_spoilt")
    return rows.select(
        "id_number", kind.alias("kind"), has_usable_id=~kind.str.contains("id_").fill_null(False)
    )


def _ledger_columns(ledger: pl.DataFrame) -> list[pl.Expr]:
    have = set(ledger.columns)
    return [(pl.col(n) if n in have else pl.lit(None)).cast(t).alias(n) for n, t in LEDGER.items()]


def _write(frame: pl.DataFrame, spoilt: pl.DataFrame) -> pl.DataFrame:
    changed = frame
    for name in spoilt["column_name"].unique(maintain_order=True).to_list():
        part = spoilt.filter(pl.col("column_name") == name)
        changed = changed.with_columns(changed[name].scatter(part["row_no"], part["planted"]).alias(name))
    return changed
