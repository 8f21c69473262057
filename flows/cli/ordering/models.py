"""Commands for those who answer for the order of the lists: `zhaoren models`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.ordering.signals import models_signals
from flows.cli.terminal.console import columns, heading, line, opened, out, print_json
from flows.cli.terminal.options import AsOfOption, ByOption, HomeOption, JsonOption, optional_date

if TYPE_CHECKING:
    from flows.actions.model_use import Said

FromOption = Annotated[
    str | None,
    typer.Option("--from", help="First day whose lists it orders, YYYY-MM-DD; default: the next lists."),
]
MeansOption = Annotated[
    bool, typer.Option("--means", help="Of the proxy means test, not of what orders the lists.")
]
models = typer.Typer(no_args_is_help=True, help="Say what orders the lists: a trained model, or the rules.")


def register(app: typer.Typer) -> None:
    """Add the group `models`."""
    models.command("signals")(models_signals)
    app.add_typer(models, name="models")


@models.command("list")
def models_list(home: HomeOption = None, by: ByOption = None, as_json: JsonOption = False) -> None:
    """Every trained model, which of them orders the lists, which stands in the shadow, and who said so."""
    with opened(home, as_json, by) as site:
        from flows.actions.model_use import log_rows, model_rows
        from flows.context.run import ordering_of
        from models.ranking.registry import MEANS, NEED

        rows, log = model_rows(site), log_rows(site)
        today = site.now().date()
        refused = " ".join(filter(None, (ordering_of(site, today, t).refused for t in (NEED, MEANS))))
    if as_json:
        print_json({"models": rows, "log": log, "refused": refused})
        return
    heads = ["model", "kind", "may be used", "stands"]
    shown = ("model_id", "kind", "promotable", "stands")
    columns(heads, [[_cell(row[name]) for name in shown] for row in rows])
    if log:
        heading("What was said")
        names = ("use_no", "event", "model_id", "used_from", "by")
        columns(["no", "event", "model", "from", "by"], [[str(row[name]) for name in names] for row in log])
    if refused:
        line(f"alarm: {refused}")


@models.command("show")
def models_show(
    model_id: Annotated[str, typer.Argument(metavar="MODEL", help="Its id, from `zhaoren models list`.")],
    home: HomeOption = None,
) -> None:
    """The model's card: what it learned from, how it did beside the rules, whom it serves worse."""
    with opened(home) as site:
        from models.ranking.registry import load, read_entry

        entry = read_entry(site.home.models / model_id)
        card = (entry.folder / "card.md").read_text(encoding="utf-8")
        load(entry)  # a changed one is told before anybody trusts its card
    out.print(card, highlight=False, markup=False, soft_wrap=True)


@models.command("why")
def models_why(
    household_id: Annotated[str, typer.Argument(metavar="HOUSEHOLD", help="A household's id, H000000534.")],
    as_of: AsOfOption = None,
    model_id: Annotated[
        str | None, typer.Option("--model", help="A model's id; default: in use, else in the shadow.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """The facts that raised a household most, in Chinese, of the newest date unless told otherwise."""
    with opened(home, as_json) as site:
        from flows.actions.reasons import why

        told = why(site, household_id, as_of=optional_date(as_of), model_id=model_id)
    if as_json:
        print_json(told.as_json())
        return
    heading(f"{household_id}, {told.as_of}, {told.model_id} ({told.stands})")
    if told.refused:
        line(f"alarm: {told.refused}")
    if not told.is_learned:
        line("The rules order the lists: the list's own sentences say why. No facts are named.")
    elif not told.facts:
        line("No fact that can be said raised this household.")
    for number, text in enumerate(told.facts, 1):
        line(f"{number}. {text}")


@models.command("use")
def models_use(
    model_id: Annotated[str, typer.Argument(metavar="MODEL", help="A model's id, or: rules, no-means-test.")],
    used_from: FromOption = None,
    home: HomeOption = None,
    by: ByOption = None,
) -> None:
    """Order the lists by a model, or by the rules, from a day on; or let a proxy means test ask for incomes.

    Lists already made stay as they are.
    """
    with opened(home, by=by) as site:
        from flows.actions.model_use import use_model

        said = use_model(site, model_id, by=site.asker.name, used_from=optional_date(used_from))
    _tell(said)


@models.command("rollback")
def models_rollback(
    used_from: FromOption = None, means: MeansOption = False, home: HomeOption = None, by: ByOption = None
) -> None:
    """Go back to what ordered the lists before the last word; given again, one word further back."""
    with opened(home, by=by) as site:
        from flows.actions.model_use import roll_back
        from models.ranking.registry import MEANS, NEED

        target = MEANS if means else NEED
        said = roll_back(site, by=site.asker.name, used_from=optional_date(used_from), target=target)
    _tell(said)


@models.command("drift")
def models_drift(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """What moved since the models were trained, and whether they keep their promise; of the newest run."""
    with opened(home, as_json) as site:
        from warehouse.ranking.drift import drift_at

        rows = drift_at(site.con, site.now().date()).to_dicts()
    if as_json:
        print_json(rows)
        return
    if not rows:
        line("Nothing to compare: no model was scored with a run yet.")
        return
    heading(f"{rows[0]['as_of']}")
    shown = ("model_id", "stands", "measure", "column_name", "value", "low", "high", "expected", "cnt")
    lines = [[*(_cell(row[name]) for name in shown), "ALARM" if row["is_alarm"] else ""] for row in rows]
    columns(["model", "stands", "measure", "of", "value", "low", "high", "expected", "of so many", ""], lines)


def _tell(said: Said) -> None:
    is_means = said.target == "means"
    does = "asks for incomes" if is_means else "orders the lists"
    line(f"From {said.used_from} on {said.model_id} {does}; until then {said.until_then}.")
    if said.model_id not in ("rules", "no-means-test"):
        line(f"To go back: zhaoren models rollback{' --means' if is_means else ''}")


def _cell(value: object) -> str:
    """One cell of a table; what is not estimable is a dash."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    return "—" if value is None else str(value)
