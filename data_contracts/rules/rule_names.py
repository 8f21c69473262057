"""Names of rules where a contract gives none: stable, since they are part of a rule's id for ever."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def name_of(entry: Mapping[str, Any], taken: set[str]) -> str:
    """A stable name for an entry: its own, else its id, else its metric; numbered where taken."""
    given = entry.get("name") or entry.get("id") or entry.get("metric") or entry.get("rule")
    stem = re.sub(r"[^\w\-]+", "_", str(given or entry.get("type") or "rule")).strip("_") or "rule"
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}_{number}", number + 1
    taken.add(name)
    return name
