"""Commands for those who own the rules: policies lint | test | eval | docs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.terminal.console import err, explained_errors, line, out, print_json, show_problems, table
from flows.cli.terminal.options import HomeOption, JsonOption, as_date, there
from zhaoren.errors import ZhaorenError

if TYPE_CHECKING:
    from policies.catalogue.model import Catalogue

# Not HomeOption: a folder of rules, or a page of the shipped ones, must not change with ZHAOREN_HOME.
OwnRules = Annotated[
    Path | None, typer.Option("--home", help="The shipped rules with what this home adds and sets.")
]
policies = typer.Typer(no_args_is_help=True, help="Own the rules.")


def register(app: typer.Typer) -> None:
    """Add the group `policies`."""
    app.add_typer(policies, name="policies")


@policies.command("lint")
def policies_lint(
    folder: Annotated[Path | None, typer.Argument(help="policies/ folder; default the shipped one.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check every rule file: keys, sources, dates, facts and purposes; each problem with file and line.

    Without a folder, also that no form, list or report asks for check-in, tracks, photographs, rankings.
    With --home, the rules that home adds and the values it sets; where the shipped rules say something else,
    a note: the home's value holds.
    """
    from flows.context.home import existing_folder
    from flows.context.rulebook import policy_notices, policy_problems
    from policies.forms.no_theatre import load_no_theatre, shipped_forms, theatre_problems
    from policies.loading import lint

    with explained_errors(as_json):
        if folder is not None:
            there(folder, folders_only=True)
        problems = policy_problems(existing_folder(home)) if home else lint(folder)
        if not problems and folder is None:
            problems = theatre_problems(shipped_forms(), load_no_theatre())
        notes = policy_notices(home) if home and not problems else []
        show_problems([str(p) for p in problems], "rules", as_json, [str(n) for n in notes])


@policies.command("test")
def test_examples(
    folder: Annotated[Path | None, typer.Argument(help="policies/ folder; default the shipped one.")] = None,
    home: OwnRules = None,
    as_json: JsonOption = False,
) -> None:
    """Run every worked example of a folder; each that does not hold with file, line, expected and got."""
    from policies.analysis.folder_examples import run_folder

    with explained_errors(as_json):
        if folder is not None:
            there(folder, folders_only=True)
        outcomes = list(run_folder(rules_of(folder, home)))
    failed = [outcome for outcome in outcomes if outcome.result.faults]
    if as_json:
        shown = [{"file": o.file, "line": o.line, **asdict(o.result)} for o in failed]
        print_json({"examples": len(outcomes), "failed": shown})
    else:
        for outcome in failed:
            line(f"{outcome.file}:{outcome.line}: {outcome.result.rule_id}, “{outcome.result.name}”")
            for fault in outcome.result.faults:
                line(fault, indent=2)
        line(f"{len(outcomes) - len(failed):,} of {len(outcomes):,} examples hold.")
    if failed:
        raise typer.Exit(1)


@policies.command("eval")
def evaluate(
    *,
    facts: Annotated[Path, typer.Option(help="One row per person or household: .parquet or .csv.")],
    as_of: Annotated[str, typer.Option("--as-of", help="The date whose rules hold, YYYY-MM-DD.")],
    out_file: Annotated[Path, typer.Option("--out", help="Where the answers go: .parquet or .csv.")],
    folder: Annotated[
        Path | None, typer.Option("--policies", help="Folder of rule files; default the shipped one.")
    ] = None,
    home: OwnRules = None,
    as_json: JsonOption = False,
) -> None:
    """Answer every rule of a folder for every row of a frame of facts: yes, likely, unknown amount, no or
    unknown.
    """
    from flows.queries.facts_file import ANSWERS, answer_counts, read_facts, refuse_paths, write_rows
    from policies.engine.evaluate_all import absurd, evaluate_all, texts_of

    with explained_errors(as_json):
        refuse_paths(there(facts), out_file)
        catalogue = rules_of(folder, home)
        rows = read_facts(facts, texts_of(catalogue))
        answers = evaluate_all(catalogue, rows, as_date(as_of))
        for column, spoilt in absurd(catalogue, rows):
            shown = ", ".join(str(row) for row in spoilt[:5]) + (" and more" if len(spoilt) > 5 else "")
            err.print(
                f"Note: {column} of row {shown} is no sum that anybody has: taken as unknown.",
                highlight=False,
            )
        out_file.parent.mkdir(parents=True, exist_ok=True)
        write_rows(answers, out_file)
    counts = answer_counts(answers)
    if as_json:
        print_json(
            {
                "rows": answers.height,
                "rules": {rule: dict(zip(ANSWERS, n, strict=True)) for rule, *n in counts},
            }
        )
        return
    table(f"{facts.name} on {as_of}", ["rule", *ANSWERS], counts)
    out.print(f"Wrote {answers.height:,} answers to {out_file}", highlight=False, soft_wrap=True)


def rules_of(folder: Path | None, home: Path | None) -> Catalogue:
    """The rules of a folder, or the shipped ones with what a home adds and sets."""
    from flows.context.home import existing_folder
    from flows.context.rulebook import load_rulebook
    from policies.loading import load_catalogue

    if folder is not None and home is not None:
        why, todo = "A folder of rules stands alone.", "Leave out --policies or --home."
        raise ZhaorenError("Both --policies and --home were given.", "--home", why, todo)
    return load_rulebook(existing_folder(home)).catalogue if home else load_catalogue(folder)


@policies.command("docs")
def policy_docs(
    target: Annotated[Path, typer.Argument(metavar="[DIR]", help="Folder to write into.")] = Path(
        "docs/policies"
    ),
    folder: Annotated[
        Path | None, typer.Option("--policies", help="Folder of rule files; default the shipped one.")
    ] = None,
    index: Annotated[
        Path | None,
        typer.Option(
            help="Also write the index of the shipped rules and the page of the rule language here: docs/."
        ),
    ] = None,
    home: OwnRules = None,
) -> None:
    """Write the pages of the catalogue, Chinese and English: benefits, signals, parameters."""
    from flows.handbook.pages import policy_index, policy_pages, write_pages
    from flows.handbook.rule_language import language_pages, language_table

    with explained_errors():
        for one in (target, index):
            if one is not None and one.exists():
                there(one, folders_only=True)  # nothing is written where the other half could not be
        catalogue = rules_of(folder, home)
        pages = policy_pages(catalogue)
        write_pages(pages, target)
        if index is not None:
            write_pages(policy_index(catalogue) | language_pages(language_table()), index)
    out.print(f"Wrote {len(pages)} pages into {target}", highlight=False)
