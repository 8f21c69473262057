"""words.yaml read once: the words of the language and those that are refused with what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from zhaoren.yaml_lines import read_yaml

PATH = Path(__file__).with_name("words.yaml")


@dataclass(frozen=True)
class Word:
    """One word; `takes` names the kinds of its arguments, a trailing … meaning once or more."""

    word: str
    group: str
    form: str
    takes: tuple[str, ...]
    gives: str
    zh: str
    en: str
    unknown_zh: str
    unknown_en: str
    examples: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Refused:
    """A word of SQL that is none of the language."""

    word: str
    why: str
    instead: str
    why_zh: str
    instead_zh: str = ""  # '' where what to write reads alike in both languages


@dataclass(frozen=True)
class Vocabulary:
    """The whole table."""

    words: dict[str, Word]
    refused: dict[str, Refused]


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The table as shipped."""
    file, problems = read_yaml(PATH, exact=True)
    if file is None or problems:
        raise AssertionError(f"words.yaml cannot be read: {problems}")
    words = [
        Word(**{**entry, "takes": tuple(entry["takes"]), "examples": tuple(entry["examples"])})
        for entry in file.data["words"]
    ]
    refused = [Refused(**entry) for entry in file.data["refused"]]
    return Vocabulary({w.word: w for w in words}, {r.word: r for r in refused})
