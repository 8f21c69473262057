"""What a department reads when its whole file was refused: the error's code in plain Chinese."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.words import words

# Reasons of the checks as ops.delivery keeps them, beside the ids of rules; parted by "; ".
SAME_BYTES = "same bytes"
TOO_MANY = "more rows are refused than can be sent back one by one"
OTHER = "other"  # general words: an error without a code, or one kept before errors had codes


@dataclass(frozen=True)
class Refusal:
    """Why a file was refused and what to do, in Chinese; `technical`: the error as the data team reads it."""

    why_zh: str
    todo_zh: str
    technical: str


def reasons_zh(reason: str) -> list[str]:
    """What the checks held against a delivery beside its rules, in Chinese."""
    said = []
    for part in reason.split("; "):
        if part.startswith(SAME_BYTES):
            said.append(words("receipt")["same_bytes"].format(twin=part.removeprefix(f"{SAME_BYTES} as ")))
        elif part == TOO_MANY:
            said.append(words("receipt")["too_many"])
    return said


def refusal_zh(code: str, reason: str) -> Refusal:
    """`code` and text of a ZhaorenError, as ops.delivery keeps them."""
    kinds = words("receipt")["refusals"]
    kind = kinds.get(code) or kinds[OTHER]
    # The sentence of such an error ends with what it is about: “required columns are missing: 姓名”.
    detail = reason.partition("\n")[0].partition(": ")[2] if kind.get("detail") else ""
    return Refusal(f"{kind['zh']}：{detail}" if detail else kind["zh"], kind["todo"], reason)
