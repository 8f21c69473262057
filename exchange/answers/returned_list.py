"""What is known of every list that came back, whatever was asked on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from exchange.answers.problems import Problem


@dataclass(frozen=True, kw_only=True)
class ReturnedList:
    """One list that came back. `rows`: one per line or case taken in. `found`: what to send back.

    Of `filled_cnt` lines, those in rows were taken, `repeated_cnt` say the same again, the rest were refused.
    """

    rows: pl.DataFrame
    found: list[Problem]
    as_of: date
    version: str
    sheets_read: int
    filled_cnt: int
    repeated_cnt: int

    @property
    def problems(self) -> list[str]:
        """Sentences with row numbers."""
        return [problem.text for problem in self.found]
