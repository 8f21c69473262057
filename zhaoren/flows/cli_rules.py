"""Commands for those who own contracts and rules: contracts lint, contracts docs, policies lint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zhaoren.flows.console import out, plainly, print_json
from zhaoren.flows.options import JsonOption

contracts = typer.Typer(no_args_is_help=True, help="Own the data contracts.")
policies = typer.Typer(no_args_is_help=True, help="Own the rules.")


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(contracts, name="contracts")
    app.add_typer(policies, name="policies")


@contracts.command("lint")
def contracts_lint(
    folder: Annotated[Path | None, typer.Argument(help="extracts/ folder; default the shipped one.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check every contract against the ODCS schema and our own rules; each problem with file and line."""
    from zhaoren.data_contracts.lint import lint_contracts

    with plainly(as_json):
        _report([str(p) for p in lint_contracts(folder)], "contracts", as_json)


@contracts.command("docs")
def contracts_docs(
    target: Annotated[Path, typer.Argument(help="File to write.")] = Path("docs/dictionary.md"),
) -> None:
    """Write the data dictionary (English and Chinese) from the contracts and the feature dictionary."""
    from zhaoren.data_contracts.contract import load_contracts
    from zhaoren.flows.dictionary import dictionary
    from zhaoren.policies.catalogue import load_catalogue

    with plainly():
        target.write_text(dictionary(load_contracts(), load_catalogue()), encoding="utf-8")
    out.print(f"Wrote {target}", highlight=False)


@policies.command("lint")
def policies_lint(
    folder: Annotated[Path | None, typer.Argument(help="policies/ folder; default the shipped one.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check every rule file: keys, sources, dates, facts and purposes; each problem with file and line."""
    from zhaoren.policies.catalogue import lint

    with plainly(as_json):
        _report([str(p) for p in lint(folder)], "rules", as_json)


def _report(problems: list[str], what: str, as_json: bool) -> None:
    if as_json:
        print_json({"problems": problems})
    for problem in problems if not as_json else ():
        out.print(problem, highlight=False)
    if problems:
        raise typer.Exit(1)
    if not as_json:
        out.print(f"All {what} are sound.")
