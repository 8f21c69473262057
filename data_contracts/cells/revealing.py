"""What must not leave the identity boundary, whatever column, text or message it came in.

The one net for numbers of persons: ID numbers, phones and bank cards, alone or inside a longer text, in
full-width digits, with spaces or dashes between them. And the shape of what may leave though no code table
lists it: a place.
"""

from __future__ import annotations

import re
import unicodedata

import polars as pl

from data_contracts.cells.id_numbers import ISSUING, only_valid

# The two digits that a place's code begins with.
PROVINCE = rf"(?:{'|'.join(map(str, (*ISSUING, 71, 81, 82)))})"
# A division's code: of a village twelve digits, of a town nine, of a county six; the first two a province's.
PLACE_SHAPE = rf"^{PROVINCE}([0-9]{{4}}|[0-9]{{7}}|[0-9]{{10}})$"
# No amount, count or share of one family has ten digits before the point; phones, cards and ID numbers do, a
# landline's first zero lost.
LONGEST_AMOUNT = 9
_LONG = rf"^[^0-9.]*[0-9]{{{LONGEST_AMOUNT + 1},}}"
COVERED = "［号码］"
# Digits that people part by spaces, dashes and dots belong together.
_RUN = re.compile(r"[0-9](?:[ \u3000\u00a0._·‐‑‒–—―－-]{0,2}[0-9]){9,}(?:[ -]?[Xx])?")
_MOBILE = re.compile(r"(?:0{0,2}86)?1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(?:0{0,2}86)?0(?:10|2[0-9]|[3-9][0-9]{2})[2-9][0-9]{6,7}")


def may_be_number(text: pl.Expr) -> pl.Expr:
    """Whether a number's text is too long for any amount: a quick look that lets few amounts through."""
    return text.str.len_bytes() > LONGEST_AMOUNT


def is_number_of_somebody(text: pl.Expr) -> pl.Expr:
    """Whether what stands in a column of amounts is too long for one."""
    plain = text.str.normalize("NFKC").str.replace_all(r"[\s,]", "")
    huge = plain.cast(pl.Float64, strict=False).abs() >= 10**LONGEST_AMOUNT  # in E notation, too
    return (plain.str.contains(_LONG) | huge).fill_null(False)


def covered(text: str) -> str:
    """The text with every number of a person in it covered: for whatever is kept or shown outside."""
    shown, end = "", 0
    for found in _RUN.finditer(_plain(text)):
        if reveals(found.group()):
            shown, end = f"{shown}{text[end : found.start()]}{COVERED}", found.end()
    return shown + text[end:]


def reveals(text: str) -> bool:
    """Whether a run of digits holds an ID number, a phone or a bank card."""
    digits = re.sub(r"[^0-9X]", "", _plain(text).upper())
    ids = [digits[at : at + size] for size in (18, 15) for at in range(len(digits) - size + 1)]
    if ids and only_valid(pl.Series(ids, dtype=pl.String)).is_not_null().any():
        return True
    if _MOBILE.search(digits) or _LANDLINE.search(digits):
        return True
    cards = (digits[at : at + size] for size in range(16, 20) for at in range(len(digits) - size + 1))
    return any(card.isdigit() and _passes_luhn(card) for card in cards)


def _plain(text: str) -> str:
    """Digits of any script, and a wide X, as ASCII; every character stays in its place."""
    if text.isascii():
        return text
    return "".join({"Ｘ": "X", "ｘ": "x"}.get(one, str(unicodedata.digit(one, one))) for one in text)


def _passes_luhn(card: str) -> bool:
    doubled = (2 * int(one) for one in card[-2::-2])
    return sum(map(int, card[-1::-2]), sum(n - 9 * (n > 9) for n in doubled)) % 10 == 0
