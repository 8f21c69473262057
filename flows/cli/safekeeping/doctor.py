"""The command that says whether a home is whole."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from flows.cli.terminal.console import explained_errors, line, paragraph, print_json
from flows.cli.terminal.options import HomeOption, JsonOption
from flows.context.home import existing_folder, home_from

SIGNS = {"fine": "ok", "note": "note", "wrong": "WRONG"}


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(doctor)


def doctor(
    home: HomeOption = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every original and every table to the end.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Whether the home is whole: key, modes, vault and warehouse, archive, published file. Changes nothing.

    Ends with exit code 1 when something is wrong.
    """
    from flows.safekeeping.doctor import examine

    with explained_errors(as_json):
        place = home_from(home)
        existing_folder(place.root)
        found = examine(place, deep=deep)
    is_whole = all(one.state != "wrong" for one in found)
    if as_json:
        print_json(
            {"home": str(place.root), "is_whole": is_whole, "findings": [asdict(one) for one in found]}
        )
    else:
        for one in found:
            paragraph(f"{SIGNS[one.state]:5}  {one.area:12}  {one.text}")
            if one.todo:
                paragraph(f"what to do: {one.todo}", indent=7)
        line("The home is whole." if is_whole else "The home is NOT whole.")
    if not is_whole:
        raise typer.Exit(1)
