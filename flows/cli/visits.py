"""Commands about visits that came back: which contradict each other, and which of them counts."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from flows.cli.deliveries import ByOption, OnOption, ReasonOption, show_lists, user
from flows.cli.terminal.console import line, opened, out, print_json
from flows.cli.terminal.options import HomeOption, JsonOption, optional_date

visits = typer.Typer(help="Visits that came back: which contradict each other, and which of them counts.")


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    visits.command("differences")(show_differences)
    visits.command("rule")(rule)
    app.add_typer(visits, name="visits")


def show_differences(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Visits of one list line that say otherwise: both rows, and where they came from."""
    from warehouse.casework.visits import differences

    with opened(home, as_json) as site:
        found = differences(site.con).to_dicts()
    if as_json:
        print_json(found)
        return
    for pair in found:
        line(f"{pair['list_id']}　自 {pair['since_date']} 起两次说法不一致：")
        for side in ("", "other_"):
            line(_told(pair, side), 2)
    line(
        f"{len(found)} to decide."
        + (' For each: zhaoren visits rule VISIT --counts --reason "…"' if found else "")
    )


def _told(pair: dict[str, Any], side: str) -> str:
    row, name = pair[f"{side}row_no"], pair[f"{side}file_name"]
    place = f"{name or '—'}" + (f" 第{row}行" if row else "")
    return (
        f"{pair[f'{side}visit_id']}  结果 {pair[f'{side}result_code']}，走访 {pair[f'{side}found_date']}，"
        f"{pair[f'{side}known_date']} 收到，{place}"
    )


def rule(
    *,
    visit: Annotated[str, typer.Argument(help="The visit's number: see `zhaoren visits differences`.")],
    counts: Annotated[bool, typer.Option("--counts/--not", help="Whether it counts.")],
    reason: ReasonOption,
    by: ByOption = None,
    on: OnOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a visit counts in spite of another, or that it does not. Both stay; past lists stay."""
    from flows.actions.outcome_withdrawal import rule_on

    with opened(home, as_json, by) as site:
        done = rule_on(site, visit, reason, by or user(), does_count=counts, on=optional_date(on))
    if as_json:
        print_json(done.__dict__)
        return
    out.print(
        f"{visit}, result {done.result_code} of {done.found_date}: "
        f"{'counts' if counts else 'does not count'} from {done.effective_date} on.",
        highlight=False,
        markup=False,
    )
    show_lists(done.lists_to_make_anew)
