"""Commands by which a person decides about a delivery: release, reject, withdraw."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import Annotated, Any

import typer

from flows.cli.console import opened, out, print_json
from flows.cli.options import HomeOption, JsonOption, optional_date

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
    """Add the three commands: one signature, one work, another decision."""
    for name, text in HELP.items():
        app.command(name, help=text)(_command(name))


def _command(name: str) -> Callable[..., None]:
    def decide(
        delivery_id: DeliveryArgument,
        reason: ReasonOption,
        by: ByOption = None,
        on: OnOption = None,
        home: HomeOption = None,
        as_json: JsonOption = False,
    ) -> None:
        from flows.actions import decisions

        _decide(getattr(decisions, name), delivery_id, reason, by, on, home, as_json)

    return decide


def _decide(
    act: Callable[..., Any],
    delivery_id: str,
    reason: str,
    by: str | None,
    on: str | None,
    home: HomeOption,
    as_json: bool,
) -> None:
    from flows.actions.decisions import lists_to_make_anew
    from warehouse.deliveries.deliveries import last_effect

    with opened(home, as_json) as site:
        day = optional_date(on)
        done = act(site, delivery_id, reason, by or _user(), day)
        effective = last_effect(site.con, delivery_id)
        dates = lists_to_make_anew(site, effective)
    told = {
        "delivery_id": delivery_id,
        "status": done.status,
        "effective_date": effective,
        "rows_loaded": done.rows_loaded,
        "lists_to_make_anew": dates,
    }
    if as_json:
        print_json(told)
        return
    out.print(f"{delivery_id} is {done.status} from {effective} on.", highlight=False)
    if dates:
        named = ", ".join(map(str, dates))
        out.print(
            f"Lists to make anew: {named}. For each: zhaoren run --inbox INBOX --as-of DATE", highlight=False
        )


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a user of that number
        return "unknown"
