"""The Chinese words of the papers we hand out, read from `templates/`; code names nothing in prose itself."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from zhaoren.rooms import room

TEMPLATES = room("exchange") / "templates"


@cache
def words(name: str) -> dict[str, Any]:
    """The words of one paper: `report`, `receipt` or `scorecard`."""
    return yaml.safe_load((TEMPLATES / f"{name}.yaml").read_text(encoding="utf-8"))


def value_zh(value: object) -> str:
    """The Chinese name of a code of ours (a verdict, a level, a kind of repair); itself where it has none."""
    return str(words("report")["values"].get(str(value), value))
