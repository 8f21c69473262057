"""A `quality` entry in our own terms, and the kinds of check that something runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What the suite knows to run, and the options each kind needs.
SUITE_KINDS: Mapping[str, tuple[str, ...]] = {
    "faulty_share": ("maximum",),
    "duplicate_share": ("maximum",),
    "null_share": ("column", "maximum"),
    "row_count": (),
    "row_count_against_previous": ("minimum", "maximum"),
    "sql": ("sql",),
    "value_share": ("column", "values"),
    "invalid_share": ("column", "maximum"),
    "orphan_share": ("column", "references", "maximum"),
    "partition": ("column", "values"),
    "null_share_against_previous": ("column", "maximum"),
    "value_mix_against_previous": ("column", "maximum"),
    "freshness": ("maximum",),
}
ROW_KINDS = ("row_condition", "required", "pattern", "one_head")
DELIVERY_ONLY = ("hold_delivery", "reject_delivery")


@dataclass(frozen=True)
class Check:
    """A rule's kind, its options, and why nothing runs it ('' where something does)."""

    kind: str
    options: Mapping[str, Any]
    why_not: str = ""
