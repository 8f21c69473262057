"""The command child-report: that a child may be in danger was reported, in one step."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from flows.cli.terminal.console import line, opened, print_json
from flows.cli.terminal.options import HomeOption, JsonOption


class Told(StrEnum):
    """Whom the law has reports go to."""

    police = "police"
    civil_affairs = "civil_affairs"
    education = "education"


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command("child-report")(child_report)


def child_report(
    *,
    town: Annotated[str, typer.Option("--town", help="The station, by its town's nine digits.")],
    by: Annotated[str, typer.Option("--by", help="Who registers it.")],
    to: Annotated[list[Told] | None, typer.Option("--to", help="Who was told; once for each.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """A child may be in danger: what to do now, and a register that it was reported. No names."""
    from flows.casework.child_report import NOW, TOLD_ZH, report_child

    told = [one.value for one in to or ()]
    if not as_json:
        for text in NOW:
            line(text)
    with opened(home, as_json, by) as site:
        number = report_child(site, town, told, by)
    if as_json:
        print_json({"report_no": number, "reported_to": told, "now": list(NOW)})
        return
    line(f"已登记 {number}：报告给{'、'.join(TOLD_ZH[one] for one in told)}。")
