"""What an installation decides for itself, in `<home>/settings.yaml`; without the file everything is default.

lists:
  every: month      # month: once a calendar month. delivery: on each day on which files came.
                    # request: only by `zhaoren run --deliver`
  from_day: 1       # with month: not before this day of the month (1 to 28)
work:
  memory: 4GB       # what a run may take in all; else 60 per cent of the machine, 7 GB at most
  runner: local     # who works on the households: local, processes, processes:4 or dask://host:port
keep:               # months that each kind is kept (zhaoren retain --dry-run lists the kinds)
  receipts: 12
  archive: forever
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from zhaoren.yaml_lines import Fault, load_yaml, refuse

FILE = "settings.yaml"
EVERY = ("month", "delivery", "request")
# February has no later day in every year: a list of the 30th would have none that month.
LAST_DAY = 28
_KEYS = {"every", "from_day"}
FOREVER = "forever"


@dataclass(frozen=True)
class ListCalendar:
    """How often lists are made, and from which day of the month on."""

    every: str = "month"
    from_day: int = 1


@dataclass(frozen=True)
class Work:
    """How much memory a run may take, and who works on the parts of a date; None leaves it to us."""

    memory: str | None = None
    runner: str | None = None

    def or_else(self, other: Work) -> Work:
        """These where they are given, the other ones where not."""
        return Work(self.memory or other.memory, self.runner or other.runner)


@dataclass(frozen=True)
class Settings:
    """An installation's own decisions."""

    lists: ListCalendar = ListCalendar()
    work: Work = Work()
    keep: Mapping[str, int | None] = field(default_factory=dict)


def load_settings(home: Path) -> Settings:
    """The home's settings. ZhaorenError with file and line for a key or value that nothing acts on."""
    path = home / FILE
    if not path.exists():
        return Settings()
    file = load_yaml(path)
    refuse([file.problem(what, *place) for place, what in _faults(file.data)], "correct the file")
    data = file.data or {}
    keep = {kind: None if months == FOREVER else months for kind, months in (data.get("keep") or {}).items()}
    lists, work = (data.get(name) or {} for name in ("lists", "work"))
    return Settings(ListCalendar(**lists), Work(**work), keep)


def _faults(data: Any) -> Iterator[Fault]:
    if not isinstance(data, dict):
        yield (), "the file holds no settings; those there are so far are `lists:`, `work:` and `keep:`"
        return
    known = ("lists", "work", "keep")
    yield from (
        ((key,), f"unknown setting {key}; known are lists, work and keep") for key in data if key not in known
    )
    yield from _faults_of_keep(data.get("keep") or {})
    yield from _faults_of_work(data.get("work") or {})
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


def _faults_of_work(work: Any) -> Iterator[Fault]:
    known = {field.name for field in fields(Work)}
    if not isinstance(work, dict):
        yield ("work",), f"work holds {' and '.join(sorted(known))}"
        return
    for key, value in work.items():
        if key not in known:
            yield ("work", key), f"unknown setting {key}; known are {' and '.join(sorted(known))}"
        elif not isinstance(value, str):
            yield ("work", key), f"{key} is {value}, no text such as 4GB or local"


def _faults_of_keep(keep: Any) -> Iterator[Fault]:
    if not isinstance(keep, dict):
        yield ("keep",), "keep holds a kind and its months on each line"
        return
    for kind, months in keep.items():
        is_number = isinstance(months, int) and not isinstance(months, bool) and months >= 1
        if months != FOREVER and not is_number:
            yield ("keep", kind), f"{kind} is kept {months}, neither months from 1 on nor {FOREVER}"
