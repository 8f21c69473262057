"""The month and part that a delivered file's name states, and the month it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from data_contracts.contract.file_names import MONTH, read_pieces
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class FileName:
    """The extract, the month stated (its first day) or None, and the part of the roll ('' for all of it)."""

    extract: str
    month: date | None = None
    part: str = ""


def parse_name(name: str, where: str = "") -> FileName:
    """Read a file name. Raises ZhaorenError when something in it is neither a month nor a part.

    population.csv, settlement.2025-10.xlsx, population.4401.csv.gz and population.2025-10.4401.zip are names.
    `where`: how the error names the file.
    """
    found = read_pieces(name)
    if found is None:
        raise ZhaorenError(
            "The file name cannot be understood.",
            where,
            "What follows the extract is neither a month (YYYY-MM) nor one part of letters and digits.",
            "Name it <extract>.csv, or <extract>.<YYYY-MM>.<part>.csv; month and part may be left out.",
            code="file_name_unclear",
        )
    extract, month, part = found
    stated = MONTH.fullmatch(month)
    return FileName(extract, date(int(stated[1]), int(stated[2]), 1) if stated else None, part)


def period_of(name: FileName, known: date, cadence: str) -> date:
    """The month a delivery speaks of: the one stated, else the month before it came.

    Reports of single events (cadence `event`) speak of the day they came unless a month is stated. Raises
    ZhaorenError for a month that had not begun.
    """
    if name.month is not None:
        if name.month > known:
            raise ZhaorenError(
                "The file speaks of a month that had not begun.",
                f"{name.extract}, month {name.month:%Y-%m}",
                f"It was delivered on {known}.",
                "Check the month in the file name and the date of its folder.",
                code="month_not_begun",
            )
        return name.month
    if cadence == "event":
        return known
    return (known.replace(day=1) - timedelta(days=1)).replace(day=1)
