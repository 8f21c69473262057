"""One ODCS `quality` entry becomes one rule: a library metric, a query, prose, or a check of our own.

A metric that may never be broken (`mustBe: 0`) runs per row, so that the department gets the rows back;
every other one is a count or share of the delivery. What nothing here can run is documented only, with the
reason, in other people's contracts; in ours it is refused, since a typing error must not silence a rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_contracts.contract.model import Column, Rule
from data_contracts.rules import conditions
from data_contracts.rules.thresholds import Limit
from zhaoren.errors import ZhaorenError
from zhaoren.sql_text import quoted_name, quoted_text

# What the suite knows to run, and the options each kind needs.
SUITE_KINDS: Mapping[str, tuple[str, ...]] = {
    "faulty_share": ("maximum",),
    "duplicate_share": ("maximum",),
    "null_share": ("column", "maximum"),
    "row_count": (),
    "row_count_against_previous": ("minimum", "maximum"),
    "sql": ("sql",),
    "value_share": ("column", "values"),
    "invalid_share": ("column", "maximum"),
    "orphan_share": ("column", "references", "maximum"),
    "partition": ("column", "values"),
    "null_share_against_previous": ("column", "maximum"),
    "value_mix_against_previous": ("column", "maximum"),
    "freshness": ("maximum",),
}
ROW_KINDS = ("row_condition", "required", "pattern")
# Library rules as ODCS 3.0 called them; they asked for no breach at all where no operator stands.
OLD_METRICS = {
    "nullCheck": "nullValues",
    "duplicateCount": "duplicateValues",
    "validValues": "invalidValues",
    "countCheck": "rowCount",
}
SEVERITIES = {
    **dict.fromkeys(("info", "information", "note", "notice", "low", "minor", "trivial"), "note"),
    **dict.fromkeys(("warn", "warning", "medium", "moderate"), "warn"),
}
DELIVERY_ONLY = ("hold_delivery", "reject_delivery")


@dataclass(frozen=True)
class Asked:
    """What an entry asks for in our words: the rule's kind, its options, and why nothing runs it (or '')."""

    kind: str
    options: Mapping[str, Any]
    why: str = ""


def quality_rule(
    contract_id: str,
    entry: Mapping[str, Any],
    column: str | None,
    columns: Sequence[Column] = (),
    foreign: bool = False,
    name: str = "",
    called: Sequence[str] = (),
) -> Rule:
    """One quality entry of the table or of a column.

    `columns` are the table's, `called` its names in queries; `foreign` documents what cannot be run.
    ZhaorenError when nothing can run it.
    """
    name = name or entry["name"]
    stem = f"{contract_id}.{column}.{name}" if column else f"{contract_id}.{name}"
    of = {one.name: one for one in columns}
    asked = _asked(entry, column, of, called)
    asked = _runnable(asked, contract_id, name, foreign, of)
    place = "documented" if asked.why else "row" if asked.kind in ROW_KINDS else "suite"
    about = str(said) if isinstance(said := asked.options.get("column") or column, str) else None
    zh = str(entry.get("description") or "") or conditions.in_words(
        asked.kind, asked.options, of.get(about or "")
    )
    level = _level(entry, place, foreign)
    return Rule(
        stem,
        f"{column}.{name}" if column else name,
        asked.kind,
        level,
        place,
        zh,
        about,
        asked.options,
        asked.why,
    )


def _level(entry: Mapping[str, Any], place: str, foreign: bool) -> str:
    severity = str(entry.get("severity") or "")
    if not foreign or severity in ("note", "warn", "reject_row", *DELIVERY_ONLY):
        return severity or "note"
    lowest = "note" if place == "documented" else "reject_row" if place == "row" else "hold_delivery"
    return SEVERITIES.get(severity.lower(), lowest)


def _runnable(asked: Asked, contract_id: str, name: str, foreign: bool, of: Mapping[str, Column]) -> Asked:
    """`asked`, or why it can only be documented; ZhaorenError where a contract of ours asks for it."""
    if asked.kind in ROW_KINDS or asked.why.startswith("prose"):
        return asked
    missing = [key for key in SUITE_KINDS.get(asked.kind, ()) if asked.options.get(key) is None]
    why = asked.why or (
        f"missing {', '.join(missing)}"
        if missing
        else ""
        if asked.kind in SUITE_KINDS
        else f"no check is called “{asked.kind}”"
    )
    if why and not foreign:
        todo = f"use row_condition or one of {', '.join(SUITE_KINDS)} with all its options, or type: text"
        raise ZhaorenError(f"rule “{name}” cannot be run", contract_id, why, todo)
    return Asked(asked.kind, asked.options, why)


