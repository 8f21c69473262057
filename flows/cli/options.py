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
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="A date, YYYY-MM-DD.")]
PlainOption = Annotated[bool, typer.Option("--plain", help="Run the steps without Prefect.")]


def optional_date(text: str | None) -> date | None:
    """The date a user typed, or None where they left it to us."""
    return as_date(text) if text else None


def as_date(text: str) -> date:
    """The date a user typed. Raises ZhaorenError when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ZhaorenError(f"“{text}” is not a date.", "", str(error), "Write it as YYYY-MM-DD.") from error
