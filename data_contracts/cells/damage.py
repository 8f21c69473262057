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
SCIENTIFIC = r"^[1-9](?:\.[0-9]+)?[eE]\+[0-9]{1,3}$|^[1-9]\.[0-9]+[eE][0-9]{1,3}$"
FLOAT_TAIL = r"^[0-9]+\.0*$"
# Marks left where a character could not be converted: U+FFFD, GBK read as UTF-8 and the reverse, memory never
# written to, boxes, and entities of a web page.
LOST_CHARACTER = r"\x{FFFD}|锟斤|斤拷|烫烫|屯屯|锘|&#x?[0-9A-Fa-f]+;|[□▯〓]"
# A question mark beside a Chinese character is such a mark in a name, though not in a sentence.
LOST_IN_NAME = LOST_CHARACTER + r"|\p{Han}\s*[?？]|[?？]\s*\p{Han}|^[?？]+$"

# What the quick reading of a text must leave to the slow one.
ODD = rf"{NULL_WORD}|{CELL_ERROR}|{SCIENTIFIC}|{FLOAT_TAIL}|{LOST_CHARACTER}"


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
        kinds |= {"id_scientific": SCIENTIFIC, "id_float": FLOAT_TAIL}
    if reads_as in ("text", "name"):
        kinds["text_garbled"] = LOST_IN_NAME if reads_as == "name" else LOST_CHARACTER
    return pl.coalesce(pl.when(tidy.str.contains(form)).then(pl.lit(error)) for error, form in kinds.items())
