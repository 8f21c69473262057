"""Commands by which a person decides about a delivery, or about what a visit found."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Collection
from datetime import date
from typing import Annotated, Any

import typer

from flows.cli.terminal.console import opened, out, print_json
from flows.cli.terminal.options import HomeOption, JsonOption, optional_date

DeliveryArgument = Annotated[str, typer.Argument(help="Its number: see `zhaoren status`, or its receipt.")]
ReasonOption = Annotated[str, typer.Option(help="Why; kept on record with the decision.")]
ByOption = Annotated[str | None, typer.Option(help="Who decided; default the user of this machine.")]
OnOption = Annotated[
    str | None,
    typer.Option(
        help="The day it takes effect, YYYY-MM-DD; default the newest date scored: earlier lists stay."
    ),
]


HELP = {
    "release": "Take in a delivery that was held: its rows are loaded and count from now on.",
    "reject": "Refuse a delivery that was held; nothing of it is loaded.",
    "withdraw": "Take a delivery back: from now on every table shows the world without it. Past lists stay.",
}


def register(app: typer.Typer) -> None:
    """Add the three commands about deliveries (one signature, another decision) and that about outcomes."""
    for name, text in HELP.items():
        app.command(name, help=text)(_command(name))
    app.command()(withdraw_outcome)


def _command(name: str) -> Callable[..., None]:
    def decide(
        *,
        delivery_id: DeliveryArgument,
        reason: ReasonOption,
        by: ByOption = None,
        on: OnOption = None,
        home: HomeOption = None,
        as_json: JsonOption = False,
    ) -> None:
        from flows.actions import decisions
        from warehouse.deliveries.deliveries import last_effective_date

        act = getattr(decisions, name)
        with opened(home, as_json, by) as site:
            done = act(site, delivery_id, reason, by or user(), optional_date(on))
            effective = last_effective_date(site.con, delivery_id)
            dates = decisions.lists_to_make_anew(site, effective)
            receipts = site.home.dated("receipts", effective)
        outcome = {
            "delivery_id": delivery_id,
            "status": done.status,
            "effective_date": effective,
            "rows_loaded": done.rows_loaded,
            "receipts": receipts,
            "lists_to_make_anew": dates,
        }
        print_json(outcome) if as_json else _show(outcome)

    return decide


def withdraw_outcome(
    *,
    case: Annotated[str, typer.Argument(help="The case number, as on the list.")],
    reason: ReasonOption,
    code: Annotated[str | None, typer.Option(help="Its result code, if the case has several.")] = None,
    by: ByOption = None,
    on: OnOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back what a visit found: it stays on record but counts no more. Past lists stay."""
    from flows.actions.outcome_withdrawal import take_back

    with opened(home, as_json, by) as site:
        done = take_back(site, case, reason, by or user(), code=code, on=optional_date(on))
    if as_json:
        print_json(done.__dict__)
        return
    out.print(
        f"{case}, result {done.result_code} of {done.found_date}: withdrawn from {done.effective_date} on.",
        highlight=False,
        markup=False,
    )
    if done.still_counting:
        out.print(f"Still counting for this case: {', '.join(done.still_counting)}.", highlight=False)
    show_lists(done.lists_to_make_anew)


def _show(outcome: dict[str, Any]) -> None:
    effective = outcome["effective_date"]
    out.print(f"{outcome['delivery_id']} is {outcome['status']} from {effective} on.", highlight=False)
    out.print(f"Its new receipt is in {outcome['receipts']}", highlight=False, soft_wrap=True)
    show_lists(outcome["lists_to_make_anew"])


def show_lists(dates: Collection[date]) -> None:
    """Say which lists were scored from a decision's day on, and how to make them anew."""
    if dates:
        named = ", ".join(map(str, dates))
        out.print(
            f"Lists to make anew: {named}. For each: zhaoren run --inbox INBOX --as-of DATE", highlight=False
        )


def user() -> str:
    """The user of this machine, who decides where nobody is named."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a user of that number
        return "unknown"
