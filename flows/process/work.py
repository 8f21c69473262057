"""Work that can be done part by part, by whoever is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Protocol

# Does one part, and gives it back. It can be pickled, and done twice it leaves the same.
Work = Callable[[int], int]


class Runner(Protocol):
    """Does some work on each of several parts. wants_prefect: whether its parts are tasks of a flow."""

    wants_prefect: ClassVar[bool]

    def map(self, work: Work, parts: Sequence[int]) -> Iterator[int]:
        """Do the work on every part; gives each part when it is done, in whatever order."""
        ...
