"""How many examples a generative test draws: said here alone, by profile.

A normal run draws the same few every time; `make test-long` draws many that nobody has seen yet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings

# Profile -> examples of a test, and of a costly one.
EXAMPLES = {"same": (60, 6), "new": (1_000, 500)}
_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)  # whole warehouses and histories are drawn

Test = TypeVar("Test", bound=Callable[..., Any])


def register() -> None:
    """Make both profiles known to Hypothesis, and use `same` unless the command line says otherwise."""
    both = settings(deadline=None, suppress_health_check=_SLOW)
    settings.register_profile("same", both, max_examples=EXAMPLES["same"][0], derandomize=True)
    settings.register_profile("new", both, max_examples=EXAMPLES["new"][0], print_blob=True)
    settings.load_profile("same")


def costly(test: Test) -> Test:
    """For a test whose single example takes a tenth of a second or more."""
    return settings(max_examples=EXAMPLES[settings.get_current_profile_name()][1])(test)
