"""The command policies docs: the pages of the policy catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.console import explained_errors, out
from flows.cli.rules import policies


def register(app: typer.Typer) -> None:
    """The command belongs to the group `policies`, which is there already."""
    policies.command("docs")(policy_docs)


def policy_docs(
    target: Annotated[Path, typer.Argument(metavar="[DIR]", help="Folder to write into.")] = Path(
        "docs/policies"
    ),
    folder: Annotated[
        Path | None, typer.Option("--policies", help="Folder of rule files; default the shipped one.")
    ] = None,
) -> None:
    """Write the pages of the catalogue, Chinese and English: benefits, signals, parameters."""
    from flows.handbook.pages import write_policy_pages
    from policies.loading import load_catalogue

    with explained_errors():
        written = write_policy_pages(load_catalogue(folder), target)
    out.print(f"Wrote {len(written)} pages into {target}", highlight=False)
