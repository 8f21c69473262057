"""One ODCS `quality` entry becomes one rule: a library metric, a query, prose, or a check of our own.

What nothing here can run is documented only, with the reason, in other people's contracts; in ours it is
refused, since a typing error must not silence a rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from data_contracts.contract.model import Column, Rule
from data_contracts.rules.checks import DELIVERY_ONLY, ROW_KINDS, SUITE_KINDS, Check
from data_contracts.rules.messages import sentence
from data_contracts.rules.metrics import metric_check
from data_contracts.rules.queries import query_check
from zhaoren.errors import ZhaorenError

# Words for a severity that others use, by our level.
SEVERITIES = {
    **dict.fromkeys(("info", "information", "note", "notice", "low", "minor", "trivial"), "note"),
    **dict.fromkeys(("warn", "warning", "medium", "moderate"), "warn"),
}


def quality_rule(
    contract_id: str,
    entry: Mapping[str, Any],
    column: str | None,
    *,
    columns: Sequence[Column] = (),
    external: bool = False,
    name: str = "",
    called: Sequence[str] = (),
) -> Rule:
    """The rule of one quality entry, of the table or of a column.

    `columns` are the table's, `called` its names in queries. What cannot be run is documented only where
    `external`; otherwise it raises ZhaorenError.
    """
    name = name or entry["name"]
    by_name = {one.name: one for one in columns}
    check = _runnable(_check(entry, column, by_name, called), contract_id, name, external)
    place = "documented" if check.why_not else "row" if check.kind in ROW_KINDS else "suite"
    about = check.options.get("column") or column
    about = about if isinstance(about, str) else None
    full_name = f"{column}.{name}" if column else name
    zh = str(entry.get("description") or "")
    return Rule(
        id=f"{contract_id}.{full_name}",
        name=full_name,
        kind=check.kind,
        level=_level(entry, place, external),
        runs_in=place,
        zh=zh or sentence(check.kind, check.options, by_name.get(about or "")),
        column=about,
        options=check.options,
        why_documented=check.why_not,
    )


def _level(entry: Mapping[str, Any], place: str, external: bool) -> str:
    """The severity's level. An unknown one in others' contracts is taken as strict: rows go back."""
    severity = str(entry.get("severity") or "")
    if not external or severity in ("note", "warn", "reject_row", *DELIVERY_ONLY):
        return severity or "note"
    lowest = "note" if place == "documented" else "reject_row" if place == "row" else "hold_delivery"
    return SEVERITIES.get(severity.lower(), lowest)


def _runnable(check: Check, contract_id: str, name: str, external: bool) -> Check:
    """`check`, or why it can only be documented; ZhaorenError in a contract of ours."""
    if check.kind in ROW_KINDS or check.why_not.startswith("prose"):
        return check
    why = check.why_not or _lacks(check)
    if why and not external:
        todo = f"use row_condition or one of {', '.join(SUITE_KINDS)} with all its options, or type: text"
        raise ZhaorenError(f"rule “{name}” cannot be run", contract_id, why, todo)
    return Check(check.kind, check.options, why)


def _lacks(check: Check) -> str:
    """What a delivery check lacks to be run; '' when nothing."""
    if check.kind not in SUITE_KINDS:
        return f"no check is called “{check.kind}”"
    missing = [key for key in SUITE_KINDS[check.kind] if check.options.get(key) is None]
    return f"missing {', '.join(missing)}" if missing else ""


def _check(
    entry: Mapping[str, Any], column: str | None, columns: Mapping[str, Column], called: Sequence[str]
) -> Check:
    form = entry.get("type") or ("library" if entry.get("metric") or entry.get("rule") else "text")
    if form == "text":
        return Check("text", {}, "prose: there is nothing to compute")
    if form == "custom":
        return _custom(entry)
    if form == "sql":
        return query_check(entry, column, called)
    return metric_check(entry, column, columns)


def _custom(entry: Mapping[str, Any]) -> Check:
    engine, task = str(entry.get("engine", "")), entry.get("implementation")
    if engine != "zhaoren":
        return Check("custom", {}, f"written for the engine “{engine}”, which is not run here")
    if not isinstance(task, Mapping) or "rule" not in task:
        return Check("custom", {}, "its implementation names no rule")
    options = dict(task)
    return Check(str(options.pop("rule")), options)
