"""Mistakes that policy staff make, each planted in a small law: where the lint finds it, and what it says.

planted_mistakes.yaml is to be read aloud: whoever changes a message changes it there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from policies.loading import lint
from tests.helpers.small_law import small_law
from zhaoren.yaml_lines import load_yaml

MISTAKES: list[dict[str, Any]] = load_yaml(Path(__file__).with_name("planted_mistakes.yaml")).data["mistakes"]
# What a person must never be shown: names of libraries, their classes and their sentences.
ENGINES = re.compile(r"sqlglot|polars|duckdb|pydantic|Traceback|Error|Input should|validation|exp\\.", re.I)


@pytest.mark.parametrize("planted", MISTAKES, ids=[each["mistake"] for each in MISTAKES])
def test_the_mistake_is_found_where_it_stands(planted: dict[str, Any], tmp_path: Path) -> None:
    law = small_law(tmp_path / "law", **{planted["in"]: (planted["was"], planted["written"])})
    first = lint(law, declared=())[0]
    place = f"{Path(first.file).stem}:{first.line}" + (f":{first.column}" if first.column else "")
    assert (place, first.what, first.todo) == (planted["at"], planted["says"], planted.get("do", ""))


def test_there_are_many_and_no_engine_speaks() -> None:
    assert len(MISTAKES) >= 50
    assert [m["mistake"] for m in MISTAKES if ENGINES.search(m["says"] + m.get("do", ""))] == []
    # most say what to do; of the others what is wrong says it
    assert sum("do" in mistake for mistake in MISTAKES) > 0.85 * len(MISTAKES)
