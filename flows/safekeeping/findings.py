"""One thing that doctor looked at: what it found, and what to do where it is not as it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from zhaoren.errors import ZhaorenError

State = Literal["fine", "note", "wrong"]
SHOWN = 3  # of many things alike, so many are named


@dataclass(frozen=True)
class Finding:
    """area: what was looked at. state: fine; note: worth knowing, needs nobody; wrong: somebody must act."""

    area: str
    state: State
    text: str
    todo: str = ""


def fine(area: str, text: str) -> Finding:
    """As it should be."""
    return Finding(area, "fine", text)


def note(area: str, text: str, todo: str = "") -> Finding:
    """Worth knowing; the home is whole all the same."""
    return Finding(area, "note", text, todo)


def wrong(area: str, text: str, todo: str) -> Finding:
    """Not as it should be."""
    return Finding(area, "wrong", text, todo)


def of_error(area: str, error: ZhaorenError) -> Finding:
    """What a command would be refused with."""
    where = f" ({error.where})" if error.where else ""
    return wrong(area, f"{error.what}{where} {error.why}".strip(), error.todo)


def named(things: Sequence[object]) -> str:
    """The first few of many things, and how many more there are."""
    first = ", ".join(str(thing) for thing in things[:SHOWN])
    return first if len(things) <= SHOWN else f"{first} and {len(things) - SHOWN:,} more"
