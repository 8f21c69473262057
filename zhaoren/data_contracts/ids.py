"""Resident ID numbers (公民身份号码, GB 11643): 6 area digits, 8 birth, 3 order (odd male), 1 check.

Also the older 15-digit form, residence permits of Hong Kong, Macau and Taiwan residents (81–83), and
foreigners' permanent residence cards (9…), which follow the same check. The area is that of first
registration: never a place where someone lives.
"""

from __future__ import annotations

import polars as pl

from zhaoren.data_contracts.characters import tidy

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
PROVINCES = (11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
             53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, *range(90, 100))  # fmt: skip
_MONTH_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


FINDINGS = pl.Struct(
    {
        "normal": pl.String,
        "valid": pl.Boolean,
        "kind": pl.String,
        "error": pl.String,
        "birth_date": pl.Date,
        "sex_code": pl.String,
        "area_code": pl.String,
    }
)


def check_id(number: pl.Expr) -> pl.Expr:
    """What is right or wrong about a number, as a struct.

    Fields: normal (18 characters, null when not valid), valid, kind (resident_18, resident_15,
    hmt_residence, foreigner_residence; null when not valid), error (a key of reasons.ERRORS or null),
    birth_date, sex_code ("1" male, "2" female), area_code. A null or blank number is null throughout.
    """
    return number.cast(pl.String).map_batches(_findings, return_dtype=FINDINGS)


