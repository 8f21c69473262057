"""Commands for those who keep the table of the stations' hands: hands lint | show | template."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.terminal.console import explained_errors, line, print_json, show_problems, table
from flows.cli.terminal.options import AsOfOption, HomeOption, JsonOption, optional_date
from zhaoren.errors import ZhaorenError

hands = typer.Typer(no_args_is_help=True, help="Keep the table of the stations' hands.")
HEADS = ["town", "name", "from", "to", "workers", "hours a month", "minutes a visit", "minutes a key person"]


def register(app: typer.Typer) -> None:
    """Add the group `hands`."""
    app.add_typer(hands, name="hands")


@hands.command("lint")
def hands_lint(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check the home's stations/hands.csv: columns, towns, days, numbers, overlaps; each with its row."""
    from flows.context.home import existing_folder, home_from
    from flows.context.rulebook import hands_of

    with explained_errors(as_json):
        folder = existing_folder(home_from(home).root)
        problems = hands_of(folder)[1]
        missing = not (folder / "stations" / "hands.csv").exists()
        notes = ["there is no stations/hands.csv: every station has the default"] if missing else []
        show_problems([str(problem) for problem in problems], "hands", as_json, notes)


@hands.command("show")
def hands_show(home: HomeOption = None, as_of: AsOfOption = None, as_json: JsonOption = False) -> None:
    """The hands in force on a date (default today), by station. Any other station has the default."""
    from flows.context.home import existing_folder, home_from
    from flows.context.site import local_now
    from flows.queries.hands import hands_on

    with explained_errors(as_json):
        day = optional_date(as_of) or local_now().date()
        rows = hands_on(existing_folder(home_from(home).root), day)
    if as_json:
        print_json({"as_of": day, "stations": rows})
        return
    table(f"hands on {day}", HEADS, [tuple("" if v is None else v for v in row.values()) for row in rows])
    line(f"{len(rows):,} stations; any other has operations.station_lines_month.")


@hands.command("template")
def hands_template(
    place: Annotated[
        str | None, typer.Option(help="Towns whose code begins with this: a city's or county's. Default all.")
    ] = None,
    out_file: Annotated[Path, typer.Option("--out", help="File to write.")] = Path("hands.csv"),
) -> None:
    """Write the table to fill in, a row per town, as a spreadsheet opens it. Nothing is overwritten."""
    from flows.queries.hands import blank_table

    with explained_errors():
        if out_file.exists():
            why = "What somebody entered there would be lost."
            raise ZhaorenError("This file is there already.", str(out_file), why, "Name another file.")
        content, count = blank_table(place)
        out_file.parent.mkdir(parents=True, exist_ok=True)
        out_file.write_bytes(content)
    line(f"Wrote {out_file}: {count:,} towns. Filled in, it belongs into the home as stations/hands.csv.")
