"""The command gaps: real hardship that no policy fits, counted by place."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.terminal.console import opened, out, print_json, table
from flows.cli.terminal.options import AsOfOption, HomeOption, JsonOption, optional_date
from flows.cli.whatif import Place

DISTANCES = ("low_distance", "median_distance", "unit")
HEADS = ["benefit", "name", "condition missed", "families", "a tenth by at most", "half by at most", "unit"]


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(gaps)


def gaps(
    home: HomeOption = None,
    as_of: AsOfOption = None,
    by: Annotated[Place, typer.Option(help="The table by place.")] = Place.county,
    as_json: JsonOption = False,
) -> None:
    """Families in trouble whom no paid benefit reaches: how many where, and which rule they miss by least."""
    from flows.queries.gaps import gap_map

    with opened(home, as_json) as site:
        found = gap_map(site, optional_date(as_of), by.value)
    if as_json:
        print_json(found)
        return
    total = found["total"]
    out.print(
        f"On {found['as_of']} {total['household_cnt']:,} families have urgent signs of need or were found in "
        f"hardship at the door ({total['visit_cnt']:,}), and no paid benefit fits.\n"
        f"For {total['may_fit_cnt']:,} of them one cannot be answered yet.",
        highlight=False,
    )
    heads = [by.value, "name", "families", "found at the door", "may yet fit"]
    table(f"by {by.value}", heads, [tuple(place.values()) for place in found["places"]])
    columns = ["benefit_id", "name_zh", "condition_zh", "household_cnt", *DISTANCES]
    rows = [tuple("" if row[c] is None else row[c] for c in columns) for row in found["benefits"]]
    table("the benefit missed by least, of those that a family could reach", HEADS, rows)
    missing = [
        (row["fact"], row["fact_zh"], who_brings(row["fact"], row["department_zh"]), row["household_cnt"])
        for row in found["missing"]
    ]
    table("what the open answers wait for", ["fact", "name", "who supplies it", "families"], missing)


def who_brings(fact: str, department_zh: str) -> str:
    """Who can supply what an answer waits for: a parameter ($…) comes from the place, no department."""
    if fact.startswith("$"):
        return "本地尚未填写该参数"
    return department_zh or "尚无部门提供"
