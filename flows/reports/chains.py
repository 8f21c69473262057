"""一户一条救助链 of every family on a date's lists, a page per county beside the run report."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from exchange.reports.chains import write_chains
from flows.context.places import place_name
from flows.context.site import Site
from flows.reports.chain_words import chains_of
from warehouse.database.partitions import partition

FOLDER = "chains"
_COLUMNS = ("queue", "county_code", "town_code", "household_id", "list_rank", "is_listed")


def write_county_chains(
    site: Site, as_of: date, folder: Path, *, is_made_up: bool = False
) -> dict[str, Path]:
    """<folder>/chains/<county>.html; county code -> the page. In the order of the lists, town by town."""
    listed = partition(site.con, "mart.alert", as_of, *_COLUMNS).filter(
        pl.col("queue") == "need", "is_listed", pl.col("household_id").is_not_null()
    )
    listed = listed.sort("county_code", "town_code", "list_rank", "household_id")
    # Asked for all at once: each county's own question would read every list again.
    found = chains_of(site, listed["household_id"], as_of)
    written = {}
    for (county,), rows in listed.partition_by("county_code", as_dict=True, maintain_order=True).items():
        written[str(county)] = folder / FOLDER / f"{county}.html"
        write_chains(
            written[str(county)],
            [found[household] for household in rows["household_id"]],
            area_zh=place_name(str(county)),
            as_of=as_of,
            version=site.version,
            is_made_up=is_made_up,
        )
    return written
