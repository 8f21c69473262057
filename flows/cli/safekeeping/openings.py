"""The command that shows who opened the vault."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.terminal.console import line, opened, print_json
from flows.cli.terminal.options import HomeOption, JsonOption


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(openings)


def openings(
    last: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 50,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who opened the vault or an archived original, when, by which command and what for; refusals as well."""
    from warehouse.queries.openings import openings as newest

    with opened(home, as_json) as site:
        found = newest(site.con, last)
    if as_json:
        print_json(found.to_dicts())
        return
    for at, who, command, purpose, as_of, subject, result, code in found.rows():
        said = " ".join(part for part in (purpose, subject, f"of {as_of}") if part)
        refused = "" if result == "opened" else f": {result} ({code})"
        line(f"{at}  {who or 'unknown'}  {command or '-'}  {said}{refused}")
