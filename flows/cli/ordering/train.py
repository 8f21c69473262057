"""The command train: learn what may order the lists, and whom to ask for an income."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from flows.cli.terminal.console import line, opened, out
from flows.cli.terminal.options import AsOfOption, HomeOption, optional_date

if TYPE_CHECKING:
    from models.ranking.registry import ModelEntry


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(train)


def train(home: HomeOption = None, as_of: AsOfOption = None) -> None:
    """Learn a ranking and a proxy means test from what was verified; in use only when somebody says so."""
    with opened(home) as site:
        from flows.actions.learn import learn
        from flows.context.site import local_now

        entries, waiting = learn(site, optional_date(as_of) or local_now().date())
    if not entries:
        raise waiting[0]
    for entry in entries:
        out.print(f"{entry.model_id} ({entry.kind}): {entry.folder}", highlight=False, soft_wrap=True)
        line(_what_next(entry))
    for error in waiting:
        line(f"Not learned yet: {error.what}. {error.todo[:1].upper()}{error.todo[1:]}.")


def _what_next(entry: ModelEntry) -> str:
    """What to type after a training."""
    from models.ranking.registry import MEANS
    from models.ranking.use_log import is_promotable

    is_means = entry.target == MEANS
    if not is_promotable(entry):
        why = "It was not shown to find low incomes; nobody is asked for an income by it."
        return why if is_means else "It has not beaten the rules, which go on ordering the lists."
    shadow = (
        "" if is_means else "It stands in the shadow: every run scores and judges it, and it orders nothing. "
    )
    does = "to let it ask for incomes" if is_means else "to order the lists by it"
    return (
        f"{shadow}Read its card with `zhaoren models show {entry.model_id}`; "
        f"{does}: zhaoren models use {entry.model_id}"
    )
