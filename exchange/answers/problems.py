"""What is wrong with a list that came back: a code for the record, and a Chinese sentence for its sender."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from exchange.answers.numbers import holds_number

# Letters and characters, but for those of a date.
_WORD = re.compile(r"(?:(?![年月日号])[^\W\d_])+")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one line. `code` is snake_case and stays when the sentence is reworded.

    `is_refusal`: the line is not taken in; else the result is taken and something is asked for.
    """

    code: str
    text: str
    is_refusal: bool = True


@dataclass(frozen=True)
class Problem:
    """One sentence to send back; row_no is null where it concerns several lines, a sheet or the whole list.

    line_cnt: lines that it refuses or asks about, where they are counted.
    """

    code: str
    text: str
    row_no: int | None = None
    is_refusal: bool = True
    line_cnt: int = 1


def of_line(where: str, row_no: int, faults: Iterable[Fault]) -> list[Problem]:
    """A line's faults as sentences that name its row; `where` names the sheet if there are several."""
    return [Problem(f.code, f"{where}第{row_no}行：{f.text}", row_no, f.is_refusal) for f in faults]


def quoted(text: str) -> str:
    """What was typed in place of a code or a date, short: figures and signs; any word may be a name."""
    if holds_number(text):
        return "［已遮盖］"
    return " ".join(_WORD.sub("…", text).split())[:12]
