"""Planted dirt and its ledger: what was wrong, where exactly, and what it said before.

About `share` of the rows get one defect each. Every kind is one that a careful reader repairs without loss
or must refuse; a defect that would pass for a legal value is not planted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from zhaoren.data_contracts.contract import CodeTable, Column, Contract
from zhaoren.province.numbers import check_digits

LEDGER = {"file": pl.String, "row_no": pl.Int64, "column_name": pl.String, "kind": pl.String,
          "original": pl.String, "planted": pl.String}
_WIDE = str.maketrans("0123456789X.", "０１２３４５６７８９Ｘ．")
_DOTS = ["•", "‧", "・"]
REPAIRED = ["id_fullwidth", "id_lower_x", "id_space", "id_apostrophe", "id_zero_width", "id_15_digit", "date_dotted",
            "date_compact", "date_chinese", "date_serial", "date_with_time", "amount_thousands", "amount_fullwidth",
            "code_alias", "name_middle_dot"]
REFUSED = ["id_checksum", "id_scientific", "id_float", "id_missing", "date_zero", "date_bad", "amount_text",
           "amount_negative", "code_unknown", "totals_row"]


@dataclass(frozen=True)
class Planted:
    """Text rows with defects (and duplicates at the end), and the ledger with row_no counted from 0."""

    frame: pl.DataFrame
    ledger: pl.DataFrame


def _passes(number: str) -> bool:
    digits = np.frombuffer(number.encode(), dtype=np.uint8)[None, :17]
    return chr(check_digits(digits)[0]) == number[17]


def _id(kind: str, value: str) -> str | None:
    if kind == "id_fullwidth":
        return value.translate(_WIDE)
    if kind == "id_lower_x":
        return value[:-1] + "x" if value.endswith("X") else None
    if kind == "id_space":
        return f"{value[:6]} {value[6:14]} {value[14:]}"
    if kind == "id_apostrophe":
        return "'" + value
    if kind == "id_zero_width":
        return value[:6] + "\u200b" + value[6:]
    if kind == "id_15_digit":
        return value[:6] + value[8:17] if value[6:8] == "19" else None
    if kind == "id_checksum":
        return value[:17] + str((int(value[16]) + 3) % 10 if value[17] == "X" else (int(value[17]) + 4) % 10)
    if kind == "id_scientific":
        return f"{int(value[:17] + '0'):.5E}".replace("E+", "E+")
    if kind == "id_float":
        damaged = str(int(float(value))) if value[17] != "X" else value
        return damaged if damaged != value and not _passes(damaged) else None
    return ""  # id_missing


def _date(kind: str, value: str, is_month: bool) -> str | None:
    year, month, *rest = value.split("-")
    if is_month:
        return {"date_compact": year + month, "date_chinese": f"{year}年{int(month)}月", "date_zero": "0000-00",
                "date_bad": f"{year}-13"}.get(kind)
    day = rest[0]
    if kind == "date_serial":
        number = (np.datetime64(value) - np.datetime64("1899-12-30")).astype(int)
        return str(number) if number > 10_000 else None
    return {"date_dotted": f"{year}.{int(month)}.{int(day)}", "date_compact": year + month + day,
            "date_chinese": f"{year}年{int(month)}月{int(day)}日", "date_with_time": f"{value} 00:00:00.0",
            "date_zero": "0000-00-00", "date_bad": f"{year}-02-30"}.get(kind)


def _amount(kind: str, value: str) -> str | None:
    number = float(value)
    if kind == "amount_thousands":
        whole, _, rest = value.partition(".")
        return f"{int(whole):,}.{rest}" if number >= 1000 else None
    if kind == "amount_fullwidth":
        return value.translate(_WIDE) if number >= 0 else None
    if kind == "amount_negative":
        return "-" + value if number > 0 else None
    return "无"  # amount_text


class Spoiler:
    """Plants one contract's possible defects."""

    def __init__(self, contract: Contract, codes: dict[str, CodeTable]) -> None:
        self.contract = contract
        self.aliases = {c.name: self._aliases(codes[c.codes]) for c in contract.columns if c.codes}
        self.menu = [(kind, c) for c in contract.columns for kind in self._kinds(c)]

    def _aliases(self, table: CodeTable) -> dict[str, list[str]]:
        return {v.zh: list(v.aliases) for v in table.values if v.aliases}

    def _kinds(self, column: Column) -> list[str]:
        """Defects a column can carry so that they must be noticed."""
        if column.name == "id_number":
            return REPAIRED[:6] + REFUSED[:4]
        if column.reads_as == "date":
            free = ["date_dotted", "date_compact", "date_chinese", "date_serial", "date_with_time", "date_bad"]
            return free + ["date_zero"] * column.required
        if column.reads_as == "month":
            return ["date_compact", "date_chinese", "date_bad"] + ["date_zero"] * column.required
        if column.reads_as == "yuan" and column.level == "reject_row":
            below = column.options.get("minimum", -1) == 0 or column.name == "personal_burden_yuan"
            return ["amount_thousands", "amount_fullwidth"] + ["amount_text"] * column.required + ["amount_negative"] * below
        if column.reads_as == "code":
            return ["code_alias", "code_unknown"]
        return ["name_middle_dot"] * 2 if column.name == "name" else []

    def _one(self, kind: str, column: Column, value: str | None, luck: float) -> str | None:
        """The spoilt value, or None where this defect does not fit this value."""
        if value is None:
            return None
        if kind.startswith("id_"):
            return _id(kind, value)
        if kind.startswith("date_"):
            return _date(kind, value, column.reads_as == "month")
        if kind.startswith("amount_"):
            return _amount(kind, value)
        if kind == "code_alias":
            names = self.aliases[column.name].get(value)
            return names[int(luck * len(names))] if names else None
        if kind == "code_unknown":
            return "待核实"
        return value.replace("·", _DOTS[int(luck * 3)]) if "·" in value else None

    def plant(self, frame: pl.DataFrame, share: float, rng: np.random.Generator) -> Planted:
        """Spoil about `share` of the rows; the ledger's row_no counts from 0 within the returned frame."""
        count = rng.binomial(frame.height, share) if frame.height else 0
        if not count:
            return Planted(frame, pl.DataFrame(schema=LEDGER))
        rows = np.sort(rng.choice(frame.height, count, replace=False))
        duplicated = rng.random(count) < 0.06
        spoilt = self._spoil(frame, rows[~duplicated], rng)
        again = rows[duplicated]
        changed = self._write(frame, spoilt)
        whole = pl.concat([changed, frame[again]])
        copies = pl.DataFrame({"row_no": frame.height + np.arange(len(again)), "kind": ["row_duplicate"] * len(again)},
                              schema_overrides={"kind": pl.String, "row_no": pl.Int64})
        ledger = pl.concat([spoilt, copies], how="diagonal").with_columns(pl.lit("").alias("file"))
        return Planted(whole, ledger.select(LEDGER.keys()).cast(LEDGER))

    def _spoil(self, frame: pl.DataFrame, rows: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
        """Draw a defect for each of some rows; where it does not fit, try the next on the menu."""
        kinds = sorted({k for k, _ in self.menu})
        lucks = rng.random((len(rows), 2))
        order = rng.integers(0, len(kinds), len(rows))
        picked = frame[rows].to_dict(as_series=False)
        out: dict[str, list] = {k: [] for k in LEDGER if k != "file"}
        for i, row in enumerate(rows.tolist()):
            self._try(kinds, order[i], lucks[i], {c: v[i] for c, v in picked.items()}, row, out)
        return pl.DataFrame(out, schema={k: v for k, v in LEDGER.items() if k != "file"})

    def _try(self, kinds: list[str], first: int, luck: np.ndarray, values: dict, row: int, out: dict[str, list]) -> None:
        for step in range(len(kinds)):
            kind = kinds[(first + step) % len(kinds)]
            columns = [c for k, c in self.menu if k == kind]
            column = columns[int(luck[0] * len(columns))]
            if kind == "amount_negative" and values.get("settlement_status_code") == "冲销":
                continue
            planted = self._one(kind, column, values[column.name], luck[1])
            if planted is not None and planted != values[column.name]:
                for key, value in (("row_no", row), ("column_name", column.name), ("kind", kind),
                                   ("original", values[column.name]), ("planted", planted)):
                    out[key].append(value)
                return

    def _write(self, frame: pl.DataFrame, spoilt: pl.DataFrame) -> pl.DataFrame:
        changed = frame
        for (name,), part in spoilt.partition_by("column_name", as_dict=True, maintain_order=True).items():
            column = changed[str(name)].scatter(part["row_no"], part["planted"])
            changed = changed.with_columns(column.alias(str(name)))
        return changed
