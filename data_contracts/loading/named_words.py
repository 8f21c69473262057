"""The words that a contract names itself: in a fact's condition, in a rule's values, in a rule's SQL.

A text without a code table is hashed on its way into core. These words are not: whoever reads the contract
knows them, and a condition that compares with them goes on meaning the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from data_contracts.contract.custom_properties import custom_of

_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_SQL_KEYS = ("where", "sql", "query")
_LIST_KEYS = ("values", "validValues", "enum")


def named_words(document: Mapping[str, Any]) -> frozenset[str]:
    """Every literal of a contract's conditions and every listed value of its rules."""
    table = document["schema"][0]
    owners = (table, *(table.get("properties") or ()))
    rules = [rule for owner in owners for rule in owner.get("quality") or () if isinstance(rule, Mapping)]
    facts = custom_of(document).get("facts")
    entries = [*rules, *(facts if isinstance(facts, list) else ())]
    return frozenset(word for entry in entries for word in _words(entry))


def _words(entry: Any) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        return
    for key, value in entry.items():
        if key in _SQL_KEYS and isinstance(value, str):
            yield from (word.replace("''", "'") for word in _LITERAL.findall(value))
        elif key in _LIST_KEYS and isinstance(value, list):
            yield from (str(one) for one in value if one is not None)
        elif isinstance(value, Mapping):
            yield from _words(value)
