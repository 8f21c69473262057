"""One row of the stations' hands, cell by cell: each is of its kind and within its limits, or a problem."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from zhaoren.yaml_lines import Problem

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,2})?")


class _Wrong(ValueError):
    """What is wrong with a cell, and what to write instead."""

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(what)
        self.what, self.todo = what, todo


@dataclass(frozen=True)
class Cells:
    """Reads the rows of one file. `words`: exchange/templates/hands.yaml; `town_names`: code -> name."""

    file: str
    words: Mapping[str, Any]
    town_names: Mapping[str, str]

    def read(self, number: int, row: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
        """The row's values by column, and its problems; `number` is its line in the file."""
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for key, column in self.words["columns"].items():
            if column["kind"] == "note" or key not in row:
                continue
            try:
                values[key] = self._value(row[key], column)
            except _Wrong as wrong:
                what = f"{column['zh']}: {wrong.what}"
                problems.append(Problem(self.file, number, what, wrong.todo))
        for what, todo in [] if problems else self._together(values):
            problems.append(Problem(self.file, number, what, todo))
        values.pop("town_name", None)
        return values, problems

    def _value(self, text: str, column: Mapping[str, Any]) -> Any:
        if not text and (column.get("may_be_empty") or column.get("is_optional")):
            return None
        if not text:
            raise _Wrong("the cell is empty", "fill it in; nothing is taken for it")
        kinds: dict[str, Callable[[str, Mapping[str, Any]], Any]] = {
            "code": self._code, "name": _name, "day": _day, "count": _count, "hours": _hours
        }  # fmt: skip
        return kinds[column["kind"]](text, column)

    def _code(self, text: str, _: Mapping[str, Any]) -> str:
        if not re.fullmatch(r"\d{9}", text):
            raise _Wrong(f"“{text}” is no code of a town", "write its nine digits")
        if text not in self.town_names:
            raise _Wrong(
                f"there is no town {text}", "look the code up in the station's list or in divisions/"
            )
        return text

    def _together(self, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What no cell shows alone: the code of another town, an end before the start, hours nobody works."""
        found = []
        name, known = values.get("town_name"), self.town_names[values["town_code"]]
        if name and name != known:
            found.append(
                (
                    f"the code {values['town_code']} is that of {known}, not of {name}",
                    "correct one of the two",
                )
            )
        if values["valid_to"] and values["valid_to"] < values["valid_from"]:
            found.append(("止 lies before 起", "correct one of the two days"))
        most = self.words["most_hours_per_worker"] * values["staff_cnt"]
        if values["hours_month"] > most:
            what = (
                f"{values['hours_month']} hours are more than {values['staff_cnt']} workers have in a month"
            )
            found.append((what, f"write the hours of one month, {most} at most"))
        return found


def _name(text: str, _: Mapping[str, Any]) -> str:
    return text


def _day(text: str, _: Mapping[str, Any]) -> date:
    found = _DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else date.fromisoformat(text)
    except ValueError:
        raise _Wrong(f"“{text}” is no day", "write it as 2026-01-01") from None


def _count(text: str, column: Mapping[str, Any]) -> int:
    number = _number(text, column)
    if number != int(number):
        raise _Wrong(f"“{text}” is no whole number", "write it in digits, without a fraction")
    return int(number)


def _hours(text: str, column: Mapping[str, Any]) -> Decimal:
    return _number(text, column)


def _number(text: str, column: Mapping[str, Any]) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise _Wrong(f"“{text}” is no number", "write it in digits, without a unit")
    number, least, most = Decimal(text), column["least"], column["most"]
    if not least <= number <= most:
        raise _Wrong(
            f"{text} is not between {least} and {most}",
            "write what holds; a station without hands has no row",
        )
    return number
