"""How `publish` prints what was done so that nobody stands out."""

from __future__ import annotations

import polars as pl

from flows.cli.terminal.console import line, table
from transforms.anonymity.measures import ALL_COLUMNS


def show_anonymity(anonymity: pl.DataFrame) -> None:
    """ref.anonymity in two parts: who would have stood out, and what each table had to leave out."""
    folded = pl.col("attributes") == ALL_COLUMNS
    people = anonymity.filter(~folded)
    if people.height:
        columns = ["alone before", "under 5 alike before", "fewest alike now", "of", "known"]
        rows = [
            (
                *map(_percent, (one["unique_share_before"], one["under_k_share_before"])),
                one["smallest_cnt"],
                one["table_name"],
                one["attributes"],
            )
            for one in people.iter_rows(named=True)
        ]
        table("who would stand out, by what neighbours know", columns, rows)
    columns = ["table", "rows", "different", "fewest alike", "under 5 alike before"]
    rows = [
        (
            *(one[name] for name in ("table_name", "row_cnt", "group_cnt", "smallest_cnt")),
            _percent(one["under_k_share_before"]),
        )
        for one in anonymity.filter(folded).iter_rows(named=True)
    ]
    table("each row of these stands there at least five times", columns, rows)
    line("not shown, in per cent of the rows; and all alike in something grave:")
    for one in anonymity.filter(folded).iter_rows(named=True):
        alike = f"; all alike: {one['all_alike']}" if one["all_alike"] else ""
        line(f"  {one['table_name']}: {one['not_shown'] or 'nothing'}{alike}")


def _percent(share: float) -> str:
    return f"{share:.1%}"
