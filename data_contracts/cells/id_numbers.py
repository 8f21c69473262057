"""Resident ID numbers (公民身份号码, GB 11643): 6 area digits, 8 birth, 3 order (odd male), 1 check.

Also the older 15-digit form, residence permits of Hong Kong, Macau and Taiwan residents (81–83), foreigners'
permanent residence cards (9…), which follow the same check, and disability card numbers (残疾人证号: the ID
number, a type, a grade). A foreigner's card of 2023 has no area: behind the 9 come the province that
issued it (2) and the country of nationality (3, ISO 3166-1 numeric). The area is that of first registration:
never a place where someone lives.
id_area_codes.py dates the area; id_findings.py reports errors and warnings.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from data_contracts.cells.characters import tidy

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
# Provinces that issue cards. Residents' are these, 71, and 81 to 83 of residence permits (港澳台居民居住证).
ISSUING = (11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
           53, 54, 61, 62, 63, 64, 65)  # fmt: skip
PROVINCES = (*ISSUING, 71, 81, 82, 83)
FOREIGN = 9  # the first digit of a foreigner's residence card, before the province that issued it
_MONTH_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# A card number is the ID number, one digit of type and one of grade; a reissued card adds B and a number.
_CARD_FORM = "^[0-9]{17}[0-9X][0-9][0-9](B[0-9])?$"

FINDINGS = (
    *("normal", "valid", "kind", "error", "birth_date", "sex_code", "area_code", "id_number"),
    *("card_type_code", "card_grade_code", "issuing_province_code", "country_code"),
)


def findings(numbers: pl.Series, on: date | None = None) -> pl.DataFrame:
    """What is right or wrong about each number: one row per number, in order: FINDINGS and their workings.

    normal: the number as it should be written (18 characters, or the card number), null when not valid.
    kind: what it is by its form (resident_18, resident_15, hmt_residence, foreigner_residence,
    disability_card_20, disability_card_22), null when it has no such form. error: a key of messages.ERRORS
    or null. sex_code: "1" male, "2" female. id_number: the 18 characters, also out of a card number.
    area_code: null for a foreigner's card, which tells issuing_province_code (two digits) and country_code
    (ISO 3166-1 numeric) instead. card_type_code: "1" to "7" (视力 听力 言语 肢体 智力 精神 多重),
    card_grade_code: "1" to "4".

    All but kind and error are null when not valid; a null or blank number is null throughout. Years of birth
    run from 1800 to 2099; with `on`, a birth after that day is an error too.
    """
    frame = _without_card(_written(numbers).to_frame())
    frame = examined(frame).with_columns(error=_first(faults(on) | CARD_FAULTS))
    given = pl.col("written").is_not_null()
    right = pl.col("error").is_null() & given
    full, body, rest = pl.col("full"), pl.col("body"), pl.col("rest")
    day = (body // 10**7 % 10**4, body // 10**5 % 100, body // 10**3 % 100)
    return frame.with_columns(
        valid=pl.when(given).then(right),
        kind=_kind(),
        normal=pl.when(right).then(pl.concat_str(full, rest.fill_null(""))),
        birth_date=pl.when(right).then(pl.date(*(pl.when(right).then(part) for part in day))),
        sex_code=pl.when(right).then(pl.lit(pl.Series(["2", "1"])).gather(body % 2)),
        area_code=pl.when(right & ~_is_foreign(body)).then(full.str.slice(0, 6)),
        issuing_province_code=pl.when(right & _is_foreign(body)).then(full.str.slice(1, 2)),
        country_code=pl.when(right & _is_foreign(body)).then(full.str.slice(3, 3)),
        id_number=pl.when(right).then(full),
        card_type_code=pl.when(right).then(rest.str.slice(0, 1)),
        card_grade_code=pl.when(right).then(rest.str.slice(1, 1)),
    )


def _written(numbers: pl.Series) -> pl.Series:
    """The numbers without dirt around them, null where nothing is left; only what is not clean is cleaned."""
    clean = only_valid(numbers)
    unclear = clean.is_null().arg_true()
    text = pl.col("number")
    tidied = numbers.gather(unclear).alias("number").to_frame()
    tidied = tidied.with_columns(tidy(text, "cn_id").str.to_uppercase())
    tidied = tidied.select(pl.when(text.str.len_bytes() > 0).then(text))
    return clean.scatter(unclear, tidied.to_series()).alias("written")


def _without_card(frame: pl.DataFrame) -> pl.DataFrame:
    """bare (the ID number in what is written) and rest (what a card number adds to it; else null)."""
    written = pl.col("written")
    if not frame["written"].str.len_bytes().is_in([20, 22]).any():  # most columns hold no card: save the look
        return frame.with_columns(bare=written, rest=pl.lit(None, dtype=pl.String))
    card = written.str.contains(_CARD_FORM)
    return frame.with_columns(
        bare=pl.when(card).then(written.str.slice(0, 18)).otherwise(written),
        rest=pl.when(card).then(written.str.slice(18)),
    )


def _kind() -> pl.Expr:
    """What a number is by its form, whether or not it is valid."""
    bare, rest, body = pl.col("bare"), pl.col("rest"), pl.col("body")
    return (
        pl.when(body.is_null() | ~bare.str.len_bytes().is_in([15, 18])).then(None)
        .when(rest.is_not_null()).then(pl.concat_str(pl.lit("disability_card_"), 18 + rest.str.len_bytes()))
        .when(bare.str.len_bytes() == 15).then(pl.lit("resident_15"))
        .when((body // 10**15).is_between(81, 83)).then(pl.lit("hmt_residence"))
        .when(_is_foreign(body)).then(pl.lit("foreigner_residence"))
        .otherwise(pl.lit("resident_18"))
    )  # fmt: skip


def written_birth_date(number: pl.Expr) -> pl.Expr:
    """The birth date that the digits of an 18-character number spell, valid or not; null where none does."""
    return number.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)


def written_sex_code(number: pl.Expr) -> pl.Expr:
    """The sex by the order digit of an 18-character number: "1" (odd, male) or "2" (even, female)."""
    return (2 - number.str.slice(16, 1).cast(pl.Int8, strict=False) % 2).cast(pl.String)


def only_valid(numbers: pl.Series) -> pl.Series:
    """The numbers that are valid and already in their normal 18-character form; null elsewhere."""
    frame = numbers.alias("number").to_frame().with_columns(body=_body(pl.col("number")))
    number, body = pl.col("number"), pl.col("body")
    valid = (
        (number.str.len_bytes() == 18)
        & (body >= 10**16)
        & (number.str.slice(17, 1) == _check_character(body))
        & _has_province(body)
        & _has_birth_date(body)
    )
    return frame.select(pl.when(valid).then(number).alias(numbers.name)).to_series()


def remainder(body: pl.Expr) -> pl.Expr:
    """The weighted digit sum of a 17-digit number modulo 11, by three table look-ups."""
    # Look-ups in place of 17 multiplications per number: millions of numbers come each month.
    high, middle, low = _TABLES
    total = pl.lit(high).gather(body // 10**11) + pl.lit(middle).gather(body // 10**5 % 10**6)
    return (total + pl.lit(low).gather(body % 10**5)) % 11


def _check_character(body: pl.Expr) -> pl.Expr:
    return pl.lit(pl.Series(list(CHECK_CHARACTERS))).gather(remainder(body))


def read_id(frame: pl.DataFrame) -> pl.DataFrame:
    """values.slow's reader for cn_id: adds value, error and kind of repair to (text, tidy, blank)."""
    frame = examined(frame.with_columns(bare=pl.col("tidy").str.to_uppercase()))
    frame = frame.with_columns(error=_first(faults()))
    kind = (
        pl.when(pl.col("tidy").str.len_bytes() == 15)
        .then(pl.lit("id_15"))
        .when(pl.col("tidy").str.ends_with("x"))
        .then(pl.lit("lower_x"))
    )
    return frame.with_columns(value=pl.when(pl.col("error").is_null()).then(pl.col("full")), kind=kind)


