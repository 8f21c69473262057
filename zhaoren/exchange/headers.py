"""Finding the header row among titles, and telling which column each header is."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zhaoren.data_contracts.contract import Contract

SEARCHED_ROWS = 20
LEAST_MATCHES = 2


@dataclass(frozen=True)
class HeaderMatch:
    """How a file's header row fits a contract. places: position in the file -> column name."""

    headers: tuple[str, ...]
    places: Mapping[int, str]
    renamed: Mapping[str, str]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    missing_required: tuple[str, ...]
    share: float


def plain(header: str | None) -> str:
    """A header without what departments decorate it with: width, spaces, stars, quotes, line breaks."""
    folded = unicodedata.normalize("NFKC", header or "")
    return re.sub(r"[\s*\"'“”_:\u200b-\u200f\ufeff]", "", folded).lower()


def find_header(rows: Sequence[Sequence[str | None]], contracts: Iterable[Contract]) -> int | None:
    """The place of the first row that best matches any contract's headers; None when none matches two.

    A contract of one or two columns needs all of them.
    """
    wanted = [{plain(c.header) for c in contract.columns} for contract in contracts]
    best, best_count = None, 0
    for place, row in enumerate(rows[:SEARCHED_ROWS]):
        cells = {plain(cell) for cell in row} - {""}
        count = max(
            (len(cells & names) for names in wanted if len(cells & names) >= _enough(names)), default=0
        )
        if count > best_count:
            best, best_count = place, count
    return best


def _enough(names: set[str]) -> int:
    return min(LEAST_MATCHES, len(names))


def match_headers(cells: Sequence[str | None], contract: Contract) -> HeaderMatch:
    """Match by the agreed header first, then by the everyday term or our own name where that is unambiguous.

    A header that stands twice is matched the first time only; the second is unknown.
    """
    headers = _without_empty_tail(cells)
    places = _claim(headers, {plain(c.header): c.name for c in contract.columns}, {})
    rest = [c for c in contract.columns if c.name not in places.values()]
    for term in ("zh", "name"):
        places = _claim(headers, {plain(getattr(c, term)): c.name for c in rest}, places)
    found = set(places.values())
    missing = [c for c in contract.columns if c.name not in found]
    agreed = {place: contract.column(name).header for place, name in places.items()}
    return HeaderMatch(
        headers=headers,
        places=dict(sorted(places.items())),
        renamed={headers[p]: header for p, header in agreed.items() if headers[p].strip() != header},
        unknown=tuple(header for place, header in enumerate(headers) if place not in places and header),
        missing=tuple(c.header for c in missing),
        missing_required=tuple(c.header for c in missing if c.required),
        share=len(found) / len(contract.columns),
    )


def nearest(header: str, candidates: Sequence[str]) -> str | None:
    """The candidate a drifted header may stand for, if any is close."""
    close = difflib.get_close_matches(header, candidates, n=1, cutoff=0.6)
    return close[0] if close else None


def _claim(headers: Sequence[str], names: Mapping[str, str], places: Mapping[int, str]) -> dict[int, str]:
    claimed = dict(places)
    for place, header in enumerate(headers):
        name = names.get(plain(header))
        if place not in claimed and name and name not in claimed.values():
            claimed[place] = name
    return claimed


def _without_empty_tail(cells: Sequence[str | None]) -> tuple[str, ...]:
    headers = [(cell or "").strip() for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    return tuple(headers)
