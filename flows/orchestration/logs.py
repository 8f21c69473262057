"""What Prefect shows of a run: a line for each step, and a failure in words; never a traceback or a cell.

Import only after `configure_prefect`.
"""

from __future__ import annotations

import logging
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


class InWords(logging.Filter):
    """Puts an exception's own words in place of its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record; one with an exception says what happened and what to do."""
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is not None:
            record.msg, record.args = _in_words(error), ()
            record.exc_info = record.exc_text = None
        return True


def _in_words(error: BaseException) -> str:
    """What an error of ours says; of the system's only what happened, for its path may hold a file's name."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error) if isinstance(error, ZhaorenError) else type(error).__name__


def speak_plainly() -> None:
    """From now on Prefect's loggers in this process put failures in words."""
    for name in _SPEAKERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, InWords) for one in logger.filters):
            logger.addFilter(InWords())


def told(name: str, work: Callable[[], Any], home: Path) -> Any:
    """The work's result, with a line in Prefect when it begins and when it is done.

    A defect of ours is raised again without its message, which might quote a cell and is kept by Prefect.
    """
    logger, began = get_run_logger(), monotonic()
    logger.info("%s begins", name)
    try:
        result = work()
    except (ZhaorenError, OSError):
        raise
    except Exception as error:
        if is_disk_full(error):
            raise
        raise as_defect(home, error) from None
    logger.info("%s is done in %.0f s%s", name, monotonic() - began, _found(result))
    return result


def _found(result: Any) -> str:
    """What a step has to say of its result."""
    if not isinstance(result, IngestResult):
        return ""
    return f": {result.new_cnt} new files, {len(result.refused)} of which nothing was loaded"
