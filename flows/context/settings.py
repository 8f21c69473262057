"""What an installation decides for itself, in `<home>/settings.yaml`; without the file everything is default.

lists:
  every: month      # month: once a calendar month. delivery: on each day on which files came.
                    # request: only by `zhaoren run --deliver`
  from_day: 1       # with month: not before this day of the month (1 to 28)
  pdf: true         # each run also writes the lists as PDF (0.7 s a station); else `zhaoren print` does
work:
  memory: 4GB       # what a run may take in all; else 60 per cent of the machine, 7 GB at most
  runner: local     # who works on the households: local, processes, processes:4 or dask://host:port
  shard: 20000      # households that are worked on at a time; else as many as the memory holds
  shards: s3://bucket/zhaoren    # where workers on other machines find them; else the home's scratch
publish:            # also for other machines, as snapshots of a lake (DuckLake); without it the file alone
  lake: "postgres:dbname=zhaoren host=db user=zhaoren"    # the password is libpq's to know (~/.pgpass)
  data: /mnt/lake
keep:               # months that each kind is kept (zhaoren retain --dry-run lists the kinds)
  receipts: 12
  archive: forever
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from typing import Any

from warehouse.publishing.lake import Lake
from zhaoren.yaml_lines import Fault, load_yaml, refuse

FILE = "settings.yaml"
EVERY = ("month", "delivery", "request")
# February has no later day in every year: a list of the 30th would have none that month.
LAST_DAY = 28
_KEYS = {"every", "from_day", "pdf"}
_KNOWN = ("lists", "work", "publish", "keep")
FOREVER = "forever"


@dataclass(frozen=True)
class ListCalendar:
    """How often lists are made, from which day of the month on, and whether each run prints them, too."""

    every: str = "month"
    from_day: int = 1
    pdf: bool = False


@dataclass(frozen=True)
class WorkSettings:
    """How much memory a run may take, and who works on the parts of a date; None leaves it to us."""

    memory: str | None = None
    runner: str | None = None
    shard: int | None = None
    shards: str | None = None

    def or_else(self, other: WorkSettings) -> WorkSettings:
        """These where they are given, the other ones where not."""
        return WorkSettings(
            *(mine or others for mine, others in zip(astuple(self), astuple(other), strict=True))
        )


@dataclass(frozen=True)
class Settings:
    """An installation's own decisions."""

    lists: ListCalendar = ListCalendar()
    work: WorkSettings = WorkSettings()
    lake: Lake | None = None
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
    publish = data.get("publish") or {}
    lake = Lake(publish["lake"], publish["data"]) if publish else None
    return Settings(ListCalendar(**lists), WorkSettings(**work), lake, keep)


def _faults(data: Any) -> Iterator[Fault]:
    if not isinstance(data, dict):
        yield (), f"the file holds no settings; those there are so far are {', '.join(_KNOWN)}"
        return
    for key in data:
        if key not in _KNOWN:
            yield (key,), f"unknown setting {key}; known are {', '.join(_KNOWN)}"
    yield from _faults_of_keep(data.get("keep") or {})
    yield from _faults_of_work(data.get("work") or {})
    yield from _faults_of_publish(data.get("publish") or {})
    lists = data.get("lists") or {}
    if not isinstance(lists, dict):
        yield ("lists",), f"lists holds {' and '.join(sorted(_KEYS))}"
        return
    for key in lists.keys() - _KEYS:
        yield ("lists", key), f"unknown setting {key}; known are {' and '.join(sorted(_KEYS))}"
    if lists.get("every", "month") not in EVERY:
        yield ("lists", "every"), f"every is {lists['every']}, none of {', '.join(EVERY)}"
    if not isinstance(lists.get("pdf", False), bool):
        yield ("lists", "pdf"), f"pdf is {lists['pdf']}, neither true nor false"
    day = lists.get("from_day", 1)
    if isinstance(day, bool) or not isinstance(day, int) or not 1 <= day <= LAST_DAY:
        yield ("lists", "from_day"), f"from_day is {day}, no day from 1 to {LAST_DAY}"


def _faults_of_work(work: Any) -> Iterator[Fault]:
    known = {field.name for field in fields(WorkSettings)}
    if not isinstance(work, dict):
        yield ("work",), f"work holds {' and '.join(sorted(known))}"
        return
    for key, value in work.items():
        if key not in known:
            yield ("work", key), f"unknown setting {key}; known are {' and '.join(sorted(known))}"
        elif key == "shard" and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            yield ("work", key), f"shard is {value}, no number of households"
        elif key != "shard" and not isinstance(value, str):
            yield ("work", key), f"{key} is {value}, no text such as 4GB or local"


def _faults_of_publish(publish: Any) -> Iterator[Fault]:
    known = {"lake", "data"}
    if publish and (not isinstance(publish, dict) or publish.keys() != known):
        yield ("publish",), "publish holds lake, where the catalogue is, and data, where the rows lie"
        return
    for key, value in (publish or {}).items():
        if not isinstance(value, str):
            yield ("publish", key), f"{key} is {value}, no text"
        elif key == "lake" and "password" in value.lower():
            yield ("publish", key), "a password stands in it: libpq finds it in ~/.pgpass or PGPASSFILE"


def _faults_of_keep(keep: Any) -> Iterator[Fault]:
    if not isinstance(keep, dict):
        yield ("keep",), "keep holds a kind and its months on each line"
        return
    for kind, months in keep.items():
        is_number = isinstance(months, int) and not isinstance(months, bool) and months >= 1
        if months != FOREVER and not is_number:
            yield ("keep", kind), f"{kind} is kept {months}, neither months from 1 on nor {FOREVER}"
