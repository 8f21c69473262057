"""How a cell's text becomes a value: what is read as is, what is repaired, what is damaged.

Each way of reading has a fast expression for well-formed text, run over the whole column, and a slow
path run only over the distinct texts the fast one left over (a few per cent). The slow path says what
was repaired (`repairs`) or why there is no value (`error`, a key of messages.ERRORS).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from data_contracts.cells import plain_types
from data_contracts.cells.characters import QUOTES, ZERO_WIDTH, tidy
from data_contracts.cells.id_numbers import only_valid, read_id

MONEY = pl.Decimal(18, 2)
DTYPES: Mapping[str, pl.DataType] = {
    "cn_id": pl.String(), "name": pl.String(), "text": pl.String(), "code": pl.String(), "bool": pl.Boolean(),
    "date": pl.Date(), "month": pl.Date(), "yuan": MONEY, "int": pl.Int64(), **plain_types.DTYPES,
}  # fmt: skip
# Words that stand for an empty cell.
BLANKS = (
    *("", "无", "空", "没有", "暂无", "不详", "未知", "(空)", "（空）"),
    *("-", "--", "—", "——", "–", "－", "/", "\\", "N/A", "n/a", "#N/A", "NA"),
    *("NULL", "null", "Null", "(null)", "None", "none", "nan", "NaN"),
)
WIDE = r"[！-～　]"
# What a text must not hold to be taken as it is.
ODD_TEXT = r"^[\s'’‘`＇\"]|\s$|[\t\r\n\u00a0\u3000０-９Ａ-Ｚａ-ｚ\p{Co}]|" + ZERO_WIDTH
ODD_NAME = ODD_TEXT + r"|\s|[‧•・･∙⋅●．.]"
OPEN_END_YEAR = 9999
EXCEL_DAY_ZERO = pl.lit("1899-12-30").str.to_date("%Y-%m-%d")
TRUE_WORDS = ("是", "1", "Y", "YES", "TRUE", "T", "√", "有")
FALSE_WORDS = ("否", "0", "N", "NO", "FALSE", "F", "×", "X", "不是")


@dataclass(frozen=True)
class Parsed:
    """A column read: typed `values` (null where blank or damaged), sparse `errors` and `repairs`.

    errors: (index UInt32, error); repairs: (index UInt32, kind). `index` is the position in the column.
    """

    values: pl.Series
    errors: pl.DataFrame
    repairs: pl.DataFrame


def fast(
    column: pl.Expr, reads_as: str, labels: Mapping[str, str] | None = None, unit: str = "yuan"
) -> pl.Expr:
    """The typed value where the text is written exactly as agreed, else null. Blank text is null."""
    if reads_as in plain_types.DTYPES:
        return plain_types.fast(column, reads_as)
    if reads_as == "date":
        return _date(column, "%Y-%m-%d")
    if reads_as == "month":
        well_formed = column.str.len_bytes() == 7
        return _date(pl.when(well_formed).then(column + "-01"), "%Y-%m-%d")
    if reads_as == "yuan":
        # At most two decimals: more would be rounded without a word.
        exact = column.str.contains(r"^-?[0-9]{1,14}(\.[0-9]{1,2})?$")
        return in_yuan(pl.when(exact).then(column), unit)
    if reads_as == "int":
        return column.cast(pl.Int64, strict=False)
    if reads_as == "bool":
        return column.replace_strict(["是", "否"], [True, False], default=None, return_dtype=pl.Boolean)
    if reads_as == "code":
        table = labels or {}
        return column.replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.String)
    if reads_as == "cn_id":
        return column.map_batches(only_valid, return_dtype=pl.String)
    odd = column.str.contains(ODD_NAME if reads_as == "name" else ODD_TEXT) | column.is_in(BLANKS)
    return pl.when(~odd).then(column)


def slow(
    texts: pl.Series, reads_as: str, labels: Mapping[str, str] | None = None, unit: str = "yuan"
) -> pl.DataFrame:
    """Read odd texts: columns text, value, error (null when fine or blank), repairs (list of kinds)."""
    frame = texts.alias("text").to_frame().with_columns(tidy=tidy(pl.col("text"), reads_as))
    blank = pl.col("tidy").is_in(BLANKS)
    if reads_as == "code":  # a code table may give “无” a meaning of its own
        blank &= ~pl.col("tidy").is_in(list(labels or {}))
    frame = frame.with_columns(blank=blank, tidy=pl.when(~blank).then(pl.col("tidy")))
    frame = _READERS[reads_as](frame, labels or {}, unit)
    kinds = pl.concat_list([*_common_repairs(reads_as), pl.col("kind")]).list.drop_nulls()
    damaged = pl.col("error").is_not_null()
    return frame.select(
        "text",
        "value",
        "error",
        repairs=pl.when(~damaged).then(kinds).otherwise(pl.lit([], pl.List(pl.String))),
    )


def parse(texts: pl.Series, quick: pl.Series, slow_frame: pl.DataFrame) -> Parsed:
    """Put the slow path's answers into the places the fast path left empty."""
    left = pl.DataFrame({"index": left_over(texts, quick).arg_true()})
    left = left.with_columns(text=texts.gather(left["index"]))
    left = left.join(slow_frame, on="text", how="left", maintain_order="left")
    values = quick.scatter(left["index"], left["value"]) if left.height else quick
    errors = left.filter(pl.col("error").is_not_null()).select("index", "error")
    repairs = left.select("index", kind="repairs").explode("kind").filter(pl.col("kind").is_not_null())
    return Parsed(values, errors, repairs)


