"""Rows that say who they speak of, though not by a usable ID number.

Such a row goes back to its department like every faulty one. Meanwhile it is used, under a provisional
person, if it carries enough to find out who that is: a family must not wait for a mistyped digit.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from zhaoren.data_contracts.contract import CodeTable, Contract
from zhaoren.data_contracts.row_pass import typed_again
from zhaoren.data_contracts.rows import Checked

NUMBER = "id_number"  # the column that says whom a row speaks of, in every extract
NUMBER_TEXT = "_number_text"  # what stands there instead, as written
# Beside the name, any of these may tell one person from another; columns of the contract's own choice come
# on top.
TELLING = ("birth_date", "guardian_id_number")
ROLES = ("localPersonNo", "householdNo")


def unnumbered_rows(
    checked: Checked, contract: Contract, codes: Mapping[str, CodeTable]
) -> pl.DataFrame | None:
    """Refused rows in which nothing but the ID number is wrong, typed; None where there are none.

    One row per refused row that names somebody and holds a birth date, a guardian, a number of the
    department's own, a household's number, or at least fifteen characters of an ID number: row_no, the
    contract's columns (id_number is null) and `_number_text`, what was written in its place. Exact repeats
    are left out.
    """
    names = {column.name for column in contract.columns}
    if NUMBER not in names or "name" not in names or checked.faults.is_empty():
        return None
    refusing = checked.faults.filter(pl.col("level") == "reject_row")
    elsewhere = refusing.filter(pl.col("column_name").is_null() | (pl.col("column_name") != NUMBER))
    rows = refusing.select("row_no").unique().join(elsewhere, on="row_no", how="anti")
    text = checked.quarantined.join(rows, on="row_no", how="semi", maintain_order="left")
    if text.is_empty():
        return None
    number = text.get_column(NUMBER) if NUMBER in text.columns else pl.repeat(None, text.height, eager=True)
    typed = typed_again(text, contract, codes).with_columns(
        number.cast(pl.String).alias(NUMBER_TEXT), pl.lit(None, dtype=pl.String).alias(NUMBER)
    )
    typed = typed.filter(pl.col("name").is_not_null() & pl.any_horizontal(_telling(contract, names)))
    content = [name for name in typed.columns if name != "row_no"]
    found = typed.unique(content, keep="first", maintain_order=True)
    return None if found.is_empty() else found


def _telling(contract: Contract, names: set[str]) -> list[pl.Expr]:
    chosen = [name for role in ROLES if (name := contract.custom.get(role)) in names]
    told = [pl.col(name).is_not_null() for name in (*TELLING, *chosen) if name in names]
    return [*told, number_digits(pl.col(NUMBER_TEXT)).str.len_chars() >= 15]


def number_digits(text: pl.Expr) -> pl.Expr:
    """What is left of a written number: its digits and a final X; null when nothing is.

    Of scientific notation (4.40524E+17) only the six digits that survive are kept.
    """
    plain = text.str.normalize("NFKC").str.to_uppercase().str.replace_all(r"[^0-9XE.]", "")
    mantissa = plain.str.extract(r"^([0-9.]+)E").str.replace_all(r"\.", "").str.slice(0, 6)
    bare = pl.coalesce(mantissa, plain.str.replace(r"\.0*$", "").str.replace_all(r"[^0-9X]", ""))
    return pl.when(bare.str.len_chars() > 0).then(bare)
