"""Commands about one person's data: correcting and erasing it on request, and what was erased."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from flows.cli.terminal.console import explained_errors, line, opened, out, print_json, table
from flows.cli.terminal.options import ByOption, HomeOption, JsonOption
from flows.context.home import existing_home
from zhaoren.errors import ZhaorenError

PersonOption = Annotated[
    str | None,
    typer.Option(help="The person's id (P…); without it the ID number is asked for, or read from stdin."),
]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    for command in (correct, erase, erasures):
        app.command()(command)


def asked_value(what: str) -> str:
    """The right value typed at a prompt, unseen and twice, or the next line of stdin."""
    if sys.stdin.isatty():
        prompt = f"The right {what}"
        return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=True)).strip()
    return sys.stdin.readline().strip()


def asked_number() -> str:
    """The ID number typed at a prompt, unseen, or the first line of stdin; never from the command line.

    Arguments stand in the shell's history and in the list of processes.
    """
    if sys.stdin.isatty():
        return str(typer.prompt("ID number 身份证号", hide_input=True)).strip()
    return sys.stdin.readline().strip()


def correct(
    *,
    what: Annotated[str, typer.Option(help="name, phone or address.")],
    reason: Annotated[str, typer.Option(help="Why; kept in the vault.")],
    person: PersonOption = None,
    undo: Annotated[bool, typer.Option("--undo", help="Let the departments' value count again.")] = False,
    by: ByOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Correct a person's name, phone or address on their request; the right value is asked for unseen.

    From stdin: the ID number on one line (unless --person), the value on the next. It goes before what the
    departments send, until one of them sends a value that is new. Lists of earlier dates stay as they were.
    """
    from flows.safekeeping import correction

    number = "" if person else asked_number()
    value = "" if undo else asked_value(what)
    with opened(home, as_json, by) as site:
        whom = {"number": number, "person_id": person or ""}
        if undo:
            done = correction.undo(site, what, reason, **whom)
        else:
            done = correction.correct(site, what, value, reason, **whom)
    if as_json:
        print_json({"correction_no": done.correction_no, "attribute": what, "known_date": done.known_date})
    elif undo:
        line(f"Correction {done.correction_no} is undone: the departments' {what} counts again.")
    else:
        line(f"Correction {done.correction_no}: the {what} counts from {done.known_date} on.")
        line("Tell the department that sent the wrong one: it is the source of every later list.")


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
        existing_home(home)
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
