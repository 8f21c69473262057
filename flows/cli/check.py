"""The command `check`: any contract on any file, ours or other people's; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.terminal.console import explained_errors, out, print_json, table
from flows.cli.terminal.options import JsonOption, optional_date


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(check)


def check(
    *,
    file: Annotated[Path, typer.Argument(help="The file, in any format or encoding that `peek` can read.")],
    contract: Annotated[
        str, typer.Option(help="A contract's YAML file (any ODCS 3), or the id department.extract of ours.")
    ],
    schema: Annotated[
        str | None, typer.Option(help="Which table of a contract with several; default: whose headers fit.")
    ] = None,
    rows_only: Annotated[
        bool, typer.Option("--rows-only", help="Leave out the rules on the whole delivery (saves seconds).")
    ] = False,
    receipt: Annotated[
        Path | None, typer.Option("--out", help="Folder to write the faulty rows to, as a receipt.")
    ] = None,
    reference: Annotated[
        list[str] | None,
        typer.Option(help="TABLE=FILE of another table that this one refers to; repeatable."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", help="The day the file came, YYYY-MM-DD: nothing in it happened later. Default today."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check any file against any contract: rows in, good, faulty, and the count of every broken rule.

    Ends with 0 when no rule is broken, 1 when one is (notes do not count), 2 when the command is misspelt.
    """
    from flows.context.site import local_now
    from flows.queries.checking import check_file

    with explained_errors(as_json):
        found = check_file(
            file,
            contract,
            schema=schema,
            rows_only=rows_only,
            receipt=receipt,
            references=reference or (),
            known=optional_date(as_of) or local_now().date(),
        )
    if as_json:
        print_json(found)
    else:
        _show(file, found)
    if not found["passed"]:
        raise typer.Exit(1)


def _show(file: Path, found: Mapping[str, Any]) -> None:
    from flows.queries.checking import COUNTS

    table(file.name, ["what", "value"], [(name, found[name]) for name in ("contract", *COUNTS, "verdict")])
    if found["rules"]:
        rows = [(rule, found["levels"][rule], count) for rule, count in found["rules"].items()]
        table("broken rules", ["rule", "level", "rows"], rows)
    if found["not_run"]:
        table("rules that could not be run here", ["rule", "why"], list(found["not_run"].items()))
    documented = [(rule, why) for rule, why in found["why_documented"].items()]
    if documented:
        table("rules that are documented only", ["rule", "why"], documented)
    if "receipt" in found:
        out.print(f"Faulty rows: {found['receipt']}", highlight=False)