def _asked(
    entry: Mapping[str, Any], column: str | None, of: Mapping[str, Column], called: Sequence[str]
) -> Asked:
    form = entry.get("type") or ("library" if entry.get("metric") or entry.get("rule") else "text")
    if form == "text":
        return Asked("text", {}, "prose: there is nothing to compute")
    if form == "custom":
        return _custom(entry)
    if form == "sql":
        return _sql(entry, column, called)
    return _library(entry, column, of)


def _custom(entry: Mapping[str, Any]) -> Asked:
    engine, task = str(entry.get("engine", "")), entry.get("implementation")
    if engine != "zhaoren":
        return Asked("custom", {}, f"written for the engine “{engine}”, which is not run here")
    if not isinstance(task, Mapping) or "rule" not in task:
        return Asked("custom", {}, "its implementation names no rule")
    options = dict(task)
    return Asked(str(options.pop("rule")), options)


TABLE_MARKS = ("${table}", "${object}", "{object}", "${model}", "{model}", "${schema}", "{schema}")
COLUMN_MARKS = ("${column}", "{column}", "${property}", "{property}", "${field}", "{field}")


def _sql(entry: Mapping[str, Any], column: str | None, called: Sequence[str]) -> Asked:
    """ODCS `type: sql`: a query giving one number, true or false, compared by its operator.

    It may name the table by a mark ({object}) or by its own name.
    """
    limit = Limit.of(entry)
    if limit is None:
        return Asked("sql", {}, "it has no operator (mustBe…) to compare the answer with")
    query = str(entry.get("query") or "").strip().rstrip(";")
    for mark in COLUMN_MARKS:
        query = query.replace(mark, quoted_name(column or ""))
    for mark in TABLE_MARKS:
        query = query.replace(mark, "{table}")
    for name in called:
        form = rf'\b(FROM|JOIN)\s+(?:[\w"]+\.)*"?{re.escape(name)}"?(?![\w.])'
        query = re.sub(form, r"\1 {table}", query, flags=re.IGNORECASE)
    if "{table}" not in query:
        return Asked("sql", {}, "its query does not name this table")
    return Asked("sql", limit.on(query))


def _library(entry: Mapping[str, Any], column: str | None, of: Mapping[str, Column]) -> Asked:
    said = str(entry.get("metric") or entry.get("rule") or "")
    metric, limit = OLD_METRICS.get(said, said), Limit.of(entry)
    if limit is None and said in OLD_METRICS and metric != "rowCount":
        limit = Limit.of({"mustBe": 0})
    if metric not in _METRICS:
        return Asked(f"library {said}", {}, f"no metric is called “{said}”")
    if limit is None:
        return Asked(f"library {said}", {}, "it has no operator (mustBe…) to compare the metric with")
    told = {**entry, **(entry.get("arguments") or {})}
    return _METRICS[metric](told, column, of, limit)


def _by_row(entry: Mapping[str, Any], limit: Limit) -> bool:
    return _none_allowed(entry, limit) and entry.get("severity") not in DELIVERY_ONLY


def _none_allowed(entry: Mapping[str, Any], limit: Limit) -> bool:
    """Whether not one row may break it: “less than 1” says so of rows, not of per cent."""
    return limit.is_zero if _percent(entry) else limit.allows_none


def _percent(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("unit", "")).lower() in ("percent", "percentage", "%")


def _counted(entry: Mapping[str, Any], limit: Limit, broken: str) -> Asked:
    """The number or percentage of rows where `broken` holds, as a query on the staged table."""
    number = f"count(*) FILTER (WHERE {broken})"
    if _percent(entry):
        number = f"coalesce(100.0 * {number} / nullif(count(*), 0), 0)"
    return Asked("sql", limit.on(f"SELECT {number} FROM {{table}}"))


def _row_count(entry: Mapping[str, Any], column: str | None, of: Mapping[str, Column], limit: Limit) -> Asked:
    if _percent(entry):
        return Asked("row_count", {}, "a number of rows in percent of nothing named")
    bounds = limit.whole_bounds()
    return Asked("row_count", bounds) if bounds else Asked("sql", limit.on("SELECT count(*) FROM {table}"))


