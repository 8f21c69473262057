"""The stations' hands, for those who keep the table of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from divisions import towns
from exchange.stations.hands import template
from flows.context.rulebook import hands_of
from zhaoren.errors import ZhaorenError
from zhaoren.yaml_lines import refuse


def hands_on(home: Path, as_of: date) -> list[dict[str, Any]]:
    """The rows of the home's table in force on the date, with the towns' names.

    Raises ZhaorenError where there is no table, and naming the first mistake of one.
    """
    if not (home / "stations" / "hands.csv").exists():
        why = "Every station has the default, operations.station_lines_month."
        todo = "`zhaoren hands template` writes a table to fill in."
        raise ZhaorenError("No station's hands are entered.", str(home / "stations" / "hands.csv"), why, todo)
    hands, problems = hands_of(home)
    refuse(problems, "correct the table; `zhaoren hands lint` lists every problem")
    now = hands.filter(pl.col("valid_from") <= as_of, (pl.col("valid_to") >= as_of).fill_null(True))
    named = now.join(
        towns().select("town_code", "town_name"), on="town_code", how="left", maintain_order="left"
    )
    return named.select("town_code", "town_name", pl.exclude("town_code", "town_name")).to_dicts()


def blank_table(place: str | None) -> tuple[bytes, int]:
    """The table to fill in for the towns whose code begins with `place` (or all), and how many they are."""
    here = towns().filter(pl.col("town_code").str.starts_with(place or ""))
    if here.is_empty() or place == "":
        todo = "Give the code of a city or county of today, or none."
        raise ZhaorenError(f"No town's code begins with “{place}”.", "--place", "", todo)
    return template(dict(here.select("town_code", "town_name").iter_rows())), here.height
