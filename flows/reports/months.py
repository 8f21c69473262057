"""The reports that a run writes: of the month before its date, for the province, cities and counties.

A station's report is written on request (`zhaoren report --area`), or by a run for all stations where
settings.yaml asks for it: sixteen hundred of them take longer than the lists themselves.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from flows.context.site import Site
from flows.reports.monthly import monthly, page_of, write_files
from flows.reports.numbers import Numbers, numbers
from transforms.reports.rollup import LEVELS

FOLDER = "monthly"
FORMATS = ("html", "xlsx")  # PDF on request: most of a second each


def month_before(as_of: date) -> date:
    """The first day of the month before the date's."""
    return (as_of.replace(day=1) - timedelta(days=1)).replace(day=1)


def write_months(site: Site, as_of: date, folder: Path) -> list[Path]:
    """<folder>/monthly/<area>_<month>.html and .xlsx for every place above the stations that has numbers.

    As known on the date. Nothing is written before there is anything to count.
    """
    month = month_before(as_of)
    found = numbers(site, month, as_of)
    areas = areas_of(found)
    written: list[Path] = []
    for done, area in enumerate(areas):
        site.progress(f"{as_of} reports of the month", done, len(areas))
        page = page_of(monthly(site, found, area))
        written += write_files(folder / FOLDER, f"{area}_{month:%Y-%m}", page, as_of, FORMATS)
    return written


def areas_of(found: Numbers) -> list[str]:
    """The province, cities and counties that have numbers, in the order of their codes."""
    known = {area for area in found.cells.get_column("area") if len(area) in LEVELS[:-1] and area.isdigit()}
    return sorted(known, key=lambda area: (len(area), area))
