"""The glossary names things that exist, each once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zhaoren.rooms import ROOMS

ROOT = Path(__file__).parents[2]
ROWS = re.findall(
    r"^\| ([^|]+) \| ([^|]+) \| `([^`]+)` \| (.+) \|$", (ROOT / "GLOSSARY.md").read_text(), re.M
)
SOURCE = "\n".join(
    path.read_text(encoding="utf-8")
    for room in ("zhaoren", *ROOMS)
    for path in sorted((ROOT / room).rglob("*"))
    if path.suffix in (".py", ".yaml")
)


def test_it_has_at_least_forty_terms_each_said_in_both_languages() -> None:
    assert len(ROWS) >= 40
    assert all(re.search(r"[\u4e00-\u9fff]", chinese) for _, chinese, _, _ in ROWS)


def test_no_term_stands_twice() -> None:
    for column in (0, 1, 2):
        names = [row[column] for row in ROWS]
        assert [name for name in names if names.count(name) > 1] == []


@pytest.mark.parametrize("identifier", [row[2] for row in ROWS])
def test_an_identifier_of_the_glossary_is_in_use(identifier: str) -> None:
    assert re.search(rf"(?<![a-z]){re.escape(identifier)}(?![a-z])", SOURCE)
