"""Where the rooms lie: the one place that knows it, in a checkout and in an installation alike.

Rooms are top-level packages that are installed side by side, so each is a sibling of this package. Files
that a room carries (contracts, rules, templates, place tables) are found below its folder.
"""

from __future__ import annotations

from pathlib import Path

ROOMS = (
    "data_contracts",
    "divisions",
    "exchange",
    "flows",
    "models",
    "policies",
    "province",
    "transforms",
    "warehouse",
)
_SIDE_BY_SIDE = Path(__file__).resolve().parents[1]


def room(name: str) -> Path:
    """The folder of a room. Raises KeyError for a name that is no room's."""
    if name not in ROOMS:
        raise KeyError(name)
    return _SIDE_BY_SIDE / name
