"""What Prefect shows of a run: a line for each step, and a failure in words; never a traceback or a cell.

Import only after `configure_prefect`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from prefect.logging import get_run_logger

from flows.context.failures import as_defect, is_disk_full
from flows.ingest.ingest import IngestResult
from zhaoren.errors import ZhaorenError

# Whoever of Prefect logs an exception that ended a task, a flow, or the process of a flow.
_SPEAKERS = ("prefect.task_runs", "prefect.flow_runs", "prefect.engine", "prefect.flow_engine")


class StepFailed(Exception):
    """What Prefect is told of a failure, and keeps: words without a cell and without a path of the machine.

    error: the failure itself, for whoever called the flow; None in a copy that was stored.
    """

    def __init__(self, words: str, error: Exception | None = None) -> None:
        super().__init__(words)
        self.error = error

    def __reduce__(self) -> tuple[type[StepFailed], tuple[str]]:
        # Prefect stores a task's exception as a file, with all that hangs on it.
        return StepFailed, (str(self),)


class InWords(logging.Filter):
    """Puts words in place of an exception's traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record; one with an exception says what happened and what to do."""
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is not None:
            record.msg = str(error) if isinstance(error, StepFailed) else type(error).__name__
            record.args = ()
            record.exc_info = record.exc_text = None
        return True


def speak_plainly() -> None:
    """From now on Prefect's loggers in this process put failures in words."""
    for name in _SPEAKERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, InWords) for one in logger.filters):
            logger.addFilter(InWords())


def told(name: str, work: Callable[[], Any], home: Path | None) -> Any:
    """The work's result, with a line in Prefect when it begins and when it is done.

    Whatever fails is raised as StepFailed. A defect of ours goes without its message, which might quote a
    cell, into a file of the home.
    """
    logger, began = get_run_logger(), monotonic()
    logger.info("%s begins", name)
    result = failing_in_words(work, home)
    logger.info("%s is done in %.0f s%s", name, monotonic() - began, _found(result))
    return result


def failing_in_words(work: Callable[[], Any], home: Path | None) -> Any:
    """The work's result. Raises StepFailed for whatever error."""
    try:
        return work()
    except StepFailed:
        raise
    except Exception as error:
        known = isinstance(error, ZhaorenError | OSError) or is_disk_full(error)
        failure = error if known else as_defect(home, error)
        raise StepFailed(_for_the_record(failure), failure) from None


# A path from the root of the machine's folders; only its last part may be kept.
_PATH = re.compile(r"(?<![\w.…])/(?:[^/\s]+/)*([^/\s]*)")


def _for_the_record(error: Exception) -> str:
    if isinstance(error, ZhaorenError):
        return _PATH.sub(r"…/\1", str(error))
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else "The disk is full."


def _found(result: Any) -> str:
    """What a step has to say of its result."""
    if not isinstance(result, IngestResult):
        return ""
    return f": {result.new_cnt} new files, {len(result.refused)} of which nothing was loaded"
