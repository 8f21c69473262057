"""Commands for those who own the data contracts: contracts lint | diff | new | docs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.terminal.console import explained_errors, out, print_json, show_problems
from flows.cli.terminal.options import JsonOption, there
from zhaoren.errors import ZhaorenError

contracts = typer.Typer(no_args_is_help=True, help="Own the data contracts.")


def register(app: typer.Typer) -> None:
    """Add the group `contracts`."""
    app.add_typer(contracts, name="contracts")


@contracts.command("lint")
def contracts_lint(
    folder: Annotated[
        Path | None, typer.Argument(help="A contract file or a folder of them; default the shipped ones.")
    ] = None,
    home: Annotated[
        Path | None, typer.Option("--home", help="Check what this home adds, in its contracts/ folder.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check every contract against the ODCS schema and our own rules; each problem with file and line."""
    from data_contracts.lint.contracts import lint_contracts
    from flows.context.home import existing_folder
    from flows.context.rulebook import contract_problems

    with explained_errors(as_json):
        if folder is not None:
            there(folder)
            if folder.is_dir() and not any(folder.glob("*/*.yaml")):
                raise ZhaorenError(
                    "There is no contract in this folder.",
                    str(folder),
                    "Contracts lie in it as <department>/<extract>.yaml.",
                    "Name such a folder, or one contract's file.",
                )
        found = contract_problems(existing_folder(home)) if home else lint_contracts(folder)
        show_problems([str(p) for p in found], "contracts", as_json)


@contracts.command("diff")
def contracts_diff(
    old: Annotated[Path, typer.Argument(help="A contract file, or a folder of them.", exists=True)],
    new: Annotated[Path, typer.Argument(help="The same, as it is to become.", exists=True)],
    as_json: JsonOption = False,
) -> None:
    """Say what changes from OLD to NEW and whom it breaks; ends with 1 when anything breaks."""
    from data_contracts.authoring.diff import diff_paths, versions

    with explained_errors(as_json):
        changes = diff_paths(old, new)
        bumps = versions(old, new, changes)
    breaking = [change for change in changes if change.kind.change_class == "breaking"]
    if as_json:
        print_json({"breaking": bool(breaking), "changes": [_row(c) for c in changes], "versions": bumps})
    elif not changes:
        out.print("Nothing changed.")
    else:
        for change in changes:
            out.print(_line(_row(change)), highlight=False, soft_wrap=True)
        for name, one in bumps.items():
            out.print(f"{name}: raise the {one['raise']} version, {one['old']} → {one['suggested']}", end="")
            out.print("" if one["is_enough"] else f" (the new file says {one['new']})", highlight=False)
    if breaking:
        raise typer.Exit(1)


def _line(row: dict[str, Any]) -> str:
    moved = " → ".join(filter(None, (row["before"], row["after"])))
    breaks = f" [breaks {row['breaks']}]" if row["breaks"] else ""
    place = f"{row['contract']} {row['where']}" if row["where"] != row["contract"] else row["where"]
    about = row["change"].replace("_", " ") + (f" ({moved})" if moved else "")
    return f"{row['class']:<10} {place}: {about}{breaks}: {row['why']}"


def _row(change: Any) -> dict[str, Any]:
    kind = change.kind
    return {
        "class": kind.change_class,
        "contract": change.contract_id,
        "where": change.where,
        "change": kind.name,
        "before": change.before,
        "after": change.after,
        "breaks": ", ".join(kind.breaks),
        "why": kind.why,
    }


@contracts.command("new")
def contracts_new(
    sample: Annotated[Path, typer.Argument(help="A file as the department would deliver it.", exists=True)],
    department: Annotated[str, typer.Option(help="Who delivers it, e.g. power_company.")],
    extract: Annotated[str, typer.Option(help="What it is called, e.g. meter_reading.")],
    target: Annotated[
        Path | None, typer.Option("--out", help="File to write; default <department>/<extract>.yaml here.")
    ] = None,
) -> None:
    """Draft a contract from a sample file; what a person must decide is marked TODO."""
    from flows.queries.drafting import draft_file

    with explained_errors():
        path, todos = draft_file(sample, department, extract, target)
    out.print(f"Wrote {path}: {todos} places marked TODO for a person to decide.", highlight=False)


@contracts.command("docs")
def contracts_docs(
    target: Annotated[Path, typer.Argument(help="File to write.")] = Path("docs/dictionary.md"),
) -> None:
    """Write the data dictionary (English and Chinese) from the contracts and the feature dictionary."""
    from data_contracts.contract.code_tables import load_codes
    from data_contracts.loading.contracts import load_contracts
    from flows.handbook.dictionary import dictionary
    from policies.loading import load_catalogue

    with explained_errors():
        target.write_text(dictionary(load_contracts(), load_catalogue(), load_codes()), encoding="utf-8")
    out.print(f"Wrote {target}", highlight=False)
