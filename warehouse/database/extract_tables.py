"""The core table of each extract, as its contract declares it, and what takes the place of identifiers."""

from __future__ import annotations

from data_contracts.contract.model import NUMBER_ROLES, Contract
from data_contracts.contract.model import Column as ContractColumn
from data_contracts.loading.declared_facts import core_column
from data_contracts.registry.tables import Column, Table, extract_columns

DWELLING = "dwelling_address"
# What a contract's logicalType is in core; every other one is kept as text.
CORE_TYPES = ("date", "number", "integer", "boolean")
WITHHELD = "a department's rows person by person; the panel has the facts that may be used"


def core_name(column: ContractColumn) -> str | None:
    """The column's name in core, or None when it stays in the vault.

    ID numbers become person ids and the household number a household id. Other departments' numbers that are
    compared are keyed hashes; names, addresses and whatever else is text without a code table never leave.
    """
    if column.reads_as == "cn_id":
        return core_column(column.name)
    if column.name == "household_no":
        return "household_id"
    if column.is_hashed:
        return column.name
    return None if column.is_identifier or column.is_open_text else column.name


def core_columns(contract: Contract) -> dict[str, Column]:
    """The columns of the extract's core table: the contract's, then where and when each row came."""
    declared = extract_columns()
    own = {
        name: declared[name] if name == "household_id" else _column(column)
        for column in contract.columns
        if (name := core_name(column))
    }
    # An address stays in the vault; which dwelling it is, as an opaque id, may be known outside.
    has_address = any(column.name == DWELLING for column in contract.columns)
    dwelling = ("dwelling_id", "is_dwelling_outside") if has_address else ()
    tail = (*dwelling, "period_month", "event_date", "known_date", "delivery_id", "row_no")
    return own | {name: declared[name] for name in tail}


def extract_tables(contract: Contract) -> tuple[Table, Table]:
    """`core._<extract>` with every row ever loaded, and the view `core.<extract>` of those in force now."""
    columns, zh = core_columns(contract), contract.title_zh
    every = Table(
        f"core._{contract.extract}", zh, f"{contract.grain}, of every delivery ever loaded", columns,
        withheld=WITHHELD,
    )  # fmt: skip
    now = Table(
        f"core.{contract.extract}", zh, f"{contract.grain}, of the deliveries in force now", columns,
        view=True, withheld=WITHHELD,
    )  # fmt: skip
    return every, now


def kept_in_vault(contract: Contract) -> list[str]:
    """The columns whose own text only the vault keeps, for each person it was delivered of.

    Numbers of cases and bills are not among them: nothing looks one up, and the archive has the file.
    """
    roles = {contract.custom.get(role) for role in NUMBER_ROLES}
    return [c.name for c in contract.columns if core_name(c) is None or (c.is_hashed and c.name in roles)]


def _column(column: ContractColumn) -> Column:
    kind = column.logical_type if column.logical_type in CORE_TYPES else "text"
    said = {"type": kind, "zh": column.zh}
    if column.is_hashed:
        said |= {
            "zh": f"{column.zh}（加密摘要）",
            "en": "keyed hash of the department's number: equal where it is",
        }
    return Column.model_validate(said)
