"""Commands about one person's data: erasing it on request, and what was erased."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from flows.cli.terminal.console import explained_errors, line, opened, out, print_json, table
from flows.cli.terminal.options import ByOption, HomeOption, JsonOption
from zhaoren.errors import ZhaorenError

PersonOption = Annotated[
    str | None,
    typer.Option(help="The person's id (P…); without it the ID number is asked for, or read from stdin."),
]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    for command in (erase, erasures):
        app.command()(command)


def asked_number() -> str:
    """The ID number typed at a prompt, unseen, or the first line of stdin; never from the command line.

    Arguments stand in the shell's history and in the list of processes.
    """
    if sys.stdin.isatty():
        return str(typer.prompt("ID number 身份证号", hide_input=True)).strip()
    return sys.stdin.readline().strip()


def erase(
    *,
    basis: Annotated[
        str,
        typer.Option(
            help="Why: person_request, department_request, authority_order or purpose_ended; on record."
        ),
    ],
    person: PersonOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask back.")] = False,
    by: ByOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase one person: vault, tables, originals, receipts, lists, published file. It cannot be undone.

    The record of it names nobody. Cut off, the same command goes on. Copies outside the home, backups and
    lists that were handed out among them, are yours to deal with.
    """
    from dataclasses import asdict

    from flows.safekeeping.erasure import BASES, begin_erasure, finish_erasure

    with explained_errors(as_json):
        if basis not in BASES:
            raise ZhaorenError("There is no such basis.", basis, "", f"It is one of {', '.join(BASES)}.")
        number = "" if person else asked_number()
        if not yes and sys.stdin.isatty():
            typer.confirm("Erase this person from the home for good?", abort=True)
    with opened(home, as_json, by) as site:
        went_on = begin_erasure(site, number, person or "", basis)
    with opened(home, as_json, by) as site:  # its warehouse is rewritten whole as it is opened
        done = finish_erasure(site)
    assert done is not None
    if as_json:
        print_json(asdict(done))
        return
    if went_on:
        line("An erasure that had been cut off is finished. For another person give the command again.")
    _show({**asdict(done)})


def erasures(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """What was erased: when, by whom, on what basis, how much; and what is not finished. Nobody is named."""
    from warehouse.erasure.tasks import records

    with opened(home, as_json) as site:
        found = records(site.con)
    if as_json:
        print_json(found.to_dicts())
        return
    table("", found.columns, found.rows())


def _show(done: dict[str, object]) -> None:
    out.print(f"Erasure {done['erasure_id']} is finished.", highlight=False)
    for what, name in (
        ("rows of the vault", "vault_row_cnt"),
        ("rows of the warehouse", "warehouse_row_cnt"),
        ("rows of archived originals", "file_row_cnt"),
        ("archived originals cut", "file_cnt"),
        ("of them removed as a whole", "removed_file_cnt"),
        ("past lists written anew", "list_cnt"),
    ):
        line(f"{done[name]:>7}  {what}", indent=2)
    line("Backups and what was handed out still hold the person: see docs/data-team.md.")
