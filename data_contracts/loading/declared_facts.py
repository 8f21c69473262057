"""Facts that a contract declares in its YAML: what an extract brings to the panel.

    customProperties:
      - property: facts
        value:
          - {name: electricity_kwh, zh: 近35天用电量, entity: household, type: integer, unit: kWh,
             column: usage_kwh, take: sum, within_days: 35}

Every key is explained in docs/adding-an-extract.md. A fact may be used for what *all* columns it reads were
shared for, so a column without the purpose `discovery` can never reach a rule that looks for people in need.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from data_contracts.contract.model import PURPOSES, Contract, core_column
from data_contracts.loading.contracts import load_contracts
from data_contracts.loading.fact_entries import FactEntry, entry_faults, loading_faults, shape_message
from data_contracts.registry.column_types import FactType
from data_contracts.rules.conditions import sql_condition
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room
from zhaoren.yaml_lines import Fault, Place, load_yaml

PROPERTY = "facts"
EXTRACTS = room("data_contracts") / "extracts"


@dataclass(frozen=True)
class DeclaredFact:
    """One fact of the panel and how it is taken from the extract's rows; columns are named as in core.

    `absent` is what it is for somebody whom a delivered extract does not list; None is unknown.
    """

    name: str
    zh: str
    entity: Literal["person", "household"]
    type: FactType
    unit: str
    extract: str
    loads: str
    person: str
    take: str
    column: str | None
    date: str | None
    within_days: int | None
    within_months: int | None
    where: str | None
    absent: int | bool | None
    purposes: tuple[str, ...]
    reads: tuple[str, ...]  # the contract's columns it is taken from
    file: str = ""
    line: int = 1


def declared_facts(contract: Contract, path: Path) -> tuple[DeclaredFact, ...]:
    """The facts declared by a contract read from `path`, in its order, each with its line in the file.

    ZhaorenError for the first fault among them, with file and line.
    """
    if PROPERTY not in contract.custom:
        return ()
    facts, faults = _read(contract)
    file = load_yaml(path)
    here = facts_place(file.data)
    if faults:
        place, message = faults[0]
        why = f"and {len(faults) - 1} more" if faults[1:] else ""
        todo = "run `zhaoren contracts lint` and correct what it names"
        where = f"{path}:{file.line(*here, *place)}"
        raise ZhaorenError(f"a declared fact cannot be used: {message}", where, why, todo)
    return tuple(replace(fact, file=str(path), line=file.line(*here, i)) for i, fact in enumerate(facts))


def shipped_facts() -> tuple[DeclaredFact, ...]:
    """The facts that the shipped contracts declare, in the contracts' order."""
    contracts = load_contracts(EXTRACTS).values()
    return tuple(
        f for c in contracts for f in declared_facts(c, EXTRACTS / c.department / f"{c.extract}.yaml")
    )


def declared_faults(document: Mapping[str, Any], contract: Contract) -> Iterator[Fault]:
    """Everything wrong with the facts the contract's YAML declares, each with its place in the document."""
    for place, message in _read(contract)[1]:
        yield (*facts_place(document), *place), message


def facts_place(document: Mapping[str, Any]) -> Place:
    """The place of the declared facts in a contract's document."""
    names = [entry.get("property") for entry in document.get("customProperties") or ()]
    return (
        ("customProperties", names.index(PROPERTY), "value") if PROPERTY in names else ("customProperties",)
    )


def _read(contract: Contract) -> tuple[tuple[DeclaredFact, ...], list[Fault]]:
    declared = contract.custom.get(PROPERTY)
    if declared is None:
        return (), []
    if not isinstance(declared, list) or not declared:
        return (), [((), "facts is a list of facts")]
    faults: list[Fault] = [((), message) for message in loading_faults(contract)]
    facts: list[DeclaredFact] = []
    for i, raw in enumerate(declared):
        try:
            entry = FactEntry.model_validate(raw)
        except ValidationError as error:
            faults += [((i, *fault["loc"]), shape_message(fault)) for fault in error.errors()]
            continue
        found = list(entry_faults(entry, contract))
        faults += [((i, key), f"{entry.name}: {message}") for key, message in found]
        if entry.name in {fact.name for fact in facts}:
            faults.append(((i, "name"), f"the fact {entry.name} is declared twice"))
        if not found:
            facts.append(_fact(entry, contract))
    return tuple(facts), faults


def _fact(entry: FactEntry, contract: Contract) -> DeclaredFact:
    day = entry.date or contract.event_date
    windowed = entry.within_days or entry.within_months
    reads = {entry.person, *filter(None, (entry.column, day if windowed or entry.take == "latest" else None))}
    if entry.where:
        reads |= set(sql_condition(entry.where, entry.name).meta.root_names())
    purposes = [set(contract.column(name).purposes) for name in reads]
    return DeclaredFact(
        name=entry.name,
        zh=entry.zh,
        entity=entry.entity,
        type=entry.type,
        unit="days" if entry.take == "days_since" else entry.unit,
        extract=contract.extract,
        loads=contract.loads,
        person=core_column(entry.person),
        take=entry.take,
        column=entry.column,
        date=day,
        within_days=entry.within_days,
        within_months=entry.within_months,
        where=entry.where,
        absent=None if isinstance(entry.absent, str) else entry.absent,
        purposes=tuple(p for p in PURPOSES if all(p in some for some in purposes)),
        reads=tuple(sorted(reads)),
    )
