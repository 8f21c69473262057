"""The `customProperties` of ODCS: what a contract, a column or a relationship adds to the standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def custom_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The custom properties of a document or an entry, by name. One without a value counts as not there."""
    listed = entry.get("customProperties") or ()
    return {item["property"]: item["value"] for item in listed if "value" in item}
