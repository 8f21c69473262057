"""The command whatif: who gains and who loses when a parameter changes, and what it costs a year."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.terminal.console import opened, out, print_json, table
from flows.cli.terminal.options import AsOfOption, HomeOption, JsonOption, optional_date


class Place(StrEnum):
    """How fine the table by place is."""

    city = "city"
    county = "county"
    town = "town"


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(whatif)


def whatif(
    *,
    sets: Annotated[
        list[str],
        typer.Option("--set", help="NAME[@PLACE]=AMOUNT: dibao.standard=+10%, dibao.edge_multiple=2."),
    ],
    home: HomeOption = None,
    as_of: AsOfOption = None,
    by: Annotated[Place, typer.Option(help="The table by place.")] = Place.county,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Also write every changed entitlement, as .csv or .parquet.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Evaluate every household again under changed parameters. Nothing in the home is changed."""
    from exchange.guards import write_guarded_csv
    from flows.queries.whatif import what_if_home

    with opened(home, as_json) as site:
        found = what_if_home(site, sets, optional_date(as_of), by.value)
        rows = found.pop("rows")
        if out_file is not None:
            is_parquet = out_file.suffix == ".parquet"
            rows.write_parquet(out_file) if is_parquet else write_guarded_csv(rows, out_file)
    if as_json:
        print_json(found)
        return
    _show(found, by.value)


def _show(found: dict[str, Any], by: str) -> None:
    changes = ", ".join(found["sets"])
    out.print(f"If {changes} on {found['as_of']}, of {found['households']:,} households:", highlight=False)
    _table("in all", "", [{"": "", **found["total"]}])
    columns = ["benefit_id", "name_zh", "newly_eligible_cnt", "no_longer_eligible_cnt", *MONEY]
    table("by benefit", _heads(columns), [_cells(row, columns) for row in found["benefits"]])
    _table(f"by {by}", "name", found["places"])
    _table("by group (a household may be in several)", "group", found["groups"])
    out.print(
        "paid: those who receive it today; unclaimed: those who could and do not. Unclear households lack a "
        "fact on one side and are in no sum.",
        highlight=False,
    )


MONEY = ["paid_change_yuan_year", "gap_change_yuan_year", "once_change_yuan"]
COUNTS = ["gaining_cnt", "losing_cnt", "unclear_cnt"]
HEADS = {
    "gaining_cnt": "gain", "losing_cnt": "lose", "unclear_cnt": "unclear", "name_zh": "name",
    "newly_eligible_cnt": "newly eligible", "no_longer_eligible_cnt": "no longer",
    "paid_change_yuan_year": "paid, yuan a year", "gap_change_yuan_year": "unclaimed, yuan a year",
    "once_change_yuan": "one-off, yuan", "benefit_id": "benefit",
}  # fmt: skip


def _table(title: str, first: str, rows: list[dict[str, Any]]) -> None:
    columns = [first, *COUNTS, *MONEY]
    table(title, _heads(columns), [_cells(row, columns) for row in rows])


def _heads(columns: list[str]) -> list[str]:
    return [HEADS.get(column, column) for column in columns]


def _cells(row: dict[str, Any], columns: list[str]) -> tuple[Any, ...]:
    return tuple(f"{row[c]:+,.0f}" if c in MONEY else row[c] for c in columns)
