"""Foreign keys that refer to no column there is."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room
from zhaoren.yaml_lines import Fault, Place, load_yaml


def faults_of_references(path: Path, table: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of the foreign keys of the contract at `path`; others lie beside it, or are shipped."""
    if "relationships" not in str(table) and "orphan_share" not in str(table):
        return iter(())
    return faults_against(
        table, columns_named(room("data_contracts") / "extracts") | columns_named(path.parents[1])
    )


def faults_against(table: Mapping[str, Any], known: Mapping[str, set[str]]) -> Iterator[Fault]:
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


# Every contract asks after all the others: without a cache a lint of eighteen could read 324 files.
@functools.cache
def columns_named(root: Path) -> dict[str, set[str]]:
    """Contract id -> its column names, for every contract under `root` that can be read."""
    found: dict[str, set[str]] = {}
    for path in sorted(root.glob("*/*.yaml")):
        try:
            document = load_yaml(path).data
            found[str(document["id"])] = {one["name"] for one in document["schema"][0]["properties"]}
        except (ZhaorenError, KeyError, IndexError, TypeError):
            continue  # that file's own lint reports it
    return found
