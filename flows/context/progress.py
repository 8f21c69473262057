"""How a step reports progress: a text, and how much of how much is done."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Whom a step reports to."""

    def __call__(self, text: str, done: float = 0, total: float = 0) -> None:
        """`done` of `total` parts; a total of 0 means that nobody knows how long it takes."""


def silent(text: str, done: float = 0, total: float = 0) -> None:
    """Report nothing, where nobody watches."""


def stretch(whole: Progress, first: float, last: float) -> Progress:
    """A reporter for one part of a longer work, which lies between the shares `first` and `last` of it.

    Parts may have parts. Whoever watches sees one bar, and in its text how far the part in hand has come.
    """

    def report(text: str, done: float = 0, total: float = 0) -> None:
        share = done / total if total else 0.0
        counted = f"{text} ({done:.0f} of {total:.0f})" if total > 1 else text
        whole(counted, first + (last - first) * share, 1)

    return report
