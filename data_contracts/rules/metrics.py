"""The standard's library metrics: rows, and nulls, missing, invalid or duplicate values among them.

A metric that may never be broken (`mustBe: 0`) runs per row, so that the department gets the rows back;
every other one is a count or share of the delivery.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from data_contracts.contract.model import Column
from data_contracts.rules import conditions
from data_contracts.rules.checks import DELIVERY_ONLY, Check
from data_contracts.rules.thresholds import Limit
from zhaoren.sql_text import quoted_name, quoted_text

# Library rules as ODCS 3.0 called them; without an operator they allowed not one faulty row.
OLD_METRICS = {
    "nullCheck": "nullValues",
    "duplicateCount": "duplicateValues",
    "validValues": "invalidValues",
    "countCheck": "rowCount",
}


def metric_check(entry: Mapping[str, Any], column: str | None, columns: Mapping[str, Column]) -> Check:
    """The check of a `library` entry. `columns`: the table's, by name."""
    name = str(entry.get("metric") or entry.get("rule") or "")
    metric, limit = OLD_METRICS.get(name, name), Limit.of(entry)
    if limit is None and name in OLD_METRICS and metric != "rowCount":
        limit = Limit.of({"mustBe": 0})
    if metric not in _METRICS:
        return Check(f"library {name}", {}, f"no metric is called “{name}”")
    if limit is None:
        return Check(f"library {name}", {}, "it has no operator (mustBe…) to compare the metric with")
    return _METRICS[metric]({**entry, **(entry.get("arguments") or {})}, column, columns, limit)


def _by_row(entry: Mapping[str, Any], limit: Limit) -> bool:
    return _none_allowed(entry, limit) and entry.get("severity") not in DELIVERY_ONLY


def _none_allowed(entry: Mapping[str, Any], limit: Limit) -> bool:
    """Whether not one row may break it: “less than 1” means so of rows, not of per cent."""
    return limit.is_zero if _percent(entry) else limit.allows_none


def _percent(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("unit", "")).lower() in ("percent", "percentage", "%")


def _counted(entry: Mapping[str, Any], limit: Limit, broken: str) -> Check:
    """The number or percentage of rows where `broken` holds, as a query on the staged table."""
    number = f"count(*) FILTER (WHERE {broken})"
    if _percent(entry):
        number = f"coalesce(100.0 * {number} / nullif(count(*), 0), 0)"
    return Check("sql", limit.on(f"SELECT {number} FROM {{table}}"))


def _row_count(
    entry: Mapping[str, Any], column: str | None, columns: Mapping[str, Column], limit: Limit
) -> Check:
    if _percent(entry):
        return Check("row_count", {}, "a number of rows in percent of nothing named")
    bounds = limit.whole_bounds()
    return Check("row_count", bounds) if bounds else Check("sql", limit.on("SELECT count(*) FROM {table}"))


def _nulls(
    entry: Mapping[str, Any], column: str | None, columns: Mapping[str, Column], limit: Limit
) -> Check:
    if not column:
        return _columnless("nullValues")
    if _by_row(entry, limit):
        return Check("required", {})
    if _percent(entry) and limit.is_plain_maximum:
        return Check("null_share", {"column": column, "maximum": limit.maximum / 100})
    return _counted(entry, limit, f"NOT {quoted_name(f'has_{column}')}")


def _missing(
    entry: Mapping[str, Any], column: str | None, columns: Mapping[str, Column], limit: Limit
) -> Check:
    """Reading has already emptied “N/A”, “-” and the like; the listed values count as well."""
    if not column:
        return _columnless("missingValues")
    broken = conditions.is_missing(column, columns.get(column), entry.get("missingValues") or ())
    if _by_row(entry, limit):
        return Check("row_condition", {"sql": f"NOT ({broken})", "form": "missing"})
    if columns.get(column) and columns[column].is_identifier:
        return _unstaged()
    return _counted(entry, limit, broken)


def _invalid(
    entry: Mapping[str, Any], column: str | None, columns: Mapping[str, Column], limit: Limit
) -> Check:
    if not column:
        return _columnless("invalidValues")
    about = columns.get(column)
    values, pattern = entry.get("validValues"), entry.get("pattern")
    if not values and not pattern:
        return Check("library invalidValues", {}, "it names neither validValues nor a pattern")
    if pattern and not conditions.runs_as_pattern(str(pattern), about):
        return Check("invalid_share", {}, "the pattern uses what our engine cannot run, or is not on text")
    if _by_row(entry, limit):
        if pattern and not values:
            return Check("pattern", {"pattern": str(pattern)})
        sql = conditions.is_one_of(column, about, values or ())
        if pattern:
            sql += f" AND {quoted_name(column)} ~ {quoted_text(str(pattern))}"
        return Check("row_condition", {"sql": sql, "form": "values", "values": list(values or ())})
    if about and about.is_identifier:
        return _unstaged()
    if values and pattern or not (_percent(entry) and limit.is_plain_maximum):
        return _counted(entry, limit, conditions.is_invalid(column, about, values, pattern))
    valid = {"values": list(values)} if values else {"pattern": str(pattern)}
    return Check("invalid_share", {"column": column, **valid, "maximum": limit.maximum / 100})


def _duplicates(
    entry: Mapping[str, Any], column: str | None, columns: Mapping[str, Column], limit: Limit
) -> Check:
    """Rows beyond the first of the same values; of the whole row where no columns are named."""
    names = [column] if column else [str(name) for name in entry.get("properties") or ()]
    unknown = [name for name in names if columns and name not in columns]
    if unknown:
        return Check("duplicate_share", {}, f"it names no column: {', '.join(unknown)}")
    on = {"columns": names} if names else {}
    if _none_allowed(entry, limit):
        return Check("duplicate_share", {**on, "maximum": 0})
    if limit.is_plain_maximum and _percent(entry):
        return Check("duplicate_share", {**on, "maximum": limit.maximum / 100})
    if not names:
        return _counted(entry, limit, "is_duplicate")
    if any(columns[name].is_identifier for name in names if name in columns):
        return _unstaged()
    # Rows with an empty cell among them are no duplicates: unknown equals nothing.
    listed = ", ".join(quoted_name(name) for name in names)
    filled = " AND ".join(f"{quoted_name(name)} IS NOT NULL" for name in names)
    number = f"count(*) - count(DISTINCT ({listed}))"
    if _percent(entry):
        number = f"coalesce(100.0 * ({number}) / nullif(count(*), 0), 0)"
    return Check("sql", limit.on(f"SELECT {number} FROM {{table}} WHERE {filled}"))


def _columnless(metric: str) -> Check:
    return Check(f"library {metric}", {}, f"{metric} is about a column, and stands on the table")


def _unstaged() -> Check:
    return Check("sql", {}, "the delivery's checks see no identifiers")


_METRICS: Mapping[str, Callable[[Mapping[str, Any], str | None, Mapping[str, Column], Limit], Check]] = {
    "rowCount": _row_count,
    "nullValues": _nulls,
    "missingValues": _missing,
    "invalidValues": _invalid,
    "duplicateValues": _duplicates,
}
