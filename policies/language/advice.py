"""What a text may name where it stands, and what to write instead of a name or word that does not fit."""

from __future__ import annotations

from typing import Protocol

from sqlglot import exp

from policies.language.kinds import Kind
from policies.language.words import vocabulary


class Names(Protocol):
    """What a text may name where it stands: the facts of its entity, the parameters, the members' facts."""

    def fact(self, name: str) -> Kind | None:
        """The kind of a fact; None where there is none of that name."""

    def parameter(self, name: str) -> Kind | None:
        """The kind of a parameter `group.name`."""

    def known_by(self, name: str) -> str | None:
        """The fact whose being known says that an empty cell of this one means never."""

    def members(self) -> Names | None:
        """The names inside a member word; None where there are no members to speak of."""

    def may_rank(self) -> bool:
        """Whether RANK_MEMBER makes sense: a person has a place among members, a household has none."""

    def elsewhere(self, name: str) -> str:
        """What to write for a fact that is there, but of another entity; '' where it is not."""

    def spelled_like(self, name: str) -> str:
        """The known fact or parameter nearest to a name, '' where none is near."""


# What spreadsheets and databases call a word that is refused here.
ELSEWHERE = {
    "IFNULL": "COALESCE", "NVL": "COALESCE", "ISNULL": "IS NULL", "ISBLANK": "IS NULL", "INT": "FLOOR",
    "TRUNC": "FLOOR", "ROUNDDOWN": "FLOOR", "ROUNDUP": "CEIL", "CEILING": "CEIL", "AVERAGE": "AVG",
    "COUNTIF": "COUNT", "SUMIF": "SUM", "TODAY": "CURRENT_DATE", "NOW": "CURRENT_DATE", "POWER": "^",
}  # fmt: skip


# What to write where another kind is needed.
GIVES = {
    "number": "name a fact or parameter that is a number",
    "boolean": "write a test, such as a > b or a = 'text'",
    "date": "name a fact that is a day, or write DATE '2026-01-05'; one counted in days is a number already",
    "text": "name a fact that is a text, or write one in quotation marks: 'text'",
}


def like_with_like(kinds: set[str]) -> str:
    """What to write where values of several kinds are joined."""
    if "boolean" in kinds:
        return "a fact that is true or false is written alone, or with NOT before it"
    if "date" in kinds:
        return "a day is written DATE '2026-01-05'; a fact counted in days is a number"
    return "compare like with like: a text stands in quotation marks, a number does not"


def instead_of(names: Names, node: exp.Expr) -> str:
    """What to write where a name is no fact."""
    if node.name.upper() in vocabulary().words:
        return f"write {node.name.upper()}(…)"
    if advice := names.elsewhere(node.name):
        return advice
    near = names.spelled_like(node.name)
    if node.this.args.get("quoted") and not near:
        return f"a text stands in single quotation marks: write '{node.name}'"
    return f"did you mean {near}?" if near else "facts.yaml and definitions/ list every fact"
