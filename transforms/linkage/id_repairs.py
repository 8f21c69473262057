"""ID numbers that a mistyped number may have been: one digit wrong, two neighbours swapped, or rounded by a
spreadsheet.

Everything follows from the check: the weighted digits of a right number, the check character counted as
itself, leave 1 modulo 11. So at most one other digit in each position makes a wrong number right.
"""

from __future__ import annotations

import polars as pl

from data_contracts.cells.id_numbers import WEIGHTS, only_valid

LENGTH = 18
_WEIGHTS = (*WEIGHTS, 1)
_INVERSE = {w: next(i for i in range(11) if w * i % 11 == 1) for w in _WEIGHTS}
CANDIDATES = {"person_id": pl.String, "id_number": pl.String, "kind": pl.String}


def repaired_numbers(wrong: pl.DataFrame) -> pl.DataFrame:
    """Every valid number one slip away: person_id, id_number, kind (one_digit, transposed).

    wrong: person_id, id_digits; rows that are not eighteen digits (the last may be X) have no candidates.
    At most 35 rows per person, sorted.
    """
    frame = wrong.filter(pl.col("id_digits").str.contains(r"^[0-9]{17}[0-9X]$"))
    if frame.is_empty():
        return pl.DataFrame(schema=CANDIDATES)
    frame = frame.with_columns(_digit(at).alias(f"_{at}") for at in range(LENGTH))
    digits = [pl.col(f"_{at}") for at in range(LENGTH)]
    frame = frame.with_columns(_total=sum(w * d for w, d in zip(_WEIGHTS, digits, strict=True)))
    total = pl.col("_total")
    slips = [_other_digit(at, digits[at], total).alias(f"one_digit{at}") for at in range(LENGTH)]
    slips += [
        pl.when(_swap_is_right(at, digits, total)).then(_swapped(at)).alias(f"transposed{at}")
        for at in range(LENGTH - 1)
    ]
    found = frame.select("person_id", "id_digits", *slips).unpivot(
        index=["person_id", "id_digits"], variable_name="kind", value_name="id_number"
    )
    found = found.filter(pl.col("id_number").is_not_null() & (pl.col("id_number") != pl.col("id_digits")))
    valid = found.with_columns(only_valid(found.get_column("id_number")).alias("id_number")).drop_nulls(
        "id_number"
    )
    named = valid.with_columns(pl.col("kind").str.replace(r"[0-9]+$", ""))
    # A swap may also be one digit's slip: the likelier story is kept.
    return (
        named.select(*CANDIDATES)
        .sort("person_id", "id_number", "kind", descending=[False, False, True])
        .unique(["person_id", "id_number"], keep="first", maintain_order=True)
    )


def rounded_numbers(wrong: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Known numbers that a spreadsheet would have rounded to the written one; as repaired_numbers.

    A spreadsheet keeps a number as a double, too coarse for eighteen digits: neighbours become equal.
    known: person_id, id_number.
    """
    double = pl.col("number").cast(pl.Int64, strict=False).cast(pl.Float64)
    bad = wrong.filter(pl.col("id_digits").str.contains(r"^[0-9]{18}$"))
    bad = bad.select("person_id", "id_digits", number=pl.col("id_digits")).with_columns(
        double.alias("_double")
    )
    if bad.is_empty():
        return pl.DataFrame(schema=CANDIDATES)
    right = known.select("id_number", number=pl.col("id_number")).with_columns(double.alias("_double"))
    found = bad.join(right.drop_nulls("_double"), on="_double").filter(
        pl.col("id_number") != pl.col("id_digits")
    )
    return found.select("person_id", "id_number", kind=pl.lit("rounded")).sort("person_id", "id_number")


def _digit(at: int) -> pl.Expr:
    text = pl.col("id_digits").str.slice(at, 1)
    return pl.when(text == "X").then(10).otherwise(text.cast(pl.Int64, strict=False))


def _other_digit(at: int, digit: pl.Expr, total: pl.Expr) -> pl.Expr:
    """The number with the one digit in the position that satisfies the check."""
    right = (digit + (1 - total) * _INVERSE[_WEIGHTS[at]]) % 11
    last = at == LENGTH - 1
    character = pl.when(right < 10).then(right.cast(pl.String)).when(pl.lit(last)).then(pl.lit("X"))
    return pl.concat_str(_part(0, at), character, _part(at + 1, LENGTH))


def _swap_is_right(at: int, digits: list[pl.Expr], total: pl.Expr) -> pl.Expr:
    change = (digits[at] - digits[at + 1]) * (_WEIGHTS[at + 1] - _WEIGHTS[at])
    return (total + change) % 11 == 1


def _swapped(at: int) -> pl.Expr:
    return pl.concat_str(
        _part(0, at),
        _part(at + 1, at + 2),
        _part(at, at + 1),
        _part(at + 2, LENGTH),
    )


def _part(start: int, stop: int) -> pl.Expr:
    return pl.col("id_digits").str.slice(start, stop - start)
