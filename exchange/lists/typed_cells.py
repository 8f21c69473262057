"""What people type into a list's cells, understood or refused: codes, dates, policies."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

from exchange.lists.masks import cover_text


def read_code(typed: str | None, codes: dict[str, str]) -> str | None:
    """A known code from "20", "20 符合…", "20.0", "２０" or the words alone."""
    text = narrow(typed)
    number = re.match(r"(\d+)(?:\.0+)?(?!\.?\d)", text)
    if number:
        return number[1] if number[1] in codes else None
    same = [code for code, zh in codes.items() if narrow(zh) == text]
    return same[0] if len(same) == 1 else None


def read_benefit(typed: str | None, benefits: dict[str, str]) -> str | None:
    """The benefit_id for its Chinese name or itself; null when not offered."""
    text = narrow(typed)
    same = [benefit for benefit, zh in benefits.items() if text in (narrow(zh), narrow(benefit))]
    return same[0] if same else None


_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]?\d{1,2}:\d\d.*)?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:\.0)?")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_DAY = re.compile(r"(\d{1,2})月(\d{1,2})[日号]?")


def read_date(typed: str | None, as_of: date, today: date) -> date | None:
    """A date from an Excel date, a serial number, or the forms people type; null when unclear."""
    text = narrow(typed)
    if match := _DATE.fullmatch(text) or _COMPACT.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _SERIAL.fullmatch(text):
        return date(1899, 12, 30) + timedelta(days=int(match[1]))
    if match := _DAY.fullmatch(text):  # no year: the one that falls between the list and today
        days = [_day(year, int(match[1]), int(match[2])) for year in range(as_of.year, today.year + 1)]
        fitting = [day for day in days if day and as_of <= day <= today]
        return fitting[0] if fitting else days[0]
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def narrow(text: str | None) -> str:
    """Full-width forms made narrow and all spaces gone."""
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def plain_number(text: str) -> str:
    """3 from "3", "３" or "3.0"."""
    return re.sub(r"\.0+$", "", narrow(text))


def quoted(text: str) -> str:
    """A piece of what was typed, short and without anything that identifies a person."""
    return cover_text(text)[:12]
