r"""Cells with no value or a spoilt one, whatever their column: null words, spreadsheet errors, lost digits.

One list of each, so that a word that means "empty" in one column means it in all of them. What is spoilt is
never taken for a value: a rounded number is the same for many families, and so is `#REF!`.
"""

from __future__ import annotations

import polars as pl

# Words that stand for an empty cell, as people write them.
BLANKS = (
    *("", "无", "空", "没有", "暂无", "不详", "未知", "(空)", "（空）"),
    *("-", "--", "—", "——", "–", "－", "/", "\\", "N/A", "n/a", "#N/A", "NA"),
)
# Words that databases and programs write for an empty cell: MySQL and Postgres dumps \N, pandas <NA> and NaT,
# Go <nil>, JavaScript undefined. NA alone counts in capitals only, since Na is also a name.
NULL_WORD = (
    r"(?i:^[<\[(（【]?\s*(?:null|none|nan|nat|nil|undefined|unset)\s*[>\])）】]?$|^[<\[(]na[>\])]$)|^\\[Nn]$"
)
# Excel's, WPS's and LibreOffice's failed formulas; ##### is a number that its column was too narrow to show.
_ERROR_NAMES = (
    *("REF", "VALUE", "NAME", "DIV/0", "NULL", "NUM", "SPILL", "CALC", "FIELD", "BLOCKED", "CONNECT"),
    *("BUSY", "UNKNOWN", "EXTERNAL", "PYTHON", "TIMEOUT", "GETTING_DATA", "DATA"),
)
CELL_ERROR = rf"(?i:^[#＃](?:{'|'.join(_ERROR_NAMES)})[!！?？]?$|^Err:[0-9]{{3}}$)|^#{{3,}}$"
# A long number that a spreadsheet or program wrote as a number: 4.45224E+14, 4e+17, 4.45224202300001e17.
# A code such as 12E3 is none: they write one digit before the point, and a sign where there is no point.
SCIENTIFIC = (
    r"^-?[1-9](?:[.．,，][0-9]+)?\s*[eEＥｅ]\s*[+＋][0-9]{1,4}$|^-?[1-9][.．,，][0-9]+\s*[eEＥｅ][0-9]{1,4}$"
)
FLOAT_TAIL = r"^[0-9]+[.．]0*$"
# A number as a spreadsheet shows it in groups of three: no key has commas, and its leading zeros are gone.
GROUPED = r"^[0-9]{1,3}(?:[,，][0-9]{3})+(?:[.．]0*)?$"
# A number of 17 to 20 digits of which all behind the fifteenth are zeros, as a spreadsheet writes one
# that it holds as a number. One of them may be whole; a column of them is not.
ZERO_TAIL = r"^[1-9][0-9]{14}0{2,5}$"
# Of whole ID numbers about one in 1,100 ends in three zeros: its order and its check digit happen to.
# In a column with a number in E notation, ten times as many are no chance.
HONEST_TAILS = 0.01
_LOOKED_AT = 100  # numbers of a column that are looked at before all are
# Marks left where a character could not be converted: U+FFFD, GBK read as UTF-8 and the reverse, memory never
# written to, boxes, and entities of a web page.
LOST_CHARACTER = r"\x{FFFD}|锟斤|斤拷|烫烫|屯屯|锘|&#x?[0-9A-Fa-f]+;|[□▯〓]"
# A question mark beside a Chinese character is such a mark in a name, though not in a sentence.
LOST_IN_NAME = LOST_CHARACTER + r"|\p{Han}\s*[?？]|[?？]\s*\p{Han}|^[?？]+$"
# Dates, amounts and numbers that slid into the column of names: four digits together, or not one letter.
NOT_A_NAME = r"[0-9０-９]{4}|^\P{L}+$"

# What the quick reading of a text must leave to the slow one, and what no whole number shows.
ODD = rf"{NULL_WORD}|{CELL_ERROR}|{SCIENTIFIC}|{FLOAT_TAIL}|{GROUPED}|{LOST_CHARACTER}"


def is_whole(text: pl.Expr) -> pl.Expr:
    """Whether a number that identifies or keys something shows no sign of lost digits or characters."""
    return ~text.str.contains(ODD)


def rounded_together(numbers: pl.Series) -> pl.Series | None:
    """Where a column of long numbers shows that it was held as numbers, which lost their last digits.

    Nothing in such a cell tells: 445224193103155000 may be whole, and one in eleven ID numbers so made passes
    its check. The column tells: most of its long numbers end in zeros behind the fifteenth digit, or more
    than chance explains do and others are written as 4.45224E+17, or all are numbers that a double holds
    exactly (one in 64 is). None where the column shows nothing of the kind.
    """
    ends = numbers.str.ends_with("00")
    if int(ends.sum()) * 2 > len(numbers) - numbers.null_count():
        zeros = _zero_tailed(numbers)
        found = numbers.filter(zeros)
        if found.n_unique() > 1 or len(found) > 4:  # one family may well have such a number
            return zeros
    tailed = int(numbers.filter(ends).str.contains(ZERO_TAIL).sum())
    if tailed > HONEST_TAILS * len(numbers) and _has_scientific(numbers):
        return _zero_tailed(numbers)
    return _held_as_doubles(numbers)


def _zero_tailed(numbers: pl.Series) -> pl.Series:
    return numbers.str.strip_chars().str.contains(ZERO_TAIL).fill_null(False)


def _has_scientific(numbers: pl.Series) -> bool:
    few = numbers.filter(numbers.str.contains("[eEＥｅ]"))
    return bool(few.str.contains(SCIENTIFIC).any())


def _held_as_doubles(numbers: pl.Series) -> pl.Series | None:
    """Where a column has three or more numbers of 18 digits, each of them exactly a double."""
    few = numbers.drop_nulls().head(_LOOKED_AT).unique()
    if few.len() < 3 or not _is_double(few).all():
        return None
    doubles = _is_double(numbers)
    return doubles if bool((doubles | numbers.is_null()).all()) else None


def _is_double(numbers: pl.Series) -> pl.Series:
    whole = numbers.str.strip_chars().str.extract("^([1-9][0-9]{17})$").cast(pl.Int64, strict=False)
    return (whole.cast(pl.Float64).cast(pl.Int64, strict=False) == whole).fill_null(False)


def is_blank(tidy: pl.Expr) -> pl.Expr:
    """Whether a tidied text stands for an empty cell."""
    return tidy.is_in(BLANKS) | tidy.str.contains(NULL_WORD)


def damage(tidy: pl.Expr, reads_as: str, is_number: bool) -> pl.Expr:
    """The error of a cell that is spoilt however it is read, else null (keys of messages.ERRORS).

    `is_number`: the column's text is a number that identifies or keys something (a household, a record, a
    card, a phone). There a rounded one is damage, as in an ID number; 1.0 may have been 0001.
    """
    kinds = {"cell_error": CELL_ERROR}
    if is_number:
        kinds |= {"id_scientific": SCIENTIFIC, "id_float": FLOAT_TAIL, "id_characters": GROUPED}
    if reads_as in ("text", "name"):
        kinds["text_garbled"] = LOST_IN_NAME if reads_as == "name" else LOST_CHARACTER
    if reads_as == "name":
        kinds["name_not_one"] = NOT_A_NAME
    return pl.coalesce(pl.when(tidy.str.contains(form)).then(pl.lit(error)) for error, form in kinds.items())
