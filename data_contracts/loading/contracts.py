"""Contracts read from their ODCS 3.1 YAML files: ours, and other people's."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data_contracts.cells.revealing import PLACE_SHAPE
from data_contracts.contract.custom_properties import custom_of
from data_contracts.contract.model import NUMBER_ROLES, Column, Contract
from data_contracts.loading import odcs as foreign
from data_contracts.loading.named_words import named_words
from data_contracts.rules.compiler import compile_rules
from data_contracts.rules.service_levels import grace_days
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room
from zhaoren.yaml_lines import load_yaml


def load_contract(path: Path, schema: str | None = None) -> Contract:
    """Read one contract file: ours, or any ODCS 3 document (then `schema` names one of several tables).

    ZhaorenError when it is not a contract we can run.
    """
    found = contracts_in(path)
    if schema is None and len(found) == 1:
        return next(iter(found.values()))
    if schema in found:
        return found[schema]
    what = f"there is no table “{schema}” in this contract" if schema else "this contract has several tables"
    raise ZhaorenError(what, str(path), todo=f"name one of {', '.join(found)}")


def contracts_in(path: Path) -> dict[str, Contract]:
    """Every table that a contract file describes, by the table's name. ZhaorenError as `load_contract`."""
    document = load_yaml(Path(path)).data
    foreign.refuse_other_standards(document, str(path))
    try:
        if foreign.is_ours(document):
            return {document["schema"][0]["name"]: _contract(document)}
        parts = [foreign.completed(document, place) for place in range(len(document["schema"]))]
        return {part["schema"][0]["name"]: _contract(part, is_foreign=True) for part in parts}
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        why = f"missing or malformed: {error}"
        todo = "run `zhaoren contracts lint` and correct what it names"
        raise ZhaorenError("this is not a contract we can run", str(path), why, todo) from error


def _contract(document: Mapping[str, Any], is_foreign: bool = False) -> Contract:
    table, custom = document["schema"][0], custom_of(document)
    words = named_words(document)
    columns = tuple(_column(entry, custom, words, is_foreign) for entry in table["properties"])
    keyed = [(c.key_position, c.name) for c in columns if c.key_position is not None]
    services = document.get("slaProperties") or ()
    return Contract(
        id=document["id"],
        department=custom["department"],
        department_zh=custom["departmentZh"],
        extract=table["name"],
        title_zh=table["businessName"],
        grain=table.get("dataGranularityDescription", ""),
        version=str(document["version"]),
        loads=custom["loads"],
        cadence=custom["cadence"],
        grace_days=grace_days(services),
        event_date=custom.get("eventDate"),
        access=custom.get("access", "shared"),
        columns=columns,
        rules=compile_rules(document["id"], columns, table, services, is_foreign),
        key=tuple(name for _, name in sorted(keyed)),
        custom=custom,
        fixed_width=custom_of(table).get("fixedWidth"),
    )


# Endings by which the house names columns that hold numbers.
NUMBER_ENDINGS = ("_no", "_code", "_card")
PLACE, PLACE_ENDINGS = "place", ("village_code", "town_code", "county_code")


def load_contracts(root: Path | None = None) -> dict[str, Contract]:
    """All contracts under `root` (default: the shipped ones), keyed "department.extract", sorted."""
    return dict(_contracts(Path(root) if root else room("data_contracts") / "extracts"))


# Read once per process: a run asks for them in every step, and nobody edits shipped contracts during one.
@functools.cache
def _contracts(root: Path) -> dict[str, Contract]:
    found = [load_contract(path) for path in sorted(root.glob("*/*.yaml"))]
    if not found:
        raise ZhaorenError("no contracts found", str(root), todo="name a folder <department>/<extract>.yaml")
    return {contract.id: contract for contract in found}


def _column(
    entry: Mapping[str, Any], contract: Mapping[str, Any], words: frozenset[str], is_foreign: bool
) -> Column:
    custom = custom_of(entry)
    # A contract written before places had a way of reading of their own names them as all of ours do.
    is_place = custom["readsAs"] == PLACE or (
        not is_foreign and custom["readsAs"] == "text" and str(entry["name"]).endswith(PLACE_ENDINGS)
    )
    reads_as, options = custom["readsAs"], dict(entry.get("logicalTypeOptions") or {})
    if is_place:
        reads_as, options = "text", {"pattern": PLACE_SHAPE} | options
    name, classification = str(entry["name"]), str(entry.get("classification", "internal"))
    numbers_something = (
        bool(entry.get("primaryKey"))
        or (classification == "identifier" and not name.endswith("_name"))
        or name.endswith(NUMBER_ENDINGS)
        or name in [contract.get(role) for role in NUMBER_ROLES]
    )  # fmt: skip
    return Column(
        name=name,
        header=entry["physicalName"],
        zh=entry["businessName"],
        reads_as=reads_as,
        logical_type=entry["logicalType"],
        required=bool(entry.get("required", False)),
        key_position=entry["primaryKeyPosition"] if entry.get("primaryKey") else None,
        classification=classification,
        codes=custom.get("codes"),
        unit=custom.get("unit"),
        purposes=tuple(custom.get("purposes", ())),
        level=custom.get("level", "reject_row"),
        options=options,
        aliases=tuple(str(alias) for alias in custom.get("aliases") or ()),
        is_number=numbers_something and reads_as == "text",
        # Other people's contracts have no word for it, and their dates may be of any kind.
        may_lie_ahead=is_foreign or bool(custom.get("mayLieAhead")),
        is_kept=not is_foreign,
        is_place=is_place,
        in_core=custom.get("inCore"),
        agreed=frozenset() if classification == "identifier" else words,
    )
