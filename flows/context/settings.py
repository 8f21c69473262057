"""What an installation decides for itself, in `<home>/settings.yaml`; without the file everything is default.

lists:
  every: month      # month: once a calendar month. delivery: on each day on which files came.
                    # request: only by `zhaoren run --deliver`
  from_day: 1       # with month: not before this day of the month (1 to 28)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhaoren.yaml_lines import Fault, load_yaml, refuse

FILE = "settings.yaml"
EVERY = ("month", "delivery", "request")
# February has no later day in every year: a list of the 30th would have none that month.
LAST_DAY = 28
_KEYS = {"every", "from_day"}


@dataclass(frozen=True)
class ListCalendar:
    """How often lists are made, and from which day of the month on."""

    every: str = "month"
    from_day: int = 1


@dataclass(frozen=True)
class Settings:
    """An installation's own decisions."""

    lists: ListCalendar = ListCalendar()


def load_settings(home: Path) -> Settings:
    """The home's settings. ZhaorenError with file and line for a key or value that nothing acts on."""
    path = home / FILE
    if not path.exists():
        return Settings()
    file = load_yaml(path)
    refuse([file.problem(what, *place) for place, what in _faults(file.data)], "correct the file")
    return Settings(ListCalendar(**((file.data or {}).get("lists") or {})))


def _faults(data: Any) -> Iterator[Fault]:
    if not isinstance(data, dict):
        yield (), "the file holds no settings; the one there is so far is `lists:`"
        return
    yield from (((key,), f"unknown setting {key}; known is lists") for key in data if key != "lists")
    lists = data.get("lists") or {}
    if not isinstance(lists, dict):
        yield ("lists",), f"lists holds {' and '.join(sorted(_KEYS))}"
        return
    for key in lists.keys() - _KEYS:
        yield ("lists", key), f"unknown setting {key}; known are {' and '.join(sorted(_KEYS))}"
    if lists.get("every", "month") not in EVERY:
        yield ("lists", "every"), f"every is {lists['every']}, none of {', '.join(EVERY)}"
    day = lists.get("from_day", 1)
    if isinstance(day, bool) or not isinstance(day, int) or not 1 <= day <= LAST_DAY:
        yield ("lists", "from_day"), f"from_day is {day}, no day from 1 to {LAST_DAY}"
