"""The pack of a county's quarterly meeting: the quarter's report with what the meeting has to decide."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from exchange.reports.monthly import Monthly
from exchange.reports.pack_parts import differences_part, policy_gaps_part
from flows.context.site import Site
from flows.reports.monthly import COUNTY, monthly
from flows.reports.numbers import Numbers
from warehouse.casework.visits import differences
from warehouse.reports.places import towns_of_lines
from zhaoren.errors import ZhaorenError


def meeting_pack(site: Site, found: Numbers, county: str) -> Monthly:
    """The pack of one county for the quarter up to the numbers' month. ZhaorenError for no county."""
    if len(county) != COUNTY:
        raise ZhaorenError(
            f"{county} is no county.",
            "--area",
            "The pack is for the meeting of one county with its stations.",
            "Give a county's six digits, such as 441621; other places have `--month`.",
            code="no_county",
        )
    report = monthly(site, found, county)
    results = {code.code: f"{code.code} {code.zh}" for code in site.catalogue.result_codes}
    further = (
        differences_part(_open_ones(site, county), results),
        policy_gaps_part(report.figures, report.places),
    )
    return replace(report, span="quarter", further=further, appraisal=())


def _open_ones(site: Site, county: str) -> pl.DataFrame:
    """Pairs of contradicting visits in the county."""
    pairs = differences(site.con)
    towns = towns_of_lines(site.con, pairs.get_column("list_id"))
    own = towns.filter(pl.col("town_code").str.starts_with(county))
    return pairs.join(own.select("list_id"), on="list_id", how="semi", maintain_order="left")
