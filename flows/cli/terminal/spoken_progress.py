"""Progress in lines, for logs and pipes, where no bar can be drawn."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flows.context.progress import Progress
from zhaoren.names import visible

# Whoever sees nothing for two seconds takes a run for dead; more lines would drown a log.
SECONDS_BETWEEN_LINES = 1.0


@contextmanager
def spoken_progress() -> Iterator[Progress]:
    """A reporter that writes a line to stderr at least every two seconds, whatever the step reports.

    Where it says nothing new, the line says for how long the same has been going on.
    """
    started, latest, share = time.monotonic(), "starting", 0.0
    over = threading.Event()

    def report(text: str, done: float = 0, total: float = 0) -> None:
        nonlocal latest, share
        latest = text
        share = max(share, done / total) if total else share

    def speak() -> None:
        said, since = latest, started
        while not over.wait(SECONDS_BETWEEN_LINES):
            now, text = time.monotonic(), latest
            said, since = (said, since) if text == said else (text, now)
            minutes, seconds = divmod(int(now - started), 60)
            long = f", for {now - since:.0f} s now" if now - since >= 1 else ""
            print(f"{share:4.0%} {minutes}:{seconds:02} {visible(text)}{long}", file=sys.stderr, flush=True)

    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    try:
        yield report
    finally:
        over.set()
        speaker.join()
