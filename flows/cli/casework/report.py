"""The command report: a month of a town, county, city or province, each number with its query."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.terminal.console import opened, out, print_json, table
from flows.cli.terminal.options import AsOfOption, HomeOption, JsonOption, optional_date
from zhaoren.errors import ZhaorenError

FORMATS = ("html", "pdf", "xlsx")


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(report)


def report(
    *,
    area: Annotated[str, typer.Option("--area", help="2, 4, 6 or 9 digits: province, city, county or town.")],
    month: Annotated[str | None, typer.Option("--month", help="The month, YYYY-MM.")] = None,
    quarter: Annotated[
        str | None, typer.Option("--quarter", help="Instead: the pack of a county's meeting, as 2025-Q4.")
    ] = None,
    home: HomeOption = None,
    as_of: AsOfOption = None,
    formats: Annotated[
        str | None, typer.Option("--format", help="Files to write: html, pdf, xlsx, joined by commas.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Folder for the files; default: here.")] = None,
    public: Annotated[
        bool, typer.Option("--public", help="Hide small counts in a county's or station's report, too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """A month from the alert to the payment, as known on a day; sums of the same rows at every level."""
    with opened(home, as_json) as site:
        first, wanted = last_month_of(month, quarter), formats_of(formats)
        from flows.reports.monthly import monthly, page_of, write_files
        from flows.reports.numbers import numbers
        from flows.reports.quarterly import meeting_pack

        found = numbers(site, first, optional_date(as_of) or site.now().date())
        made = meeting_pack(site, found, area) if quarter else monthly(site, found, area, outside=public)
        page = page_of(made, charts=bool({"html", "pdf"} & set(wanted)))
        files = (
            write_files(to or Path(), f"{area}_{quarter or month}", page, found.day, wanted) if wanted else []
        )
    if as_json:
        print_json({**page_data(page), "files": [str(path) for path in files]})
        return
    out.print(f"{page.title}\n{page.subtitle}\n{page.notice}", highlight=False)
    for part in page.parts:
        for number, one in enumerate(part.tables):
            rows = [tuple(cell.text for cell in row) for row in one.rows]
            table(part.title if not number else "", one.headings, rows)
    for path in files:
        out.print(str(path), highlight=False)


def page_data(page: Any) -> dict[str, Any]:
    """A report for machines: a hidden number is null with is_hidden, and each names its query."""
    cells = [
        {"section": part.title, "table": place, "row": row[0].text, "column": table.headings[col],
         "metric": cell.metric, "text": cell.text, "value": cell.number}
        for part in page.parts for place, table in enumerate(part.tables) for row in table.rows
        for col, cell in enumerate(row) if cell.metric
    ]  # fmt: skip
    queries = {query["metric"]: query["query"] for query in page.queries}
    return {"title": page.title, "notice": page.notice, "cells": cells, "queries": queries}


def last_month_of(month: str | None, quarter: str | None) -> date:
    """The first day of the month asked for, or of the quarter's last. ZhaorenError unless one is given."""
    if (month is None) == (quarter is None):
        raise ZhaorenError("Which months is the report about?", "--month", "", "Give --month or --quarter.")
    if quarter is None:
        return month_of(str(month))
    year, _, number = quarter.partition("-Q")
    if number not in ("1", "2", "3", "4"):
        raise ZhaorenError(f"“{quarter}” is no quarter.", "--quarter", "", "Write it as 2025-Q4.")
    return month_of(f"{year}-{int(number) * 3:02}")


def month_of(text: str) -> date:
    """The first day of the month a user typed. Raises ZhaorenError when it is none."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise ZhaorenError(f"“{text}” is no month.", "--month", "", "Write it as YYYY-MM.") from error


def formats_of(text: str | None) -> tuple[str, ...]:
    """The kinds of files a user asked for. Raises ZhaorenError for one we do not write."""
    wanted = tuple(part.strip() for part in (text or "").split(",") if part.strip())
    for one in wanted:
        if one not in FORMATS:
            raise ZhaorenError(
                f"“{one}” is no kind of file we write.", "--format", "", "Use html, pdf, xlsx."
            )
    return wanted
