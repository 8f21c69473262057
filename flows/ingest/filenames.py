"""The name of a delivered file, `<extract>[.<YYYY-MM>][.<part>].<ending>`, and the month it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from zhaoren.errors import ZhaorenError

ENDINGS = {"csv", "tsv", "txt", "dat", "xlsx", "xlsm", "xls", "et", "parquet", "gz", "zip"}
# Of this century or the last: a year 0000 is a slip.
MONTH = re.compile(r"((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])")
PART = re.compile(r"[0-9A-Za-z]{1,32}")  # it becomes part of the delivery's number


@dataclass(frozen=True)
class FileName:
    """The extract, the month stated (its first day) or None, and the part of the roll ('' for all of it)."""

    extract: str
    month: date | None = None
    part: str = ""


def extract_of(name: str) -> str:
    """The extract a file is named after: all before the first dot."""
    return name.split(".")[0]


def parse_name(name: str) -> FileName:
    """Read a file name. Raises ZhaorenError when something in it is neither a month nor a part.

    population.csv, settlement.2025-10.xlsx, population.4401.csv.gz and population.2025-10.4401.zip are names.
    """
    pieces = name.split(".")
    while len(pieces) > 1 and pieces[-1].lower() in ENDINGS:
        pieces.pop()
    extract, *rest = pieces
    if len(rest) > 1 and len(pieces) == len(name.split(".")):
        rest = rest[:-1]  # an ending we do not know: the content decides how the file is read
    month = None
    if rest and (found := MONTH.fullmatch(rest[0])):
        month, rest = date(int(found[1]), int(found[2]), 1), rest[1:]
    if len(rest) > 1 or not all(PART.fullmatch(piece) for piece in rest):
        raise ZhaorenError(
            "The file name cannot be understood.",
            name,
            f"“{'.'.join(rest)}” is neither a month (YYYY-MM) nor one part of letters and digits.",
            "Name it <extract>.csv, or <extract>.<YYYY-MM>.<part>.csv; month and part may be left out.",
            code="file_name_unclear",
        )
    return FileName(extract, month, rest[0] if rest else "")


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
