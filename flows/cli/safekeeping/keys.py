"""The command that changes the vault's key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.terminal.console import COMMAND, explained_errors, line, progress_bar
from flows.cli.terminal.options import ByOption, HomeOption
from flows.context.home import existing_home


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(rotate_key)


def rotate_key(
    *,
    new_key_file: Annotated[
        Path | None,
        typer.Option(help="A file with the new key, readable by its owner only; else ZHAOREN_NEW_VAULT_KEY."),
    ] = None,
    by: ByOption = None,
    home: HomeOption = None,
) -> None:
    """Change the vault's key: vault and archive are encrypted anew, and the former key opens nothing more.

    Where the home keeps its key in vault.key and none is given, a new one is made there. Cut off, the same
    command goes on where it stopped.
    """
    with explained_errors(), progress_bar() as progress:
        from flows.safekeeping.rotation import rotate_key as rotate
        from warehouse.queries.asker import asker

        done = rotate(existing_home(home), asker(by, COMMAND.get()), new_key_file, progress)
    if done.went_on:
        line("A change of the key that had been cut off is finished; no other was begun.")
    line(f"The vault and {done.files.file_cnt} archived files have the new key.")
    if done.in_home:
        line(
            "It lies in vault.key. Copy it to where you keep the copy; the former one is of no more use here."
        )
    else:
        line("It is not kept in the home: from now on give it as ZHAOREN_VAULT_KEY, or by a key file.")
    line("Backups made before open with the former key only: keep that with them, or make a new backup.")
    for name in done.files.damaged:
        line(f"not whole: archive/{name[:2]}/{name[:12]}…: some of it opens with neither key and was left")
    if done.files.damaged:
        raise typer.Exit(1)
