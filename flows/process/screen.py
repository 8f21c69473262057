"""What reaches the screen is what Zhaoren says: no text of a library, which may quote a cell.

Native code (a panic in Rust, an abort in C++) writes to file descriptor 2 by itself, past every handler of
Python. So that descriptor leads nowhere, and Python's own `sys.stderr` goes on to where the user looks.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import warnings
from types import TracebackType

_STDERR = 2
_SORRY = "Error: Something went wrong inside Zhaoren"


def only_ours() -> None:
    """From now on nothing but this program's own words reaches the screen."""
    _silence_native_code()
    _silence_libraries()
    sys.excepthook = _say_kind
    sys.unraisablehook = lambda _: None
    threading.excepthook = lambda _: None  # whoever waits for the thread's work meets the error


def _silence_native_code() -> None:
    """Part Python's stderr from the process' descriptor 2; children inherit the one that leads nowhere."""
    try:
        seen = os.dup(_STDERR)
    except OSError:  # started without one: there is nobody to spare
        return
    sys.stderr = os.fdopen(
        seen, "w", buffering=1, encoding=sys.stderr.encoding, errors="backslashreplace"
    )  # as Python opens its own
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDERR)
    os.close(nowhere)


def hand_on() -> None:
    """Give the process' descriptor 2 back, for children that call `only_ours` themselves."""
    os.dup2(sys.stderr.fileno(), _STDERR)


def _silence_libraries() -> None:
    """Warnings, and the log lines of libraries that nobody set up a handler for, go nowhere."""
    warnings.showwarning = lambda *_, **__: None  # type: ignore[assignment]
    logging.lastResort = logging.NullHandler()  # type: ignore[assignment]


def _say_kind(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An error that nobody caught: its kind alone, for its message may quote a cell."""
    if issubclass(kind, KeyboardInterrupt):
        return
    sys.stderr.write(f"{_SORRY}: {kind.__name__}.\n")
