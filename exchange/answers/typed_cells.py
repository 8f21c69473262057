"""What people type into a list's cells, understood or refused: codes, dates, policies, who went."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

from exchange.answers.problems import Fault, quoted
from exchange.digests import narrow

CHINA = timedelta(hours=8)
_CODE = re.compile(r"([0-9]+)(?:\.0+)?(?![0-9.])(.*)", re.S)
_DOUBT = "?？!！+＋/／|｜&=≠"
_NOT_A_NAME = {"无", "不详", "同上", "略", "没有", "未填", "空", "社工", "本人"}


def read_code(typed: str | None, codes: dict[str, str]) -> tuple[str | None, Fault | None]:
    """The one code that was plainly meant: "20", "20.0", "２０", "20 符合…" in its own words, or these alone.

    Two codes, words of another code, or a doubt is a fault: the one who went has to say.
    """
    typed = typed or ""
    text = unicodedata.normalize("NFKC", typed).strip()
    if not text:
        return None, Fault("no_code", "填了内容，但没有选结果代码，本行未收。")
    if match := _CODE.fullmatch(text):
        return _numbered(match[1], match[2], typed, codes)
    if re.fullmatch(r"[0-9.]+", text):
        return None, _unknown(typed)
    same = [code for code, zh in codes.items() if _letters(zh) == _letters(text)]
    if len(same) == 1 and not set(text) & set(_DOUBT):
        return same[0], None
    if any(code in re.findall(r"[0-9]+", text) for code in codes):
        return None, _unclear(typed)
    return None, _unknown(typed)


def _numbered(number: str, rest: str, typed: str, codes: dict[str, str]) -> tuple[str | None, Fault | None]:
    if re.search(r"[0-9]", rest):
        said = f"结果代码“{quoted(typed)}”不止一个代码，请只填一个，本行未收。"
        return None, Fault("two_codes", said)
    if number not in codes:
        return None, _unknown(typed)
    words, own = _letters(rest), _letters(codes[number])
    is_other = any(words == _letters(zh) for code, zh in codes.items() if code != number)
    is_own = own.startswith(words) and (len(words) > 1 or not words) and not is_other
    if not is_own or set(rest) & set(_DOUBT) or (not words and rest.strip(" 。.\n\t")):
        return None, _unclear(typed)
    return number, None


def _letters(text: str) -> str:
    """Letters and characters alone, without spaces and punctuation."""
    return re.sub(r"[\W_]+", "", narrow(text))


def _unclear(typed: str) -> Fault:
    said = (
        f"结果代码“{quoted(typed)}”看不准是哪一个：请只填一个代码，或从下拉列表里选，不加别的字，本行未收。"
    )
    return Fault("unclear_code", said)


def _unknown(typed: str) -> Fault:
    return Fault("unknown_code", f"结果代码“{quoted(typed)}”不在代码表里，本行未收。")


def read_benefit(typed: str | None, benefits: dict[str, str]) -> str | None:
    """The benefit_id for its Chinese name or itself; null when not offered."""
    text = narrow(typed)
    same = [benefit for benefit, zh in benefits.items() if text in (narrow(zh), narrow(benefit))]
    return same[0] if same else None


_TIME = r"(?:[T ]?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?|上午|下午|中午|早上|晚上|傍晚)?"
_DATE = re.compile(rf"([0-9]{{4}})[-/.年]([0-9]{{1,2}})[-/.月]([0-9]{{1,2}})[日号]?{_TIME}")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:\.0)?")
_SERIAL = re.compile(r"([0-9]{5})(?:\.[0-9]+)?")
_DAY = re.compile(rf"([0-9]{{1,2}})月([0-9]{{1,2}})[日号]?{_TIME}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9]{2}:?[0-9]{2})")


def read_date(typed: str | None, as_of: date, today: date, is_1904: bool = False) -> date | None:
    """A date from an Excel date, a serial number, or the forms people type; null when unclear.

    A serial number counts by the workbook's own date system; an instant with an offset is the day it was in
    China. Without a year it is the one that falls between the list and today.
    """
    text = narrow(typed)
    if match := _DATE.fullmatch(text) or _COMPACT.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _SERIAL.fullmatch(text):
        return (date(1904, 1, 1) if is_1904 else date(1899, 12, 30)) + timedelta(days=int(match[1]))
    if _INSTANT.fullmatch(text):
        return _instant(text)
    if match := _DAY.fullmatch(text):
        return _without_year(int(match[1]), int(match[2]), as_of, today)
    return None


def _instant(text: str) -> date | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment - (moment.utcoffset() or timedelta()) + CHINA).date()
    except (ValueError, OverflowError):
        return None


def _without_year(month: int, day: int, as_of: date, today: date) -> date | None:
    years = range(as_of.year, max(today.year, as_of.year) + 1)
    days = [found for year in years if (found := _day(year, month, day))]
    fitting = [found for found in days if as_of <= found <= today]
    if len(fitting) > 1:
        return None  # the list is over a year old: either may be meant
    return fitting[0] if fitting else next(iter(days), None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def date_faults(typed: str | None, found: date | None, as_of: date, today: date) -> list[Fault]:
    """What is wrong with the date of a line: none, unclear, before the list, or after today."""
    if not typed:
        return [Fault("no_date", "没有填日期，本行未收。")]
    if found is None:
        said = f"日期“{quoted(typed)}”看不懂，请只写一个日期，写成 {as_of} 这样，本行未收。"
        return [Fault("unclear_date", said)]
    if found < as_of:
        return [Fault("date_before_list", f"日期 {found} 早于名单日期 {as_of}，本行未收。")]
    if found > today:
        return [Fault("date_after_today", f"日期 {found} 晚于今天 {today}，本行未收。")]
    return []


def worker_faults(typed: str | None, who_zh: str) -> list[Fault]:
    """Somebody has to stand for a result: a name, not a stroke and not "同上"."""
    name = _letters(typed or "")
    if not name or name in _NOT_A_NAME or name.isdigit():
        return [Fault("no_worker", f"没有填{who_zh}，本行未收。")]
    return []


def plain_number(text: str) -> str:
    """3 from "3", "３" or "3.0"."""
    return re.sub(r"\.0+$", "", narrow(text))