def examined(frame: pl.DataFrame) -> pl.DataFrame:
    """Adds to bare: full (15 digits widened to 18), body (first 17 digits), check (the character due)."""
    bare, full, body = pl.col("bare"), pl.col("full"), pl.col("body")
    old = bare.str.contains("^[0-9]{15}$")
    frame = frame.with_columns(
        full=pl.when(old).then(bare.str.slice(0, 6) + "19" + bare.str.slice(6)).otherwise(bare)
    )
    frame = frame.with_columns(body=_body(full))
    frame = frame.with_columns(check=_check_character(body))
    return frame.with_columns(full=pl.when(old).then(full + pl.col("check")).otherwise(full))


def faults(on: date | None = None) -> dict[str, pl.Expr]:
    """By error: whether it holds of an examined number. The first to hold is the number's error.

    Those of form come first: where one holds, the digits mean nothing.
    """
    bare, full, body = pl.col("bare"), pl.col("full"), pl.col("body")
    has_length = bare.str.len_bytes().is_in([15, 18])
    stray = ~bare.str.contains("^[0-9A-Z]*$") | (has_length & ~full.str.contains("^[1-9][0-9]{16}[0-9X]$"))
    found = {
        "id_scientific": bare.str.contains(r"^[0-9.]+E\+?[0-9]+$"),
        "id_float": bare.str.contains(r"^[0-9]{15,18}\.[0-9]+$"),
        "id_characters": stray,
        "id_length": ~has_length,
        "id_province": ~_has_province(body) & ~_is_foreign(body),
        "id_issuing_province": ~_has_province(body) & _is_foreign(body),
        "id_birth_date": ~_has_birth_date(body),
        "id_check_digit": full.str.slice(17, 1) != pl.col("check"),
    }
    if on is not None:
        found["id_birth_future"] = body // 10**3 % 10**8 > int(f"{on:%Y%m%d}")
    return found