def check_ids(numbers: pl.Series, areas: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row per number, in order: text, check_id's fields, and area_state when `areas` is given.

    `areas` has code, start_year, end_year (null while in use); area_state is in_use, not_yet (first used
    after the birth year: usual for late registrations), dropped (given up before it) or unknown.
    """
    frame = numbers.cast(pl.String).alias("text").to_frame()
    frame = frame.with_columns(check_id(pl.col("text")).alias("found")).unnest("found")
    return frame.with_columns(area_state=area_state(frame["normal"], areas)) if areas is not None else frame


def _findings(numbers: pl.Series) -> pl.Series:
    bare = pl.col("number")
    frame = numbers.alias("number").to_frame().with_columns(tidy(bare, "cn_id").str.to_uppercase())
    frame = _examined(frame.select(bare=pl.when(bare.str.len_chars() > 0).then(bare)))
    given = pl.col("bare").is_not_null()
    frame = frame.with_columns(normal=pl.when(given & pl.col("error").is_null()).then(pl.col("full")))
    normal = pl.col("normal")
    kind = (
        pl.when(pl.col("bare").str.len_bytes() == 15)
        .then(pl.lit("resident_15"))
        .when(normal.str.contains("^8[123]"))
        .then(pl.lit("hmt_residence"))
        .when(normal.str.starts_with("9"))
        .then(pl.lit("foreigner_residence"))
        .otherwise(pl.lit("resident_18"))
    )
    frame = frame.with_columns(
        valid=pl.when(given).then(pl.col("error").is_null()),
        kind=pl.when(normal.is_not_null()).then(kind),
        birth_date=normal.str.slice(6, 8).str.to_date("%Y%m%d", strict=False),
        sex_code=pl.when(normal.is_not_null())
        .then(2 - normal.str.slice(16, 1).cast(pl.Int8) % 2)
        .cast(pl.String),
        area_code=normal.str.slice(0, 6),
    )
    return frame.select(*FINDINGS.to_schema()).to_struct(numbers.name)


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
    high, middle, low = _TABLES
    total = pl.lit(high).gather(body // 10**11) + pl.lit(middle).gather(body // 10**5 % 10**6)
    return (total + pl.lit(low).gather(body % 10**5)) % 11


def _check_character(body: pl.Expr) -> pl.Expr:
    return pl.lit(pl.Series(list(CHECK_CHARACTERS))).gather(remainder(body))


def area_state(normal: pl.Series, areas: pl.DataFrame) -> pl.Series:
    """in_use, not_yet, dropped or unknown, for each normal number's area code in its birth year."""
    spans = areas.with_columns(code=pl.col("code").cast(pl.String).str.pad_end(6, "0"))
    spans = spans.group_by("code").agg(
        start=pl.col("start_year").min(),
        # Still in use if any of its spells is.
        end=pl.when(pl.col("end_year").null_count() == 0).then(pl.col("end_year").max()),
    )
    frame = (
        normal.alias("normal")
        .to_frame()
        .select(
            code=pl.col("normal").str.slice(0, 6),
            year=pl.col("normal").str.slice(6, 4).cast(pl.Int32, strict=False),
        )
    )
    joined = frame.join(spans.with_columns(known=True), on="code", how="left", maintain_order="left")
    exempt = pl.col("code").str.contains("^(8[123]|9)")
    state = (
        pl.when(pl.col("code").is_null()).then(None)
        .when(exempt).then(pl.lit("in_use"))
        .when(pl.col("known").is_null()).then(pl.lit("unknown"))
        .when(pl.col("end") < pl.col("year")).then(pl.lit("dropped"))
        .when(pl.col("start") > pl.col("year")).then(pl.lit("not_yet"))
        .otherwise(pl.lit("in_use"))
    )  # fmt: skip
    return joined.select(area_state=state).to_series()


def area_is_doubtful(normal: pl.Expr, areas: pl.DataFrame) -> pl.Expr:
    """True where area_state would say unknown or dropped; for whole columns, by a table look-up.

    “not_yet” is usual: older people were given numbers under codes that came after their birth.
    """
    last_year = _last_years(areas)
    return normal.map_batches(lambda numbers: _area_doubts(numbers, last_year), return_dtype=pl.Boolean)


def _area_doubts(normal: pl.Series, last_year: pl.Series) -> pl.Series:
    head = normal.str.slice(0, 10).cast(pl.Int64, strict=False)
    area, year = head // 10**4, head % 10**4
    exempt = area.is_between(810_000, 839_999) | (area >= 900_000)
    return (year > last_year.gather(area)) & ~exempt


def _last_years(areas: pl.DataFrame) -> pl.Series:
    """By six-digit code: the last year in which it was in force (9999 while it is, -1 if it never was)."""
    code = pl.col("code").cast(pl.String).str.pad_end(6, "0").cast(pl.UInt32)
    spans = areas.group_by(code).agg(
        # Still in use if any of its spells is.
        pl.when(pl.col("end_year").null_count() == 0).then(pl.col("end_year").max()).otherwise(9999)
    )
    never = pl.repeat(-1, 10**6, dtype=pl.Int16, eager=True)
    return never.scatter(spans["code"], spans["end_year"].cast(pl.Int16))


def read_id(frame: pl.DataFrame) -> pl.DataFrame:
    """values.slow's reader for cn_id: adds value, error and kind of repair to (text, tidy, blank)."""
    frame = _examined(frame.with_columns(bare=pl.col("tidy").str.to_uppercase()))
    kind = (
        pl.when(pl.col("tidy").str.len_bytes() == 15)
        .then(pl.lit("id_15"))
        .when(pl.col("tidy").str.ends_with("x"))
        .then(pl.lit("lower_x"))
    )
    return frame.with_columns(value=pl.when(pl.col("error").is_null()).then(pl.col("full")), kind=kind)


def _examined(frame: pl.DataFrame) -> pl.DataFrame:
    """Adds to bare: full (15 digits widened to 18), body (its first 17 digits) and error (null when fine)."""
    bare, full, body = pl.col("bare"), pl.col("full"), pl.col("body")
    old = bare.str.contains("^[0-9]{15}$")
    frame = frame.with_columns(
        full=pl.when(old).then(bare.str.slice(0, 6) + "19" + bare.str.slice(6)).otherwise(bare)
    )
    frame = frame.with_columns(body=_body(full))
    frame = frame.with_columns(check=_check_character(body))
    frame = frame.with_columns(full=pl.when(old).then(full + pl.col("check")).otherwise(full))
    error = (
        pl.when(bare.str.contains(r"^[0-9.]+E\+?[0-9]+$"))
        .then(pl.lit("id_scientific"))
        .when(bare.str.contains(r"^[0-9]{15,18}\.[0-9]+$"))
        .then(pl.lit("id_float"))
        .when(~bare.str.contains("^[0-9A-Z]*$"))
        .then(pl.lit("id_characters"))
        .when(~bare.str.len_bytes().is_in([15, 18]))
        .then(pl.lit("id_length"))
        .when(~full.str.contains("^[1-9][0-9]{16}[0-9X]$"))
        .then(pl.lit("id_characters"))
        .when(~_has_province(body))
        .then(pl.lit("id_province"))
        .when(~_has_birth_date(body))
        .then(pl.lit("id_birth_date"))
        .when(full.str.slice(17, 1) != pl.col("check"))
        .then(pl.lit("id_check_digit"))
    )
    return frame.with_columns(error=error)


def _body(number: pl.Expr) -> pl.Expr:
    """The first 17 digits as a number; null unless they are digits and none is missing."""
    whole = number.str.slice(0, 17).cast(pl.Int64, strict=False)
    return pl.when(whole.is_between(0, 10**17 - 1)).then(whole)


def _has_province(body: pl.Expr) -> pl.Expr:
    return pl.lit(_PROVINCE_TABLE).gather(body // 10**15)


def _has_birth_date(body: pl.Expr) -> pl.Expr:
    year, month, day = body // 10**7 % 10**4, body // 10**5 % 100, body // 10**3 % 100
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
_PROVINCE_TABLE = pl.Series([code in PROVINCES for code in range(100)])
_DAYS_TABLE = pl.Series([_MONTH_DAYS[m] if m <= 12 else 0 for m in range(100)])
