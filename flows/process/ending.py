"""A process that is done is gone: to take the interpreter apart, after a run, takes seconds in which nobody
hears anything, and frees piece by piece what the system frees at once."""

from __future__ import annotations

import atexit
import os
import sys

_codes: list[int] = []


def end_at_once() -> None:
    """To be called before anything else registers what it does at the end: that is all still done."""
    atexit.register(_leave)


def ends_with(code: object) -> None:
    """The code that the process ends with, as `sys.exit` takes it; without one nothing is cut short."""
    if code is None or isinstance(code, int):
        _codes.append(code or 0)


def _leave() -> None:
    if not _codes:
        return
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # nobody reads any more: the interpreter's own code for it
            _codes.append(_codes[-1] or 120)
    os._exit(_codes[-1])
