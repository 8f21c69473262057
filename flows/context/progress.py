"""How a step reports progress: a text, and how much of how much is done."""

from __future__ import annotations

from collections.abc import Callable

# text, done, total; a total of 0 means that nobody knows how long it takes.
Progress = Callable[[str, int, int], None]


def silent(text: str, done: int = 0, total: int = 0) -> None:
    """Report nothing, where nobody watches."""
