"""What a column may bring out of the identity boundary: never a text that may hold anything.

A contract of a home's own that was written before this was asked is still run: what it takes for harmless
text is hashed on its way into core, so nothing is lost and nothing leaks. Its owner is told here what to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from data_contracts.contract.custom_properties import custom_of
from data_contracts.contract.model import KEYED_HASH
from data_contracts.loading.contracts import PLACE_ENDINGS
from zhaoren.yaml_lines import Fault, Place

OPEN_TEXT = (
    "a text without a code table may hold somebody's name or number. Give it a code table (readsAs code), "
    "or classify it identifier: it stays in the vault, and a number that is compared gets inCore keyed_hash"
)
NUMBER_AS_AMOUNT = (
    "a number that makes rows unique is no amount: it readsAs text, is an identifier, "
    "and has inCore keyed_hash"
)


def boundary_faults(table: Mapping[str, Any]) -> Iterator[Fault]:
    """Columns whose text would leave the identity boundary as it is written."""
    for position, entry in enumerate(table["properties"]):
        here: Place = ("schema", 0, "properties", position)
        if custom_of(entry)["readsAs"] == "text" and entry.get("classification") != "identifier":
            is_place = str(entry["name"]).endswith(PLACE_ENDINGS)
            what = "a place's code readsAs place: then it can hold nothing else" if is_place else OPEN_TEXT
            yield here, f"{entry['name']}: {what}"
        if custom_of(entry)["readsAs"] == "int" and entry.get("primaryKey"):
            yield here, f"{entry['name']}: {NUMBER_AS_AMOUNT}"


def core_faults(entry: Mapping[str, Any], custom: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with what a column says of core."""
    if "inCore" not in custom:
        return
    if custom["inCore"] != KEYED_HASH:
        yield f"inCore is {KEYED_HASH}, or left out"
    if custom["readsAs"] != "text" or entry.get("classification") != "identifier":
        yield f"inCore {KEYED_HASH} is for a number that is an identifier and readsAs text"
