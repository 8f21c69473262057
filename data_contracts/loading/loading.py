"""A data contract: what one department promises about one extract, read from its ODCS 3.1 YAML.

The contract is the single source: how cells are read, which rows are refused, what a delivery must
satisfy, the department's receipt and the data dictionary all come from the values read here.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data_contracts.cells.values import DTYPES
from data_contracts.contract.code_tables import Code, CodeTable, load_codes
from data_contracts.contract.yaml_lines import read_yaml
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room

__all__ = ["Code", "CodeTable", "Column", "Contract", "Rule", "load_codes", "load_contract", "load_contracts"]
HERE = room("data_contracts")
READS_AS = tuple(DTYPES)
ROW_LEVELS = ("note", "warn", "reject_row")
DELIVERY_LEVELS = ("note", "warn", "hold_delivery", "reject_delivery")
PURPOSES = ("discovery", "verification", "compliance")
# A cadence's length in days, for staleness; a delivery "when it happens" has no promised day.
# The shortest such period: one missed month shows on the very next list, February's too.
PERIOD_DAYS: Mapping[str, int | None] = {
    "monthly": 28, "quarterly": 89, "termly": 181, "yearly": 365, "event": None,
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column of an extract. `header` is what the department sends, `zh` how a person says it."""

    name: str
    header: str
    zh: str
    reads_as: str
    logical_type: str
    required: bool = False
    key_position: int | None = None
    classification: str = "internal"
    codes: str | None = None
    unit: str | None = None
    purposes: tuple[str, ...] = ()
    level: str = "reject_row"
    options: Mapping[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()

    @property
    def is_identifier(self) -> bool:
        """Whether the column must never leave the identity boundary."""
        return self.classification == "identifier"


@dataclass(frozen=True)
class Rule:
    """One check with a stable id. `runs_in` says where: 'row', 'suite' or 'documented' (prose only)."""

    id: str
    name: str
    kind: str
    level: str
    runs_in: str
    zh: str
    column: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    why_documented: str = ""

    @property
    def sql(self) -> str:
        """The SQL text of a `row_condition` or `sql` rule, else ''."""
        return str(self.options.get("sql", ""))


@dataclass(frozen=True)
class Contract:
    """One department's promise about one extract."""

    id: str
    department: str
    department_zh: str
    extract: str
    title_zh: str
    grain: str
    version: str
    loads: str
    cadence: str
    grace_days: int
    event_date: str | None
    access: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    key: tuple[str, ...]
    custom: Mapping[str, Any] = field(default_factory=dict)
    fixed_width: Any = None

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError when the contract has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def period_days(self) -> int | None:
        """Days between two promised deliveries; None when deliveries come as things happen."""
        return period_days(self.cadence)

    def rules_in(self, place: str) -> tuple[Rule, ...]:
        """The rules that run in 'row', 'suite', or are 'documented' only; in the contract's order."""
        return tuple(rule for rule in self.rules if rule.runs_in == place)


def period_days(cadence: str) -> int | None:
    """Days one period of `cadence` lasts at least; None for 'event'. ZhaorenError when unknown."""
    if cadence not in PERIOD_DAYS:
        raise ZhaorenError(f"unknown cadence “{cadence}”", todo=f"use one of {', '.join(PERIOD_DAYS)}")
    return PERIOD_DAYS[cadence]


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
    from data_contracts.loading import odcs as foreign

    document = read_yaml(Path(path))
    foreign.refuse_other_standards(document, str(path))
    try:
        if foreign.is_ours(document):
            return {document["schema"][0]["name"]: _contract(document)}
        parts = [foreign.completed(document, place) for place in range(len(document["schema"]))]
        return {part["schema"][0]["name"]: _contract(part, is_foreign=True) for part in parts}
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        why = f"missing or malformed: {error}"
        todo = "run `zhaoren contracts lint` and mend what it names"
        raise ZhaorenError("this is not a contract we can run", str(path), why, todo) from error


def _contract(document: Mapping[str, Any], is_foreign: bool = False) -> Contract:
    from data_contracts.rules.compiler import compile_rules  # it needs the values defined above
    from data_contracts.rules.references_and_service import grace_days

    table, custom = document["schema"][0], _custom(document)
    columns = tuple(_column(entry) for entry in table["properties"])
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
        fixed_width=_custom(table).get("fixedWidth"),
    )


def load_contracts(root: Path | None = None) -> dict[str, Contract]:
    """All contracts under `root` (default: the shipped ones), keyed "department.extract", sorted."""
    return dict(_contracts(Path(root) if root else HERE / "extracts"))


@functools.cache
def _contracts(root: Path) -> dict[str, Contract]:
    found = [load_contract(path) for path in sorted(root.glob("*/*.yaml"))]
    if not found:
        raise ZhaorenError("no contracts found", str(root), todo="name a folder <department>/<extract>.yaml")
    return {contract.id: contract for contract in found}


def _custom(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {item["property"]: item["value"] for item in entry.get("customProperties") or ()}


def _column(entry: Mapping[str, Any]) -> Column:
    custom = _custom(entry)
    return Column(
        name=entry["name"],
        header=entry["physicalName"],
        zh=entry["businessName"],
        reads_as=custom["readsAs"],
        logical_type=entry["logicalType"],
        required=bool(entry.get("required", False)),
        key_position=entry["primaryKeyPosition"] if entry.get("primaryKey") else None,
        classification=entry.get("classification", "internal"),
        codes=custom.get("codes"),
        unit=custom.get("unit"),
        purposes=tuple(custom.get("purposes", ())),
        level=custom.get("level", "reject_row"),
        options=dict(entry.get("logicalTypeOptions") or {}),
        aliases=tuple(str(alias) for alias in custom.get("aliases") or ()),
    )
