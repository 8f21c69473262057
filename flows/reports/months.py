"""The reports that a run writes: of the month before its date, for province, cities, counties and stations.

A station's has no charts: drawing them takes ten times as long as all the rest (0.06 s without them, 0.6 s
with), a quarter of an hour for a province's 1,757. On request (`zhaoren report --area`) it has them.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from flows.context.site import Site
from flows.reports.monthly import monthly, page_of, write_files
from flows.reports.numbers import Numbers, numbers
from transforms.reports.rollup import LEVELS

FOLDER, STATIONS = "monthly", "stations"
FORMATS = ("html", "xlsx")  # PDF on request: most of a second each


def month_before(as_of: date) -> date:
    """The first day of the month before the date's."""
    return (as_of.replace(day=1) - timedelta(days=1)).replace(day=1)


def write_months(site: Site, as_of: date, folder: Path) -> list[Path]:
    """<folder>/monthly/<area>_<month>.html and .xlsx for every place that has numbers.

    Those of stations lie in stations/. As known on the date; nothing before there is anything to count.
    """
    month = month_before(as_of)
    found = numbers(site, month, as_of)
    areas = areas_of(found)
    written: list[Path] = []
    for done, area in enumerate(areas):
        site.progress(f"{as_of} reports of the month", done, len(areas))
        is_station = len(area) == LEVELS[-1]
        page = page_of(monthly(site, found, area), charts=not is_station)
        place = folder / FOLDER / STATIONS if is_station else folder / FOLDER
        written += write_files(place, f"{area}_{month:%Y-%m}", page, as_of, FORMATS)
    return written


def areas_of(found: Numbers) -> list[str]:
    """The places that have numbers: the province, cities, counties, towns."""
    known = {area for area in found.cells.get_column("area") if len(area) in LEVELS and area.isdigit()}
    return sorted(known, key=lambda area: (len(area), area))
