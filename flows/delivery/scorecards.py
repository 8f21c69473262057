"""Score cards of one date: one workbook per department, beside the run report."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from exchange.reports.scorecard import write_scorecard
from flows.context.site import Site
from warehouse.casework.matters import objections
from warehouse.deliveries.scorecard import scorecard, top_faults


def write_scorecards(site: Site, as_of: date, folder: Path) -> pl.DataFrame:
    """<folder>/<department>.xlsx for every department with a contract. Returns the whole card."""
    contracts = site.contracts.values()
    titles = {c.extract: c.title_zh for c in contracts}
    named = pl.col("extract").replace(titles).alias("extract_zh")
    card = scorecard(site.con, as_of, site.contracts, site.catalogue.facts.values()).with_columns(named)
    faults = top_faults(site.con, as_of).with_columns(named)
    told = objections(site.con, as_of).with_columns(named)
    for department, zh in sorted({c.department: c.department_zh for c in contracts}.items()):
        own = card.filter(department=department)
        if own.height:
            write_scorecard(
                folder / f"{department}.xlsx",
                zh,
                as_of,
                own,
                faults.filter(department=department),
                objections=told.filter(department=department),
            )
    return card
