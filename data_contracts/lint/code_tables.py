"""Code tables: every label means one code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zhaoren.yaml_lines import Fault, Place


def code_table_faults(document: Any) -> Iterator[Fault]:
    """Keys that lack or are not known, and labels that would mean two codes."""
    if not isinstance(document, dict) or not document.get("values"):
        yield (), "a code table needs name, businessName, source and values"
        return
    for key in ("name", "businessName", "source"):
        if not document.get(key):
            yield (), f"the table has no {key}"
    for key in sorted(set(document) - {"name", "businessName", "source", "values"}):
        yield (key,), f"unknown key {key}"
    owner: dict[str, str] = {}
    for position, value in enumerate(document["values"]):
        here: Place = ("values", position)
        if (
            not isinstance(value, dict)
            or set(value) - {"code", "zh", "aliases"}
            or {"code", "zh"} - set(value)
        ):
            yield here, "a value has code, zh and aliases"
            continue
        for label in dict.fromkeys([str(value["zh"]), *map(str, value.get("aliases") or ())]):
            if label in owner:
                yield here, f"“{label}” already means {owner[label]}"
            owner.setdefault(label, str(value["code"]))
