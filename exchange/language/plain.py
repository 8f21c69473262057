"""The plain-language check: length, codes, English, hard or frightening words, marks, left-over parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from exchange.words import words

_MARKS = "。，；：、！？"
_ENDS = re.compile(r"[。；！？\n]")
# A run of names, as of departments' files: it is looked through, not read from end to end.
_LISTED = re.compile(r"(?:[^、，：；。\s]{1,20}、){3,}[^、，；。\s]{1,20}")
_NEGATED = "不没未非"
_BRACKETS = re.compile(r"（[^（）]*）")
_DOUBLED = re.compile(rf"[{_MARKS}][{_MARKS}]|（）|“”|、$|，$|：$|  |　　　")
_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{1,2}\d{2,}|[a-z]+_[a-z_]+|\b[0-9a-f]{8,}(?=.*[a-f])\b")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]+")
_LEFT_OVER = re.compile(r"\{[a-z_]*\}|\bNone\b|\bnull\b|\bnan\b|\bNaN\b")
_PAIRS = (("（", "）"), ("“", "”"), ("「", "」"), ("《", "》"))
# A heading ends in nothing, a label in a colon; only what reads as a sentence is measured.
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def faults(text: str) -> list[str]:
    """What is not plain in a text: `kind: the part`, none where all is well. The text may have many lines."""
    return list(_faults(text)) if _CHINESE.search(text) else []


def _faults(text: str) -> Iterator[str]:
    rules = _rules()
    for sentence in _ENDS.split(text):
        if (length := len(_LISTED.sub("", _BRACKETS.sub("", sentence)).strip())) > rules["longest"]:
            yield f"too long ({length}): {sentence.strip()}"
    for kind, pattern in (("doubled mark", _DOUBLED), ("code", _CODE), ("left over", _LEFT_OVER)):
        yield from (f"{kind}: {found[0]}" for found in pattern.finditer(text))
    yield from (f"English: {word}" for word in _LATIN.findall(text) if word not in rules["known_latin"])
    yield from (f"bracket: {first}{last}" for first, last in _PAIRS if text.count(first) != text.count(last))
    for word, better in rules["hard_words"].items():
        if word in text:
            yield f"hard word: {word}, say {better}"
    for word in rules["frightening"]:
        yield from (
            f"frightening: {word}" for found in re.finditer(word, text) if _is_said(text, found.start())
        )


def _is_said(text: str, place: int) -> bool:
    """Whether a word is said, and not that something is not so."""
    return not any(char in _NEGATED for char in text[max(0, place - 6) : place])


def barred(text: str) -> list[str]:
    """The words of a text that may not stand on a list about a family (never_on_a_list.yaml)."""
    kinds: list[dict[str, Any]] = words("never_on_a_list")
    return [word for kind in kinds for word in kind["words"] if word.lower() in text.lower()]


@cache
def _rules() -> dict[str, Any]:
    return dict(words("plain_language"))
