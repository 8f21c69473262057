"""A contract's columns: how each is read, what it may be used for, and names that clash."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.custom_properties import custom_of
from data_contracts.contract.model import CLASSIFICATIONS, PURPOSES, READS_AS, ROW_LEVELS
from data_contracts.lint.boundary import core_faults
from zhaoren.yaml_lines import Fault, Place

COLUMN_KEYS = {"readsAs", "codes", "unit", "purposes", "level", "aliases", "mayLieAhead", "inCore"}
LOGICAL_TYPES = {
    **{"date": {"date", "month"}, "timestamp": {"timestamp"}, "time": {"time"}, "boolean": {"bool"}},
    **{"number": {"yuan", "number"}, "integer": {"int"}},
}


def column_faults(here: Place, entry: Mapping[str, Any], codes: Mapping[str, CodeTable]) -> Iterator[Fault]:
    """Everything wrong with one column by itself; each message begins with the column's name."""
    custom = custom_of(entry)
    found = [f"unknown property {key}" for key in sorted(set(custom) - COLUMN_KEYS)]
    found += [*_reading(entry, custom, codes), *_handling(entry, custom)]
    if entry.get("primaryKey") and not entry.get("required"):
        found.append("a key column must be required")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", entry["name"]):
        found.append("a column's name is snake_case")
    yield from ((here, f"{entry['name']}: {what}") for what in found)


def _reading(
    entry: Mapping[str, Any], custom: Mapping[str, Any], codes: Mapping[str, CodeTable]
) -> Iterator[str]:
    """How its cells are read: type, code table and unit must fit together."""
    reads_as = custom["readsAs"]
    if reads_as not in READS_AS:
        yield f"readsAs {reads_as} is none of {', '.join(READS_AS)}"
    if reads_as not in LOGICAL_TYPES.get(entry["logicalType"], {"cn_id", "name", "text", "code", "place"}):
        yield f"a {entry['logicalType']} cannot be read as {reads_as}"
    if (reads_as == "code") != ("codes" in custom):
        yield "readsAs code and a code table go together"
    if "codes" in custom and custom["codes"] not in codes:
        yield f"there is no code table {custom['codes']}"
    if (reads_as == "yuan") != (custom.get("unit") in ("yuan", "wan_yuan")):
        yield "a sum of money needs unit yuan or wan_yuan, and only that"


def _handling(entry: Mapping[str, Any], custom: Mapping[str, Any]) -> Iterator[str]:
    """What becomes of a faulty cell, who may see the column, and what for."""
    if custom.get("level", "reject_row") not in ROW_LEVELS:
        yield f"level {custom['level']} is none of {', '.join(ROW_LEVELS)}"
    if entry.get("classification") not in CLASSIFICATIONS:
        yield f"classification must be one of {', '.join(CLASSIFICATIONS)}"
    if custom.get("mayLieAhead") and entry["logicalType"] not in ("date", "timestamp"):
        yield "only a date may lie ahead"
    # A word that is not on the list would read as "no identifier", and the column would leave the vault.
    if custom["readsAs"] in ("cn_id", "name") and entry.get("classification") != "identifier":
        yield "an ID number or a name is an identifier"
    yield from core_faults(entry, custom)
    if not custom.get("purposes") or set(custom["purposes"]) - set(PURPOSES):
        yield f"purposes must be some of {', '.join(PURPOSES)}"


def names_twice(table: Mapping[str, Any]) -> Iterator[Fault]:
    """Two columns of one name or one header: a cell would be read into the wrong one."""
    for key in ("name", "physicalName"):
        seen: set[str] = set()
        for position, entry in enumerate(table["properties"]):
            if entry[key] in seen:
                yield ("schema", 0, "properties", position), f"{key} {entry[key]} stands twice"
            seen.add(entry[key])


def header_clashes(table: Mapping[str, Any]) -> Iterator[Fault]:
    """A way of writing a header that two columns claim: their headers, everyday terms, aliases or names."""
    owner: dict[str, str] = {}
    entries = list(enumerate(table["properties"]))
    for key in ("physicalName", "aliases"):
        for position, entry in entries:
            headers = [entry[key]] if key == "physicalName" else custom_of(entry).get("aliases") or ()
            for header in map(_folded, map(str, headers)):
                if owner.setdefault(header, entry["name"]) != entry["name"]:
                    why = f"“{header}” already stands for {owner[header]}"
                    yield ("schema", 0, "properties", position), f"{entry['name']}: {why}"


def _folded(header: str) -> str:
    return re.sub(r"\s+", "", header).lower()
