"""Options that several commands share, each explained once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from zhaoren.errors import ZhaorenError

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="The home folder; default ZHAOREN_HOME, else ./var.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]
ByOption = Annotated[
    str | None,
    typer.Option("--by", help="Who asks, for the record; default ZHAOREN_BY, else the login name."),
]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="A date, YYYY-MM-DD.")]
PlainOption = Annotated[bool, typer.Option("--plain", help="Run the steps without Prefect.")]

MemoryOption = Annotated[
    str | None,
    typer.Option("--memory", help="What the run may take in all, as 4GB; default: settings.yaml, else 60 %."),
]
RunnerOption = Annotated[
    str | None,
    typer.Option(
        "--runner",
        help="Who works on the households: local, processes, processes:4, dask://host:port; "
        "default: settings.yaml, else local.",
    ),
]


# Nothing that a command asks about lies further off; days are counted on from what is typed.
_FIRST_YEAR, _LAST_YEAR = 1949, 2199


def optional_date(text: str | None) -> date | None:
    """The date a user typed, or None where they left it to us."""
    return None if text is None else as_date(text)


def as_date(text: str) -> date:
    """The date a user typed. Raises ZhaorenError when it is none, or none that lists can be of."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ZhaorenError(f"“{text}” is not a date.", "", str(error), "Write it as YYYY-MM-DD.") from error
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        why = f"A year from {_FIRST_YEAR} to {_LAST_YEAR} is expected."
        raise ZhaorenError(f"“{text}” cannot be meant.", "", why, "See whether the year was mistyped.")
    return day


def there(path: Path, folders_only: bool = False) -> Path:
    """What a user named. Raises ZhaorenError when it is not there, or no folder where one must be."""
    if not path.exists():
        raise ZhaorenError("There is no such file or folder.", str(path), "", "Check the path.")
    if folders_only and not path.is_dir():
        raise ZhaorenError("This is no folder.", str(path), "A folder is expected there.", "Check the path.")
    return path
