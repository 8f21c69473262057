"""ODCS `type: sql`: a query that gives one number, true or false, compared by its operator."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from data_contracts.rules.checks import Check
from data_contracts.rules.thresholds import Limit
from zhaoren.sql_text import quoted_name

TABLE_MARKS = ("${table}", "${object}", "{object}", "${model}", "{model}", "${schema}", "{schema}")
COLUMN_MARKS = ("${column}", "{column}", "${property}", "{property}", "${field}", "{field}")


def query_check(entry: Mapping[str, Any], column: str | None, called: Sequence[str]) -> Check:
    """The query on the staged table. It may name the table by a mark ({object}) or by a name in `called`."""
    limit = Limit.of(entry)
    if limit is None:
        return Check("sql", {}, "it has no operator (mustBe…) to compare the answer with")
    query = str(entry.get("query") or "").strip().rstrip(";")
    for mark in COLUMN_MARKS:
        query = query.replace(mark, quoted_name(column or ""))
    for mark in TABLE_MARKS:
        query = query.replace(mark, "{table}")
    # Only after FROM or JOIN: a column may have the table's name.
    for name in called:
        form = rf'\b(FROM|JOIN)\s+(?:[\w"]+\.)*"?{re.escape(name)}"?(?![\w.])'
        query = re.sub(form, r"\1 {table}", query, flags=re.IGNORECASE)
    if "{table}" not in query:
        return Check("sql", {}, "its query does not name this table")
    return Check("sql", limit.on(query))
