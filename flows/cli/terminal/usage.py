"""Wrong usage told without what a terminal would act on: the parser quotes what was typed as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer.core import TyperGroup

from zhaoren.names import visible

_QUOTED = ("message", "option_name", "cmd_name", "param_hint", "filename", "ui_filename")


class VisibleGroup(TyperGroup):
    """The commands, whose errors show what was typed and do not hand it on."""

    def make_context(self, *args: Any, **more: Any) -> Any:
        """Of the group's own options."""
        with _shown():
            return super().make_context(*args, **more)

    def invoke(self, ctx: Any) -> Any:
        """Of the commands' options."""
        with _shown():
            return super().invoke(ctx)


@contextmanager
def _shown() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if hasattr(error, "format_message"):  # wrong usage, of the parser that Typer keeps to itself
            for name in _QUOTED:
                if isinstance(text := getattr(error, name, None), str):
                    setattr(error, name, "\n".join(visible(line) for line in text.split("\n")))
        raise
