"""The command that deletes what was kept long enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.terminal.console import line, opened, print_json
from flows.cli.terminal.options import ByOption, HomeOption, JsonOption

if TYPE_CHECKING:
    from flows.safekeeping.retention import Outdated


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(retain)


def retain(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    by: ByOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete what was kept long enough, by `keep:` in settings.yaml; it goes on record in ops.retention.

    What can no longer be done without it is said with each kind: look at it with --dry-run first.
    """
    from flows.safekeeping.retention import outdated
    from flows.safekeeping.retention import retain as delete

    with opened(home, as_json, by) as site:
        was_published = site.home.published.exists()
        found = outdated(site) if dry_run else delete(site)
    if not dry_run:
        from flows.actions.publishing import publish_home

        with opened(home, as_json, by) as site:  # its warehouse is rewritten whole as it is opened
            if was_published:
                publish_home(site)
    if as_json:
        print_json([_said(one) for one in found])
        return
    for one in found:
        _show(one, dry_run)
    if not found:
        line("Nothing was kept too long.")


def _said(one: Outdated) -> dict[str, object]:
    return {
        "kind": one.kind.name,
        "months": one.months,
        "before": one.before,
        "cnt": one.cnt,
        "why": one.kind.why,
        "needed_by": one.kind.needed_by,
    }


def _show(one: Outdated, dry_run: bool) -> None:
    kept = "for ever" if one.months is None else f"{one.months} months"
    what = (
        f"{one.cnt} from before {one.before} {'would go' if dry_run else 'are deleted'}"
        if one.cnt
        else "nothing"
    )
    line(f"{one.kind.name}, kept {kept} ({one.kind.why}): {what}")
    if one.cnt and one.kind.needed_by:
        line(f"without it: no {one.kind.needed_by}", indent=2)
