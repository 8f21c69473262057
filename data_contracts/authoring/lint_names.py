"""Faults of names in a contract: unknown keys, headers and aliases that clash, references to nothing."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data_contracts.contract.custom_properties import custom_of
from zhaoren.errors import ZhaorenError
from zhaoren.yaml_lines import Place, load_yaml

Fault = tuple[Place, str]


def unknown_key_places(error: Any) -> list[Place]:
    """Where the keys stand that a JSON schema error calls unknown; [] for other errors."""
    if error.validator not in ("additionalProperties", "unevaluatedProperties"):
        return []
    named = re.findall(r"'([^']+)'", error.message)
    return [(*error.path, key) for key in named if isinstance(error.instance, dict) and key in error.instance]


def header_clashes(table: Mapping[str, Any]) -> Iterator[Fault]:
    """A way of writing a header that two columns claim: their headers, everyday terms, aliases or names."""
    owner: dict[str, str] = {}
    entries = list(enumerate(table["properties"]))
    for key in ("physicalName", "aliases"):
        for position, entry in entries:
            said = [entry[key]] if key == "physicalName" else custom_of(entry).get("aliases") or ()
            for header in map(_folded, map(str, said)):
                if owner.setdefault(header, entry["name"]) != entry["name"]:
                    why = f"“{header}” already stands for {owner[header]}"
                    yield ("schema", 0, "properties", position), f"{entry['name']}: {why}"


def _folded(header: str) -> str:
    return re.sub(r"\s+", "", header).lower()


def reference_faults(table: Mapping[str, Any], known: Mapping[str, set[str]]) -> Iterator[Fault]:
    """Foreign keys and orphan rules that refer to no column there is. known: contract id -> columns."""
    for position, entry in enumerate(table["properties"]):
        for number, one in enumerate(entry.get("relationships") or ()):
            here: Place = ("schema", 0, "properties", position, "relationships", number)
            yield from _reference(here, str(one.get("to")), known)
    for position, entry in enumerate(table.get("quality") or ()):
        task = entry.get("implementation")
        if isinstance(task, Mapping) and task.get("rule") == "orphan_share":
            yield from _reference(("schema", 0, "quality", position), str(task.get("references")), known)


def _reference(here: Place, to: str, known: Mapping[str, set[str]]) -> Iterator[Fault]:
    contract_id, _, column = to.rpartition(".")
    if contract_id not in known:
        yield here, f"it refers to {to}: there is no contract {contract_id or to}"
    elif column not in known[contract_id]:
        yield here, f"it refers to {to}: {contract_id} has no column {column}"


@functools.cache
def columns_named(root: Path) -> dict[str, set[str]]:
    """Contract id -> its column names, for every contract under `root` that can be read."""
    found: dict[str, set[str]] = {}
    for path in sorted(root.glob("*/*.yaml")):
        try:
            document = load_yaml(path).data
            found[str(document["id"])] = {one["name"] for one in document["schema"][0]["properties"]}
        except (ZhaorenError, KeyError, IndexError, TypeError):
            continue  # told by the lint of that file
    return found


def quality_columns(table: Mapping[str, Any]) -> Iterator[Fault]:
    """Delivery rules that name a column that is not there."""
    names = {entry["name"] for entry in table["properties"]}
    for position, entry in enumerate(table.get("quality") or ()):
        task, arguments = entry.get("implementation"), entry.get("arguments")
        said = [task.get("column"), *(task.get("columns") or ())] if isinstance(task, Mapping) else []
        said += list((arguments or {}).get("properties") or ()) if isinstance(arguments, Mapping) else []
        for name in said:
            if isinstance(name, str) and name not in names:
                yield ("schema", 0, "quality", position), f"the rule is about {name}, which is no column"
