"""Commands for those who change the rules: policies diff | history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.policies import OwnRules, policies, rules_of
from flows.cli.terminal.console import explained_errors, heading, line, opened, print_json, table
from flows.cli.terminal.options import JsonOption, as_date, there
from zhaoren.errors import ZhaorenError

if TYPE_CHECKING:
    import polars as pl

    from policies.analysis.history import DatedText
    from policies.analysis.texts import TextChange
    from policies.catalogue.model import Catalogue


def register(_: typer.Typer) -> None:
    """Add the commands to the group `policies`."""
    policies.command("diff")(policies_diff)
    policies.command("history")(policies_history)


def policies_diff(
    *,
    old: Annotated[Path, typer.Argument(metavar="OLD_FOLDER", help="The rules as they are.")],
    new: Annotated[Path, typer.Argument(metavar="NEW_FOLDER", help="The rules as they are to be.")],
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="The date to answer for, YYYY-MM-DD; with --facts or --home."),
    ] = None,
    facts: Annotated[
        Path | None, typer.Option(help="For whom: one row per person or household, .parquet or .csv.")
    ] = None,
    home: Annotated[Path | None, typer.Option("--home", help="For whom: everybody in this home.")] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Write every changed answer with its ids: .csv or .parquet.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What a new version of a folder of rules changes: the texts, and for how many and by how much.

    Ids are in the file of --out alone.
    """
    from flows.context.rulebook import folder_rules
    from flows.queries.facts_file import refuse_paths, write_rows
    from policies.analysis.effects import by_rule
    from policies.analysis.texts import text_changes

    with explained_errors(as_json):
        _refuse_options(facts, home, as_of, out_file)
        if out_file is not None:
            refuse_paths(there(facts) if facts else out_file, out_file)
        folders = [there(folder, folders_only=True) for folder in (old, new)]
        before, after = (folder_rules(folder, home) for folder in folders)
        changes = text_changes(before, after)
        rows = None
        if as_of is not None:
            rows = _rows(before, after, facts=facts, home=home, as_of=as_of, as_json=as_json)
        if rows is not None and out_file is not None:
            out_file.parent.mkdir(parents=True, exist_ok=True)
            write_rows(rows, out_file)
    sums = by_rule(rows) if rows is not None else None
    if as_json:
        texts = [{**c.entry._asdict(), "change": c.change, "keys": _keys(c.keys)} for c in changes]
        print_json({"texts": texts, "effects": sums.to_dicts() if sums is not None else None})
        return
    _show_texts(changes)
    if sums is not None:
        _show_effects(sums, str(as_of))


def _refuse_options(facts: Path | None, home: Path | None, as_of: str | None, out_file: Path | None) -> None:
    if facts and home:
        raise ZhaorenError(
            "Both --facts and --home were given.", "--home", "One says for whom.", "Leave one out."
        )
    has_people = bool(facts or home)
    if has_people != (as_of is not None):
        what = "The date is missing." if has_people else "For whom is missing."
        raise ZhaorenError(
            what, "--as-of", "Who is concerned depends on both.", "Give --as-of with --facts or --home."
        )
    if out_file is not None and not has_people:
        raise ZhaorenError(
            "There is nothing to write.", "--out", "Only answers are written.", "Give --facts or --home."
        )


def _rows(
    before: Catalogue, after: Catalogue, *, facts: Path | None, home: Path | None, as_of: str, as_json: bool
) -> pl.DataFrame:
    from flows.queries.new_version import effects_on_file, effects_on_home

    if facts is not None:
        return effects_on_file(before, after, there(facts), as_date(as_of))
    with opened(home, as_json) as site:
        return effects_on_home(site, before, after, as_date(as_of))


def _keys(keys: tuple[tuple[str, str, str], ...]) -> list[dict[str, str]]:
    return [dict(zip(("key", "old", "new"), each, strict=True)) for each in keys]


def _show_texts(changes: list[TextChange]) -> None:
    line("The texts are the same." if not changes else f"{len(changes)} texts differ:")
    for change in changes:
        line(f"{change.change}: {change.entry}", indent=2)
        for key, old, new in change.keys:
            line(f"{key}: {old or '(not there)'} → {new or '(taken out)'}", indent=6)


def _show_effects(sums: pl.DataFrame, as_of: str) -> None:
    heads = [
        "rule",
        "newly",
        "no longer",
        "other sum",
        "unclear",
        "other status",
        "yuan a month",
        "median",
        "largest",
    ]
    table(f"Changed answers on {as_of}", heads, sums.rows())
    line("Sums: what the entitlements are more or less; unclear: unknown on one side, in no sum.")


def policies_history(
    name: Annotated[str, typer.Argument(help="A benefit, signal, definition or parameter.")],
    home: OwnRules = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Folder of rules; default the shipped one.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """The dated texts of a benefit, signal, definition or parameter and what it rests on, oldest first."""
    from policies.analysis.history import history

    with explained_errors(as_json):
        found = history(rules_of(there(folder, folders_only=True) if folder else None, home), name)
    if as_json:
        print_json([_version(text) for text in found])
        return
    last = ""
    for text in found:
        if text.entry.name != last:
            heading(f"{text.entry.kind} {text.entry.name}")
            last = text.entry.name
        place = f", {text.entry.place}" if text.entry.place else ""
        line(
            f"{text.entry.valid_from} to {text.valid_to or 'today'}{place} ({text.status}; {text.source})",
            indent=2,
        )
        for key, old, new in text.keys:
            line(f"{key}: {old} → {new or '(taken out)'}" if old else f"{key}: {new}", indent=6)


def _version(text: DatedText) -> dict[str, Any]:
    shown = {"valid_to": text.valid_to or None, "status": text.status, "source": text.source}
    return {**text.entry._asdict(), **shown, "keys": _keys(text.keys)}