def untouched(quick: pl.Series) -> Parsed:
    """A column the fast path read completely."""
    schema = {"index": pl.UInt32, "error": pl.String}
    return Parsed(
        quick, pl.DataFrame(schema=schema), pl.DataFrame(schema={"index": pl.UInt32, "kind": pl.String})
    )


def left_over(texts: pl.Series, quick: pl.Series) -> pl.Series:
    """Where there is text and the fast path gave no value."""
    return texts.is_not_null() & quick.is_null()


def in_yuan(number: pl.Expr, unit: str) -> pl.Expr:
    """A number's text in the department's unit as exact yuan."""
    if unit == "wan_yuan":
        return (number.cast(pl.Decimal(22, 6), strict=False) * 10000).cast(MONEY, strict=False)
    return number.cast(MONEY, strict=False)


def _date(column: pl.Expr, form: str) -> pl.Expr:
    day = column.str.to_date(form, strict=False)
    return pl.when(day.dt.year().is_between(1000, OPEN_END_YEAR - 1)).then(day)


def _common_repairs(reads_as: str) -> list[pl.Expr]:
    text = pl.col("text")
    wide = r"[０-９Ａ-Ｚａ-ｚ]" if reads_as in ("name", "text") else WIDE
    space = r"^\s|\s$|\u00a0|\u3000" if reads_as == "text" else r"\s"
    found = {
        "zero_width": text.str.contains(ZERO_WIDTH),
        "apostrophe": text.str.contains(QUOTES),
        "fullwidth": text.str.contains(wide),
        "space": text.str.contains(space) & (reads_as not in ("date", "month")),
        "rare_character": text.str.contains(r"\p{Co}"),
        "blank_word": pl.col("blank") & (text != ""),
    }
    return [pl.when(expr).then(pl.lit(kind)) for kind, expr in found.items()]


