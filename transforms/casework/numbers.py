"""The number of a case: seven digits and a check digit, so that a digit misheard on the telephone is noticed.

    allotted(last, count)   -> the next numbers after the last one given out
    check_digit(digits)     -> polars expression: ISO 7064, MOD 11,10
    is_case_no(text)        -> whether somebody wrote a number that may be one

MOD 11,10 notices every wrong digit, and all but one in sixty exchanges of two neighbours. Numbers of which
two neighbours could be exchanged unnoticed are never given out, so that every exchange is noticed.
"""

from __future__ import annotations

import polars as pl

DIGITS = 7
FIRST = 1_000_000  # no number begins with a nought, which a spreadsheet would take away
LAST = 9_999_999
# Nine of ten numbers can be given out, though not of every ten in a row: so many more are looked at.
_SPARE = 100


def check_digit(digits: list[pl.Expr]) -> pl.Expr:
    """The check digit of these digits, the first one leftmost."""
    product = pl.lit(10, dtype=pl.Int64)
    for digit in digits:
        # The rest of ten, a nought counting as ten. Said once: each mention doubles what polars has to plan.
        product = ((product + digit + 9) % 10 + 1) * 2 % 11
    return (11 - product) % 10


def allotted(last: str | None, count: int) -> pl.Series:
    """The next `count` case numbers after `last` (default: from the first on), in ascending order.

    Raises ValueError when they are used up, after nine million cases.
    """
    if not count:
        return pl.Series("case_no", [], dtype=pl.String)
    start = FIRST if last is None else int(last[:DIGITS]) + 1
    size = count + _SPARE
    while len(found := _sound(start, size)) < count:
        if start + size > LAST:
            raise ValueError("case numbers are used up")
        size *= 2
    return found.head(count)


def _sound(start: int, size: int) -> pl.Series:
    body = pl.int_range(start, min(start + size, LAST + 1), eager=True).alias("body").to_frame()
    digits = [(pl.col("body") // 10 ** (DIGITS - 1 - place)) % 10 for place in range(DIGITS)]
    rows = body.with_columns(digit.alias(f"d{place}") for place, digit in enumerate(digits))
    rows = rows.with_columns(check_digit(_places()).alias(f"d{DIGITS}"))
    number = (pl.col("body") * 10 + pl.col(f"d{DIGITS}")).cast(pl.String)
    return rows.filter(~pl.any_horizontal(_unnoticed(place) for place in range(DIGITS))).select(
        number.alias("case_no")
    )["case_no"]


def _places() -> list[pl.Expr]:
    return [pl.col(f"d{place}") for place in range(DIGITS)]


def _unnoticed(place: int) -> pl.Expr:
    """Whether the digits at `place` and after it differ and could be exchanged unnoticed."""
    all_digits = [*_places(), pl.col(f"d{DIGITS}")]
    one, other = all_digits[place], all_digits[place + 1]
    all_digits[place], all_digits[place + 1] = other, one
    return (one != other) & (check_digit(all_digits[:DIGITS]) == all_digits[DIGITS])


def is_case_no(text: str) -> bool:
    """Whether the text may be a number given out: eight digits, the last of which fits the others."""
    return is_case_no_column(pl.Series([text]))[0]


def is_case_no_column(texts: pl.Series) -> pl.Series:
    """The same of many texts; null is none."""
    text = pl.col("text")
    right = text.str.contains(rf"^[1-9][0-9]{{{DIGITS}}}$").fill_null(False)
    number = pl.when(right).then(text).otherwise(pl.lit("0" * (DIGITS + 1)))
    rows = texts.cast(pl.String).alias("text").to_frame().with_columns(right.alias("right"))
    rows = rows.with_columns(
        number.str.slice(place, 1).cast(pl.Int64).alias(f"d{place}") for place in range(DIGITS + 1)
    )
    fits = check_digit(_places()) == pl.col(f"d{DIGITS}")
    safe = ~pl.any_horizontal(_unnoticed(place) for place in range(DIGITS))
    return rows.select(pl.col("right") & fits & safe).to_series()
