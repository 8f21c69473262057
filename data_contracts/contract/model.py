"""A data contract as values: what one department promises about one extract, whatever file it was read from.

The contract is the single source: how cells are read, which rows are refused, what a delivery must
satisfy, the department's receipt and the data dictionary all come from the values declared here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data_contracts.cells.values import DTYPES
from data_contracts.contract.period import period_of

READS_AS = (*DTYPES, "place")  # a place is a text with the shape of a division's code
# Ways of reading whose values are added up and compared by size.
AMOUNTS = frozenset(("int", "yuan", "number"))
# What core may hold of an identifier: a keyed hash, equal where numbers are, for numbers that are compared.
KEYED_HASH = "keyed_hash"
# Roles by which a contract names its own number of a household and of a person.
NUMBER_ROLES = ("householdNo", "localPersonNo")
# From mildest to strictest. `warn` empties the cell and keeps the row: a wrong phone costs nobody a visit.
ROW_LEVELS = ("note", "warn", "reject_row")
# `hold_delivery` waits for a person, `reject_delivery` loads nothing.
DELIVERY_LEVELS = ("note", "warn", "hold_delivery", "reject_delivery")
# By rising secrecy. An `identifier` never leaves the identity boundary.
CLASSIFICATIONS = ("internal", "sensitive", "identifier")
# What a column may be used for; bank, tax, property and vehicle data are never for `discovery`.
PURPOSES = ("discovery", "verification", "compliance")
# The one kind of access that does not restrict.
SHARED = "shared"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of an extract. `header` is what the department sends, `zh` the everyday term."""

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
    level: str = "reject_row"  # a faulty cell sends its row back unless the contract says otherwise
    options: Mapping[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    # Whether its text is a number that identifies or keys something: a record, household, card, phone.
    is_number: bool = False
    # Whether its date may lie after the delivery's day: an expiry, a planned end, a term to come.
    may_lie_ahead: bool = False
    # Whether its values go into core, where numbers have two decimals; others' contracts are only checked.
    is_kept: bool = True
    # Whether its text is the code of a place, which a code table does not list and a shape bounds.
    is_place: bool = False
    # What core holds of an identifier: KEYED_HASH, or nothing (None).
    in_core: str | None = None
    # Words that the contract itself names for a text without a code table: they alone are no secret.
    agreed: frozenset[str] = frozenset()

    @property
    def is_identifier(self) -> bool:
        """Whether the column must never leave the identity boundary."""
        return self.classification == "identifier"

    @property
    def is_amount(self) -> bool:
        """Whether a cell holds an amount, a count or a share."""
        return self.reads_as in AMOUNTS

    @property
    def is_open_text(self) -> bool:
        """Whether a cell may hold any text: neither a code table nor a place's shape bounds it."""
        return self.reads_as in ("text", "name") and not self.is_place

    @property
    def is_hashed(self) -> bool:
        """Whether core holds a keyed hash in its place.

        So too for open text that its contract takes for harmless: an older contract of a home's own.
        """
        if self.reads_as != "text" or self.is_place:
            return False
        return self.in_core == KEYED_HASH if self.is_identifier else True


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One check with a stable id. `runs_in`: 'row', 'suite' or 'documented' (prose only)."""

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


@dataclass(frozen=True, kw_only=True)
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
    def is_restricted(self) -> bool:
        """Whether fewer people may see it: so with any access but `shared`, lest a misspelling open it."""
        return self.access != SHARED

    @property
    def period_days(self) -> int | None:
        """Days between two promised deliveries, for staleness; None when they come as things happen.

        The shortest such period: one missed month shows on the very next list, February's too.
        """
        period = period_of(self.cadence)
        return None if period is None else period.shortest_days

    @property
    def period_months(self) -> int | None:
        """Calendar months between two promised deliveries; None when they come as things happen."""
        period = period_of(self.cadence)
        return None if period is None else period.months

    @property
    def core_key(self) -> tuple[str, ...]:
        """The key as core holds it: person ids in place of ID numbers."""
        return tuple(core_column(name) for name in self.key)

    @property
    def identifies_everybody(self) -> bool:
        """Whether the extract is the register of all inhabitants, which says who lives with whom."""
        return self.custom.get("identifies") == "everybody"

    @property
    def household_scope(self) -> str:
        """Within what a number of the householdNo column means one household: whole, part or place."""
        return str(self.custom.get("householdNoScope", "whole"))

    def rules_in(self, place: str) -> tuple[Rule, ...]:
        """The rules that run in 'row', 'suite', or are 'documented' only; in the contract's order."""
        return tuple(rule for rule in self.rules if rule.runs_in == place)


def core_column(name: str) -> str:
    """A column's name in core, where ID numbers have become person ids."""
    return name.replace("id_number", "person_id")
