"""The command chain: one household's story on one line of time."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.terminal.console import heading, line, opened, paragraph, print_json
from flows.cli.terminal.options import AsOfOption, HomeOption, JsonOption, optional_date


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(chain)


def chain(
    *,
    what: Annotated[
        str, typer.Argument(metavar="HOUSEHOLD_OR_CASE", help="个案编号, an alert_id or a household_id.")
    ],
    home: HomeOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """One household from the first sign to the payment: alerts, tries, visits, applications, money; no names.

    As known on the day (--as-of; default today): what came later is not told.
    """
    from flows.queries.chain import chain_of

    with opened(home, as_json) as site:
        found = chain_of(site, what, optional_date(as_of))
    if as_json:
        print_json(found)
        return
    line(f"{found['about']} on {found['as_of']}")
    for case in found["cases"]:
        due = f"，期限{case['due_date']}，由{case['held_by_zh']}负责" if case["due_date"] else ""
        line(f"个案 {case['case_no']}（{case['queue_zh']}）：{case['state_zh']}{due}", indent=2)
    heading("一户一条救助链")
    for link in found["links"]:
        later = f"（{link['known_date']}得知）" if link["known_date"] != link["date"] else ""
        number = f"{link['case_no']}　" if link["case_no"] else ""
        paragraph(f"{link['date']}　{number}{link['text_zh']}{later}", indent=2)
