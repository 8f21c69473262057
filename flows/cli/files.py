"""Commands about single files and numbers: peek, id."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.terminal.console import explained_errors, print_json, table
from flows.cli.terminal.options import HomeOption, JsonOption
from flows.context.home import existing_folder, home_from

FileArgument = Annotated[Path, typer.Argument(help="A delivery: CSV, XLSX, XLS, Parquet; also packed.")]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(peek)
    app.command("id")(id_numbers)


def peek(file: FileArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show how a file would be read, against which contract, and why. No cell values are shown."""
    with explained_errors(as_json):
        root = home_from(home).root
        found = look_into(file, root if home is None else existing_folder(root))
    if as_json:
        print_json(found)
        return
    damage = found.pop("looks_damaged")
    table(file.name, ["what", "value"], [(name, _in_words(value)) for name, value in found.items()])
    if damage:
        rows = [(column, kind, count) for column, kinds in damage.items() for kind, count in kinds.items()]
        table("looks damaged", ["column", "how", "cells"], rows)


def _in_words(value: Any) -> Any:
    """A value of many parts on one line; long ones cut."""
    if isinstance(value, dict):
        value = [f"{old} → {new}" for old, new in value.items()]
    if isinstance(value, list):
        more = f" and {len(value) - 40} more" if len(value) > 40 else ""
        return "、".join(map(str, value[:40])) + more
    return value


def look_into(file: Path, home: Path) -> dict[str, Any]:
    """How the file would be read by the contracts shipped and those the home adds.

    Cell values are not among it, since they may name people.
    """
    from exchange.deliveries.peeking import peek as look
    from flows.context.rulebook import load_rulebook

    return look(file, load_rulebook(home).contracts)


def id_numbers(
    numbers: Annotated[
        list[str] | None, typer.Argument(help="Numbers to look at; without any: one a line, from stdin.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is right or wrong about ID numbers; nothing is stored or looked up.

    Errors make a number invalid (and the exit code 1); warnings do not. A command line stands in the shell's
    history and in the list of processes: a person's number belongs on stdin.
    """
    with explained_errors(as_json):
        numbers = numbers or [line.strip() for line in sys.stdin if line.strip()]
        # A byte that is no text must not stop the numbers beside it.
        numbers = [number.encode("utf-8", "replace").decode() for number in numbers]
        found = look_at(numbers, datetime.now().astimezone().date())
    if as_json:
        print_json(found)
    else:
        columns = ["number", "kind", "valid", "errors", "warnings", "normal"]
        table("ID numbers", columns, [tuple(_joined(one[c]) for c in columns) for one in found])
    if not all(one["valid"] for one in found):
        raise typer.Exit(1)


def _joined(value: Any) -> Any:
    return "；".join(value) if isinstance(value, list) else value


def look_at(numbers: list[str], on: date) -> list[dict[str, Any]]:
    """One finding per number, in order: report_numbers' columns, errors and warnings as sentences.

    A birth after `on` is an error.
    """
    import polars as pl

    from data_contracts.cells.id_findings import report_numbers
    from data_contracts.rules.messages import ERRORS, WARNINGS
    from divisions import area_codes

    found = report_numbers(pl.Series(numbers, dtype=pl.String), area_codes(), on).to_dicts()
    for one in found:
        one["errors"] = [ERRORS[error] for error in one["errors"]]
        one["warnings"] = [WARNINGS[warning] for warning in one["warnings"]]
        one["birth_date"] = one["birth_date"] and str(one["birth_date"])
    return found
