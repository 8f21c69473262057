"""The stations' lists as PDF, beside their workbooks."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from exchange.lists.worklist import WorklistHeader, head_texts
from exchange.prints.worklist_pdf import write_worklist_pdf
from exchange.words import words
from flows.context.site import Site
from flows.delivery.station_sheets import StationSheets


def write_prints(
    site: Site, lists: list[tuple[WorklistHeader, pl.DataFrame]], sheets: StationSheets, folder: Path
) -> int:
    """Write these stations' lists as PDF into the folder; how many. ZhaorenError where the machine cannot."""
    for done, (header, lines) in enumerate(lists):
        site.progress(f"{header.as_of} prints", done, len(lists))
        write_worklist_pdf(
            folder / f"{header.town_code}_{header.town_name}.pdf",
            words("worklist")["title"].format(station=header.station_name),
            head_texts(header, lines),
            lines,
            place_zh=header.station_name,
            sheets=sheets.of(header.town_code),
            footer=f"名单日期 {header.as_of}　版本 {header.version}",
        )
    return len(lists)