FORM_FAULTS = ("id_scientific", "id_float", "id_characters", "id_length")
CARD_FAULTS = {
    "id_card_type": ~pl.col("rest").str.contains("^[1-7]"),
    "id_card_grade": ~pl.col("rest").str.contains("^.[1-4]"),
    "id_card_reissue": ~pl.col("rest").str.contains("^..(B[1-9])?$"),
}


def _first(faults: dict[str, pl.Expr]) -> pl.Expr:
    """The name of the first fault that holds; null when none does."""
    return pl.coalesce(pl.when(holds).then(pl.lit(name)) for name, holds in faults.items())


def _body(number: pl.Expr) -> pl.Expr:
    """The first 17 digits as a number; null unless they are digits and none is missing."""
    whole = number.str.slice(0, 17).cast(pl.Int64, strict=False)
    return pl.when(whole.is_between(0, 10**17 - 1)).then(whole)


def _has_province(body: pl.Expr) -> pl.Expr:
    """Whether the first two digits name a province, or of a foreigner's card the two behind the first."""
    return pl.lit(_PROVINCE_TABLE).gather(body // 10**14)


def _is_foreign(body: pl.Expr) -> pl.Expr:
    return body // 10**16 == FOREIGN


def _has_birth_date(body: pl.Expr) -> pl.Expr:
    year, month, day = body // 10**7 % 10**4, body // 10**5 % 100, body // 10**3 % 100
    # The table allows 29 February; only leap years have one.
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    days = pl.lit(_DAYS_TABLE).gather(month)
    return year.is_between(1800, 2099) & day.is_between(1, days) & ((month != 2) | (day < 29) | leap)


def _table(first: int, digits: int) -> pl.Series:
    """Weighted digit sums modulo 11 of every number of so many digits whose first has place `first`."""
    number = pl.int_range(10**digits, dtype=pl.Int32, eager=True)
    places = range(digits)
    total = sum(number // 10 ** (digits - 1 - place) % 10 * WEIGHTS[first + place] for place in places)
    return (total % 11).cast(pl.UInt8)  # type: ignore[union-attr]


_TABLES = (_table(0, 6), _table(6, 6), _table(12, 5))
# By the first three digits.
_PROVINCE_TABLE = pl.Series(
    [code % 100 in ISSUING if code // 100 == FOREIGN else code // 10 in PROVINCES for code in range(1000)]
)
_DAYS_TABLE = pl.Series([_MONTH_DAYS[m] if m <= 12 else 0 for m in range(100)])
