"""The command print: the stations' lists of a date as A4 PDF."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.terminal.console import line, opened, print_json
from flows.cli.terminal.options import AsOfOption, ByOption, HomeOption, JsonOption, optional_date

TownOption = Annotated[
    str | None, typer.Option("--town", help="One station, by its town's nine digits; default: all.")
]


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command("print")(print_lists)


def print_lists(
    as_of: AsOfOption = None,
    town: TownOption = None,
    by: ByOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """The stations' lists of a date as PDF on A4, beside their workbooks; the newest date unless told."""
    from flows.actions.printing import print_date

    with opened(home, as_json, by) as site:
        written = print_date(site, optional_date(as_of), town)
    if as_json:
        print_json([str(path) for path in written])
        return
    for path in written:
        line(str(path))
