"""Print the stations' lists of a date, from the alerts on record."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from exchange.lists.worklist import WorklistHeader
from exchange.prints.engine import refuse_without
from flows.actions.replay import version_on
from flows.context.site import Site
from flows.delivery.deliver import listed_lines, station_lists
from flows.delivery.prints import write_prints
from flows.delivery.station_sheets import station_sheets
from warehouse.database.partitions import newest_date, partition
from zhaoren.errors import ZhaorenError


def print_date(site: Site, as_of: date | None = None, town: str | None = None) -> list[Path]:
    """Write the date's lists (the newest's unless told) as PDF beside their workbooks; the paths.

    `town`: of one station alone. Raises ZhaorenError where the machine writes no PDF, and for a date or a
    station that has no list.
    """
    refuse_without()
    day = as_of or newest_date(site.con)
    folder = lists_folder(site, day)
    with site.open_vault(day, "print", town or "") as vault:
        lines = listed_lines(site, vault, day, partition(site.con, "mart.alert", day))
        sheets = station_sheets(site, vault, day)
    lists = station_lists(site, day, lines, version=version_on(folder) or site.version)
    chosen = [one for one in lists if town in (None, one[0].town_code)]
    if not chosen:
        raise no_station(town or "", [header for header, _ in lists])
    write_prints(site, chosen, sheets, folder)
    return [folder / f"{header.town_code}_{header.town_name}.pdf" for header, _ in chosen]


def lists_folder(site: Site, as_of: date) -> Path:
    """Where the date's workbooks lie. Raises ZhaorenError for a date without lists."""
    folder = site.home.dated("worklists", as_of)
    if not folder.exists():
        raise ZhaorenError(
            "There are no lists of that date.", str(as_of), "", "See `zhaoren status` for the dates run."
        )
    return folder


def no_station(town: str, headers: list[WorklistHeader]) -> ZhaorenError:
    """The error for a code that is no station's of the date."""
    known = "、".join(f"{header.town_code} {header.town_name}" for header in headers[:5])
    return ZhaorenError(
        "No station of that date has this code.",
        f"--town {town}"[:40],
        f"The date has {len(headers)} stations, such as {known}.",
        "Give a town's nine digits, as the workbook's name begins with.",
        code="no_station",
    )
