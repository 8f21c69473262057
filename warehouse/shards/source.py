"""One frame of core as a query, so that it can be read whole or cut into shards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zhaoren.sql_text import quoted_text

DELIVERY_ORDER = ("period_month", "known_date", "delivery_id", "row_no")


@dataclass(frozen=True)
class Source:
    """A frame's name and the query of its rows, with every value written out.

    order: what sorts them. everywhere: a query for what every shard must see, such as which months were
    delivered at all, as rows about nobody. key: columns of which the newest row counts, whoever it is about;
    () where a person is part of the key. own_ids: whether it speaks of the ids of numbers themselves,
    whoever they stand for.
    """

    name: str
    sql: str
    order: tuple[str, ...]
    everywhere: str = ""
    key: tuple[str, ...] = ()
    own_ids: bool = False


def listed(texts: Iterable[str]) -> str:
    """Texts as the right side of IN; of none, what nothing equals."""
    return f"({', '.join(map(quoted_text, texts)) or 'NULL'})"