def _read_text(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    dotted = pl.col("text").str.contains(r"[‧•・･∙⋅●．.]") & pl.col("tidy").str.contains("·", literal=True)
    kind = pl.when(dotted).then(pl.lit("middle_dot"))
    return frame.with_columns(value=pl.col("tidy"), error=pl.lit(None, pl.String), kind=kind)


def _read_code(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    folded = {_fold(label): labels[label] for label in reversed(list(labels))}
    known = pl.col("tidy").str.to_uppercase().str.replace_all(" ", "", literal=True)
    value = known.replace_strict(list(folded), list(folded.values()), default=None, return_dtype=pl.String)
    error = pl.when(value.is_null() & pl.col("tidy").is_not_null()).then(pl.lit("code_unknown"))
    written = pl.col("tidy").is_in(list(labels)) | pl.col("text").is_in(list(labels))
    kind = pl.when(value.is_not_null() & written).then(pl.lit("code_alias"))
    return frame.with_columns(value=value, error=error, kind=kind)


def _fold(label: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKC", label).upper().replace(" ", "")


def _read_bool(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    upper = pl.col("tidy").str.to_uppercase()
    value = pl.when(upper.is_in(TRUE_WORDS)).then(True).when(upper.is_in(FALSE_WORDS)).then(False)
    error = pl.when(value.is_null() & upper.is_not_null()).then(pl.lit("bool_unknown"))
    kind = pl.when(value.is_not_null()).then(pl.lit("word_form"))
    return frame.with_columns(value=value, error=error, kind=kind)


def _read_number(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    grouped = pl.col("tidy").str.contains(r"^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.|$|元)")
    worded = pl.col("tidy").str.contains(r"^[¥￥]|元$")
    bare = pl.col("tidy").str.replace(r"^[¥￥]", "").str.replace(r"元$", "").str.strip_chars()
    bare = pl.when(grouped).then(bare.str.replace_all(",", "", literal=True)).otherwise(bare)
    kind = pl.when(grouped).then(pl.lit("thousands")).when(worded).then(pl.lit("unit_word"))
    return frame.with_columns(bare=bare, kind=kind)


def _read_yuan(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    places = 6 if unit == "wan_yuan" else 2
    bare = pl.col("bare")
    shaped = bare.str.contains(r"^[+-]?([0-9]{1,14}(\.[0-9]*)?|\.[0-9]+)$")
    # A spreadsheet writes 0.1+0.2 as 0.30000000000000004: that tail is noise, 12.345 is not.
    noise = bare.str.extract(r"(\.[0-9]+)$").str.len_chars() > 9
    trailing = bare.str.contains(rf"^[+-]?[0-9]*\.[0-9]{{0,{places}}}0*$") | ~bare.str.contains(r"\.")
    rounded = bare.cast(pl.Float64, strict=False).round(places).cast(pl.Decimal(22, places), strict=False)
    exact = pl.when(noise).then(rounded.cast(pl.String)).when(trailing).then(bare)
    value = in_yuan(pl.when(shaped).then(exact), unit)
    bad_form = pl.when(~shaped).then(pl.lit("number_unknown_form")).otherwise(pl.lit("number_decimals"))
    error = pl.when(value.is_null() & bare.is_not_null()).then(bad_form)
    kind = pl.coalesce("kind", pl.when(noise & value.is_not_null()).then(pl.lit("float_noise")))
    return _read_number(frame, labels, unit).with_columns(value=value, error=error, kind=kind)


def _read_int(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    bare = pl.col("bare")
    whole = bare.str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)
    fraction = bare.str.contains(r"^[+-]?[0-9]+\.[0-9]+$")
    wrong = pl.when(fraction).then(pl.lit("number_not_whole")).otherwise(pl.lit("number_unknown_form"))
    error = pl.when(whole.is_null() & bare.is_not_null()).then(wrong)
    return _read_number(frame, labels, unit).with_columns(value=whole, error=error)


def _read_date(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    return _dated(
        frame,
        r"^([0-9]{4})\s*[-./年]\s*([0-9]{1,2})\s*[-./月]\s*([0-9]{1,2})\s*日?$",
        r"^([0-9]{4})([0-9]{2})([0-9]{2})$",
    )


def _read_month(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    day = r"(?:\s*[-./月]\s*([0-9]{1,2})\s*日?|月)?$"
    frame = _dated(frame, r"^([0-9]{4})\s*[-./年]\s*([0-9]{1,2})" + day, r"^([0-9]{4})([0-9]{2})([0-9]{2})?$")
    return frame.with_columns(value=pl.col("value").dt.truncate("1mo"))


def _dated(frame: pl.DataFrame, spaced: str, compact: str) -> pl.DataFrame:
    clock = r"[ T]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-]0[0-9]:?00)?$"
    timed = pl.col("tidy").str.contains(clock)
    frame = frame.with_columns(bare=pl.col("tidy").str.replace(clock, ""), timed=timed)
    frame = frame.with_columns(
        groups=pl.coalesce(_groups(spaced), _groups(compact)),
        serial=pl.col("bare").str.extract(r"^([1-6][0-9]{4})(?:\.0+)?$").cast(pl.Int32),
    )
    year, month, day = (pl.col("groups").struct.field(f"{n}").cast(pl.Int32) for n in (1, 2, 3))
    zero = (year == 0) | pl.col("bare").is_in(["0", "00000000", "000000"])
    open_end = year == OPEN_END_YEAR
    text = pl.format("{}-{}-{}", year, month, day.fill_null(1))
    written = pl.when(year.is_between(1000, OPEN_END_YEAR - 1)).then(
        text.str.to_date("%Y-%m-%d", strict=False)
    )
    value = pl.coalesce(written, EXCEL_DAY_ZERO + pl.duration(days=pl.col("serial")))
    wrong = pl.when(year.is_not_null()).then(pl.lit("date_impossible")).otherwise(pl.lit("date_unknown_form"))
    blank = pl.col("bare").is_null() | zero.fill_null(False) | open_end.fill_null(False)
    kind = (
        pl.when(zero).then(pl.lit("zero_date"))
        .when(open_end).then(pl.lit("open_end"))
        .when(pl.col("serial").is_not_null()).then(pl.lit("date_serial"))
        .when("timed").then(pl.lit("date_with_time"))
        .when(year.is_not_null()).then(pl.lit("date_form"))
    )  # fmt: skip
    return frame.with_columns(value=value, error=pl.when(value.is_null() & ~blank).then(wrong), kind=kind)


def _groups(pattern: str) -> pl.Expr:
    """The pattern's groups as a struct, null where it does not match."""
    return pl.when(pl.col("bare").str.contains(pattern)).then(pl.col("bare").str.extract_groups(pattern))


def _read_id(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    return read_id(frame)


_READERS = {
    "text": _read_text, "name": _read_text, "code": _read_code, "bool": _read_bool, "yuan": _read_yuan,
    "int": _read_int, "date": _read_date, "month": _read_month, "cn_id": _read_id,
    **plain_types.READERS,
}  # fmt: skip
