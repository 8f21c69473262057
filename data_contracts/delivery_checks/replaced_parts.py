"""Where the rows of a city or county are to be found in a delivery once its division code was given up.

A department sends the new codes from one month to the next; a city is not missing because it is called anew.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from divisions import area_codes
from divisions.succession import current_codes

# A city's code is the beginning of its counties' codes of six digits, and lives on in theirs.
_CITY, _COUNTY = 4, 6


def replaced_by(part: str, on: date | None) -> list[str]:
    """The six-digit codes that a city's or county's code has become by the day; none while it is in force.

    Never the new city as a whole: the rows of Jinan, of which Laiwu became part, must not hide that Laiwu's
    are lost. (Of a county merged into another that cannot be seen.) A part that is no such code, such as a
    month, has none.
    """
    if on is None or len(part) not in (_CITY, _COUNTY):
        return []
    codes = area_codes().filter(pl.col("code").str.starts_with(part))
    last = codes.get_column("end_year").max()
    is_in_force = pl.col("end_year").is_null() | (pl.col("end_year") > on.year)
    if last is None or codes.select(is_in_force.any()).item():
        return []
    # Those that left the city in earlier years were not among its rows any more.
    ended = codes.filter(pl.col("end_year") == last).get_column("code").unique().sort()
    candidates = current_codes(ended, on).get_column("candidates").explode().drop_nulls()
    return sorted(set(candidates.to_list()))
