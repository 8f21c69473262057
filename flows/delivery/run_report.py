"""Documents for the data team: the run report of one date, the score cards, and links to the rest."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from data_contracts.delivery_checks.data_docs import write_data_docs
from exchange.reports.report import Link, write_report
from exchange.words import words
from flows.context.home import replaced_folder
from flows.context.places import place_name
from flows.context.site import Site
from flows.delivery.scorecards import write_scorecards
from flows.delivery.summary import run_summary
from flows.reports.chains import write_county_chains
from flows.reports.months import write_months
from warehouse.deliveries.profiles import validations

DATA_DOCS, SCORECARDS = "data_docs", "scorecards"


def write_reports(
    site: Site, as_of: date, dirt: pl.DataFrame | None = None, evaluation: pl.DataFrame | None = None
) -> None:
    """reports/<as_of>/: report.html, scorecards/, monthly/, chains/ and data_docs/ of its suites."""
    target = site.home.dated("reports", as_of)
    with replaced_folder(target, site.home.scratch) as fresh:
        write_data_docs(fresh / DATA_DOCS, validations(site.con, as_of))
        card = write_scorecards(site, as_of, fresh / SCORECARDS)
        months = write_months(site, as_of, fresh)
        chains = write_county_chains(site, as_of, fresh, is_made_up=dirt is not None)
        links = (*_links(site, as_of, fresh), *_months(months, fresh), *_chains(chains, fresh))
        summary = run_summary(site, as_of, dirt=dirt, evaluation=evaluation, card=card, links=links)
        write_report(fresh / "report.html", summary)


def _months(written: list[Path], fresh: Path) -> list[Link]:
    """The month's reports of the province and its cities; those of counties lie beside them."""
    pages = [path for path in written if path.suffix == ".html" and len(path.stem.split("_")[0]) <= 4]
    return [
        Link(f"月报 {place_name(path.stem.split('_')[0])}", str(path.relative_to(fresh)), path.stem[-7:])
        for path in pages
    ]


def _chains(pages: dict[str, Path], fresh: Path) -> list[Link]:
    """The page of each county's 救助链."""
    title = words("chains")["link"]
    return [
        Link(title.format(area=place_name(county)), str(path.relative_to(fresh)))
        for county, path in pages.items()
    ]


def _links(site: Site, as_of: date, fresh: Path) -> tuple[Link, ...]:
    """The documents beside the report, by their relative paths from it; one that is not there is left out."""
    titles = {c.department: c.department_zh for c in site.contracts.values()}
    cards = [
        Link(f"记分卡 {titles.get(path.stem, path.stem)}", f"{SCORECARDS}/{path.name}")
        for path in sorted((fresh / SCORECARDS).glob("*.xlsx"))
    ]
    receipts = site.home.dated("receipts", as_of)
    checks = [Link("检查文档 Data Docs", f"{DATA_DOCS}/index.html", "每份文件逐条规则的检查结果")]
    returned = [Link("回执", f"../../receipts/{as_of}/", "发给各部门：退回的行与修改办法")]
    return (
        *(returned if receipts.exists() else []),
        *(checks if (fresh / DATA_DOCS / "index.html").exists() else []),
        *cards,
    )
