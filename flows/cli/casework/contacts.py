"""The command contacts: one station's names, phones and addresses, locked with a password."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.terminal.console import line, opened, print_json
from flows.cli.terminal.options import AsOfOption, HomeOption, JsonOption, optional_date

PASSWORD = "ZHAOREN_CONTACTS_PASSWORD"


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(contacts)


def contacts(
    *,
    town: Annotated[str, typer.Option("--town", help="The station, by its town's nine digits.")],
    by: Annotated[str, typer.Option("--by", help="Who asks; goes on record, and onto the list.")],
    reason: Annotated[str, typer.Option("--reason", help="What the station needs it for; goes on record.")],
    as_of: AsOfOption = None,
    target: Annotated[
        Path | None, typer.Option("--out", help="The file; default: one in this folder. Never in the home.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Names, phones and addresses of one station's families, in a workbook locked with a password.

    The password is asked for, or read from ZHAOREN_CONTACTS_PASSWORD or the first line of stdin. Who asked
    and why is on record: see `zhaoren openings`.
    """
    from flows.actions.contacts import export_contacts

    password = asked_password()
    with opened(home, as_json, by) as site:
        done = export_contacts(site, town, password, reason=reason, as_of=optional_date(as_of), target=target)
    if as_json:
        print_json(done.__dict__)
        return
    line(f"{done.path}: {done.household_cnt} families and {done.key_person_cnt} key persons of {done.as_of}.")
    line("Send the password by another way than the file. The export is on record: zhaoren openings")


def asked_password() -> str:
    """The password, never from the command line: arguments stand in the shell's history."""
    if given := os.environ.get(PASSWORD):
        return given
    if sys.stdin.isatty():
        return str(typer.prompt("Password of the contact list", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