def _nulls(entry: Mapping[str, Any], column: str | None, of: Mapping[str, Column], limit: Limit) -> Asked:
    if not column:
        return _columnless("nullValues")
    if _by_row(entry, limit):
        return Asked("required", {})
    if _percent(entry) and limit.is_plain_maximum:
        return Asked("null_share", {"column": column, "maximum": limit.maximum / 100})
    return _counted(entry, limit, f"NOT {quoted_name(f'has_{column}')}")


def _missing(entry: Mapping[str, Any], column: str | None, of: Mapping[str, Column], limit: Limit) -> Asked:
    """Reading has already emptied “N/A”, “-” and the like; the listed values count as well."""
    if not column:
        return _columnless("missingValues")
    broken = conditions.is_missing(column, of.get(column), entry.get("missingValues") or ())
    if _by_row(entry, limit):
        return Asked("row_condition", {"sql": f"NOT ({broken})", "form": "missing"})
    if of.get(column) and of[column].is_identifier:
        return _unstaged()
    return _counted(entry, limit, broken)


def _invalid(entry: Mapping[str, Any], column: str | None, of: Mapping[str, Column], limit: Limit) -> Asked:
    if not column:
        return _columnless("invalidValues")
    about = of.get(column)
    values, pattern = entry.get("validValues"), entry.get("pattern")
    if not values and not pattern:
        return Asked("library invalidValues", {}, "it names neither validValues nor a pattern")
    if pattern and not conditions.runs_as_pattern(str(pattern), about):
        return Asked("invalid_share", {}, "the pattern uses what our engine cannot run, or is not on text")
    if _by_row(entry, limit):
        if pattern and not values:
            return Asked("pattern", {"pattern": str(pattern)})
        sql = conditions.is_one_of(column, about, values or ())
        if pattern:
            sql += f" AND {quoted_name(column)} ~ {quoted_text(str(pattern))}"
        return Asked("row_condition", {"sql": sql, "form": "values", "values": list(values or ())})
    if about and about.is_identifier:
        return _unstaged()
    if values and pattern or not (_percent(entry) and limit.is_plain_maximum):
        return _counted(entry, limit, conditions.is_invalid(column, about, values, pattern))
    how = {"values": list(values)} if values else {"pattern": str(pattern)}
    return Asked("invalid_share", {"column": column, **how, "maximum": limit.maximum / 100})


def _duplicates(
    entry: Mapping[str, Any], column: str | None, of: Mapping[str, Column], limit: Limit
) -> Asked:
    """Rows beyond the first of the same values; of the whole row where no columns are named."""
    names = [column] if column else [str(name) for name in entry.get("properties") or ()]
    unknown = [name for name in names if of and name not in of]
    if unknown:
        return Asked("duplicate_share", {}, f"it names no column: {', '.join(unknown)}")
    on = {"columns": names} if names else {}
    if _none_allowed(entry, limit):
        return Asked("duplicate_share", {**on, "maximum": 0})
    if limit.is_plain_maximum and _percent(entry):
        return Asked("duplicate_share", {**on, "maximum": limit.maximum / 100})
    if not names:
        return _counted(entry, limit, "is_duplicate")
    if any(of[name].is_identifier for name in names if name in of):
        return _unstaged()
    listed = ", ".join(quoted_name(name) for name in names)
    filled = " AND ".join(f"{quoted_name(name)} IS NOT NULL" for name in names)
    number = f"count(*) - count(DISTINCT ({listed}))"
    if _percent(entry):
        number = f"coalesce(100.0 * ({number}) / nullif(count(*), 0), 0)"
    return Asked("sql", limit.on(f"SELECT {number} FROM {{table}} WHERE {filled}"))


def _columnless(metric: str) -> Asked:
    return Asked(f"library {metric}", {}, f"{metric} is a promise about a column, and stands on the table")


def _unstaged() -> Asked:
    return Asked("sql", {}, "the delivery's checks see no identifiers")


_METRICS = {
    "rowCount": _row_count,
    "nullValues": _nulls,
    "missingValues": _missing,
    "invalidValues": _invalid,
    "duplicateValues": _duplicates,
}


def name_of(entry: Mapping[str, Any], taken: set[str]) -> str:
    """A stable name for an entry: its own, else its id, else what it asks; numbered where taken."""
    said = entry.get("name") or entry.get("id") or entry.get("metric") or entry.get("rule")
    stem = re.sub(r"[^\w\-]+", "_", str(said or entry.get("type") or "rule")).strip("_") or "rule"
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}_{number}", number + 1
    taken.add(name)
    return name
