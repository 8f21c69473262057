"""Rows about a person whom they name, though not by a usable ID number.

Such a row goes back to its department like every faulty one. Meanwhile it is used, under a provisional
person, if it carries enough to find out who that is: a family must not wait for a mistyped digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.model import Contract
from data_contracts.row_checks.checker import typed_again
from data_contracts.row_checks.rows import Checked

NUMBER = "id_number"  # the person a row is about, in every extract
NUMBER_TEXT = "_number_text"  # what was written there instead
REPEATED = "_is_repeated"  # another row has the number, too
# Beside the name, any of these may distinguish one person from another; a contract adds columns of its own.
DISTINGUISHING = ("birth_date", "guardian_id_number")
ROLES = ("localPersonNo", "householdNo")


def unidentified_rows(
    checked: Checked,
    contract: Contract,
    codes: Mapping[str, CodeTable],
    good: Iterable[pl.DataFrame] = (),
) -> pl.DataFrame | None:
    """Refused rows in which nothing but the ID number is wrong, typed; None where there are none.

    One row per refused row that names somebody and holds a birth date, a guardian, a number of the
    department's own, a household's number, or at least fifteen characters of an ID number: row_no, the
    contract's columns, `_number_text`, what was written where id_number is null, and `_is_repeated`: the
    number is another row's, under another name (then it stays in id_number). `good`: the delivery's good
    rows, to know those names. Exact repeats are left out.
    """
    names = {column.name for column in contract.columns}
    if NUMBER not in names or "name" not in names or checked.faults.is_empty():
        return None
    text = _only_number_wrong(checked, contract)
    if text.is_empty():
        return None
    written = text.get_column(NUMBER) if NUMBER in text.columns else pl.repeat(None, text.height, eager=True)
    typed = typed_again(text, contract, codes, checked.known).with_columns(
        written.cast(pl.String).alias(NUMBER_TEXT)
    )
    nothing = number_digits(pl.col(NUMBER_TEXT)).is_null()  # blank, or one of the ways to write it
    typed = typed.with_columns(pl.when(~nothing).then(NUMBER_TEXT).alias(NUMBER_TEXT))
    repeated = pl.col(NUMBER).is_not_null()
    typed = typed.with_columns(
        repeated.alias(REPEATED), pl.when(~repeated).then(NUMBER_TEXT).alias(NUMBER_TEXT)
    )
    typed = typed.filter(pl.col("name").is_not_null() & pl.any_horizontal(_distinguishing(contract, names)))
    typed = _under_another_name(typed, good)
    content = [name for name in typed.columns if name != "row_no"]
    found = typed.unique(content, keep="first", maintain_order=True)
    return None if found.is_empty() else found


def _only_number_wrong(checked: Checked, contract: Contract) -> pl.DataFrame:
    """The text of rows refused for their number: it cannot be used, or another row of the key has it."""
    refusing = checked.faults.filter(pl.col("level") == "reject_row")
    by_number = (pl.col("column_name") == NUMBER).fill_null(False)
    if NUMBER in contract.key:
        by_number |= pl.col("rule_id") == f"{contract.id}.key_conflict"
    rows = refusing.select("row_no").unique().join(refusing.filter(~by_number), on="row_no", how="anti")
    return checked.quarantined.join(rows, on="row_no", how="semi", maintain_order="left")


def _under_another_name(rows: pl.DataFrame, good: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Without rows that contradict a good row of the same number and name: what is true of it is unknown."""
    if not rows.get_column(REPEATED).any():
        return rows
    numbers = rows.filter(REPEATED).get_column(NUMBER).implode()
    kept = [chunk.filter(pl.col(NUMBER).is_in(numbers)).select(NUMBER, "name") for chunk in good]
    if not kept:
        return rows
    return rows.join(pl.concat(kept), on=[NUMBER, "name"], how="anti", maintain_order="left")


def _distinguishing(contract: Contract, names: set[str]) -> list[pl.Expr]:
    chosen = [name for role in ROLES if (name := contract.custom.get(role)) in names]
    given = [pl.col(name).is_not_null() for name in (*DISTINGUISHING, *chosen) if name in names]
    # Fifteen characters still hold the area and the birth date of a mistyped number.
    return [*given, number_digits(pl.col(NUMBER_TEXT)).str.len_chars() >= 15, pl.col(REPEATED)]


def number_digits(text: pl.Expr) -> pl.Expr:
    """What is left of a written number: its digits and a final X; null when nothing is.

    Of scientific notation (4.40524E+17) only the six digits that survive are kept.
    """
    plain = text.str.normalize("NFKC").str.to_uppercase().str.replace_all(r"[^0-9XE.]", "")
    mantissa = plain.str.extract(r"^([0-9.]+)E").str.replace_all(r"\.", "").str.slice(0, 6)
    bare = pl.coalesce(mantissa, plain.str.replace(r"\.0*$", "").str.replace_all(r"[^0-9X]", ""))
    return pl.when(bare.str.len_chars() > 0).then(bare)
