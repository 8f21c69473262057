"""What a department reads when its whole file was refused: the reader's English error in plain Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exchange.words import words


@dataclass(frozen=True)
class Refusal:
    """Why a file was refused and what to do, in Chinese; `technical`: the error as the data team reads it."""

    why_zh: str
    todo_zh: str
    technical: str


def refusal_zh(reason: str) -> Refusal:
    """`reason`: the text of a ZhaorenError, as ops.delivery keeps it. An unknown kind gets general words."""
    what = reason.splitlines()[0] if reason else ""
    kind = next(k for k in words("receipt")["refusals"] if _fits(k, what, reason))
    detail = what.partition(": ")[2] if kind.get("detail") else ""
    why = f"{kind['zh']}：{detail}" if detail else kind["zh"]
    return Refusal(why, kind["todo"], reason)


def is_known_refusal(what: str) -> bool:
    """Whether there are words for this very kind of error, not only the general ones."""
    return any(k["starts"] and _fits(k, what, what) for k in words("receipt")["refusals"])


def _fits(kind: Mapping[str, Any], what: str, reason: str) -> bool:
    said = kind.get("contains") or [""]
    return what.lower().startswith(kind["starts"]) and any(part in reason.lower() for part in said)
