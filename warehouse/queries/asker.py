"""Who asks: the name that goes on record when the vault or an original is opened."""

from __future__ import annotations

import getpass
import os
import re
from dataclasses import dataclass
from datetime import date, datetime

from warehouse.queries.openings import Opening
from zhaoren.errors import ZhaorenError

ENV = "ZHAOREN_BY"
_LONGEST = 60  # characters: a name and an office, and no story
_NUMBER = re.compile(r"\d(?:[\s-]?\d){6,}")  # what may be a person's number or phone


@dataclass(frozen=True)
class Asker:
    """name: who asks. command: which command of the command line; empty for a program that calls us."""

    name: str
    command: str = ""

    @classmethod
    def of_process(cls) -> Asker:
        """By ZHAOREN_BY, else the login name."""
        return asker()

    def opening(self, at: datetime, as_of: date, purpose: str, subject: str = "") -> Opening:
        """The line of `ops.vault_opening`."""
        return Opening(at, as_of, purpose, self.name, command=self.command, subject=subject)


def asker(by: str | None = None, command: str = "") -> Asker:
    """Who asks: `by`, else ZHAOREN_BY, else the login name. Raises ZhaorenError for what is no name."""
    given = (by or os.environ.get(ENV) or "").strip()
    if len(given) > _LONGEST or _NUMBER.search(given) or not given.isprintable():
        raise ZhaorenError(
            "This is no name of an asker.",
            "--by" if by else ENV,
            f"It is longer than {_LONGEST} characters, or holds a number as persons and phones have them.",
            "Give the name or the staff code of whoever asks; it goes on record.",
            code="asker",
        )
    return Asker(given or _login(), command)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a user of that number
        return "unknown"
