"""One cell as somebody typed it: what it means, or why it cannot be taken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from exchange.answers.notes import note_faults
from exchange.answers.numbers import holds_number
from exchange.answers.problems import Fault, quoted
from exchange.answers.side_sheets import Cell
from exchange.answers.typed_cells import date_faults, read_date, worker_faults
from exchange.digests import narrow

LATEST_DAYS = 2 * 366  # nothing is agreed for a day further off
MOST_PEOPLE, MOST_YUAN = 100_000, Decimal(100_000_000)
Read = tuple[Any, list[Fault]]


@dataclass(frozen=True)
class Reading:
    """What a sheet's cells are read with: the bounds of its days, and the words of each drop-down."""

    earliest: date
    as_of: date
    today: date
    is_1904: bool
    choices: Mapping[str, Mapping[str, str]]

    def value(self, cell: Cell, typed: str | None) -> Read:
        """What the cell means; null and no fault where it is empty and may be."""
        if typed is None or not narrow(typed):
            said = f"没有填“{cell.heading}”，本行未收。"
            return None, [Fault("cell_empty", said)] if cell.is_needed else []
        return _READERS[cell.kind](self, cell, typed)


def _case(_: Reading, cell: Cell, typed: str) -> Read:
    return re.sub(r"\.0+$", "", narrow(typed)), []


def _day(reading: Reading, cell: Cell, typed: str) -> Read:
    day = read_date(typed, reading.earliest, reading.today, reading.is_1904)
    return day, date_faults(typed, day, reading.earliest, reading.today)


def _later(reading: Reading, cell: Cell, typed: str) -> Read:
    """An agreed day may have passed by the time the list comes back, but not before the list was made."""
    latest = reading.today + timedelta(days=LATEST_DAYS)
    day = read_date(typed, reading.as_of, reading.as_of + timedelta(days=364), reading.is_1904)
    if day is None:
        said = f"“{cell.heading}”里的“{quoted(typed)}”看不懂，请写成 {reading.as_of} 这样，本行未收。"
        return None, [Fault("unclear_date", said)]
    if not reading.earliest <= day <= latest:
        said = f"“{cell.heading}” {day} 不在 {reading.earliest} 到 {latest} 之间，本行未收。"
        return None, [Fault("date_out_of_range", said)]
    return day, []


def _choice(reading: Reading, cell: Cell, typed: str) -> Read:
    """The one choice that was plainly meant: its own words, its code, or both."""
    offered, text = reading.choices.get(cell.group, {}), _letters(typed)
    meant = {code for code, zh in offered.items() if text in (_letters(zh), code, code + _letters(zh))}
    if len(meant) == 1:
        return meant.pop(), []
    number = re.match(r"[0-9]+", text)
    if number and number[0] in offered and _letters(offered[number[0]]).startswith(text[number.end() :]):
        return number[0], []
    said = f"“{cell.heading}”里的“{quoted(typed)}”不在可选范围，请从下拉列表里选一个，本行未收。"
    return None, [Fault("not_a_choice", said)]


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", narrow(text)).lower()


def _text(_: Reading, cell: Cell, typed: str) -> Read:
    return unicodedata.normalize("NFKC", typed).strip(), []


def _note(_: Reading, cell: Cell, typed: str) -> Read:
    return typed, note_faults(typed, cell.heading)


def _worker(_: Reading, cell: Cell, typed: str) -> Read:
    if holds_number(typed):
        said = f"“{cell.heading}”里有身份证号、电话或银行卡号，请只写名字，本行未收。"
        return None, [Fault("forbidden_number", said)]
    return typed, worker_faults(typed, cell.heading)


def _person(_: Reading, cell: Cell, typed: str) -> Read:
    if holds_number(typed) or not _letters(typed) or _letters(typed).isdigit():
        said = f"“{cell.heading}”里请只写文字，不写号码，本行未收。"
        return None, [Fault("not_a_name", said)]
    return typed.strip(), []


def _id_number(_: Reading, cell: Cell, typed: str) -> Read:
    return re.sub(r"[-\s]", "", unicodedata.normalize("NFKC", typed)).upper(), []


def _count(_: Reading, cell: Cell, typed: str) -> Read:
    match = re.fullmatch(r"([0-9,]+)(?:\.0+)?(?:人次|人|名|个)?", narrow(typed))
    count = int(match[1].replace(",", "") or -1) if match and match[1].strip(",") else -1
    if not 0 <= count <= MOST_PEOPLE:
        said = f"“{cell.heading}”里的“{quoted(typed)}”不是人数，请只写数字，本行未收。"
        return None, [Fault("not_a_count", said)]
    return count, []


def _yuan(_: Reading, cell: Cell, typed: str) -> Read:
    match = re.fullmatch(r"[¥]?([0-9,]+(?:\.[0-9]+)?)元?", narrow(typed))
    try:
        yuan = Decimal(match[1].replace(",", "")) if match else None
    except InvalidOperation:
        yuan = None
    if yuan is None or yuan > MOST_YUAN or yuan != round(yuan, 2):
        said = f"“{cell.heading}”里的“{quoted(typed)}”不是金额，请只写数字（单位：元），本行未收。"
        return None, [Fault("not_an_amount", said)]
    return yuan, []


_READERS: dict[str, Callable[[Reading, Cell, str], Read]] = {
    "case": _case, "day": _day, "later": _later, "choice": _choice, "text": _text, "note": _note,
    "worker": _worker, "count": _count, "yuan": _yuan, "id_number": _id_number, "person": _person,
    "place": _person,
}  # fmt: skip
