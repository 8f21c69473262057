"""Commands that report: status and explain."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from flows.cli.console import opened, out, print_json, table
from flows.cli.options import AsOfOption, HomeOption, JsonOption, optional_date


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(status)
    app.command()(explain)


def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """What ran, whether every row is accounted for, and which sources are stale."""
    from flows.queries.status import home_status

    with opened(home, as_json) as site:
        found = home_status(site)
    if as_json:
        print_json(found)
        return
    out.print(f"[bold]{found['conservation']}[/]", highlight=False)
    table(
        "runs", ["date", "status", "files", "rows read", "loaded", "quarantined", "duplicate"], found["runs"]
    )
    if found["held"]:
        table("held", ["delivery", "department", "file", "date", "why", "to take it in"], found["held"])
        out.print("To refuse one instead: zhaoren reject DELIVERY --reason …", highlight=False)
    table("identity resolution", ["what", "count"], found["identity"])
    table("sources", ["department", "extract", "last delivery", "days old", "state"], found["sources"])


def explain(
    *,
    what: Annotated[str, typer.Argument(help="A case number (alert_id) or a household_id.")],
    home: HomeOption = None,
    as_of: AsOfOption = None,
    rules: Annotated[
        list[str] | None, typer.Option("--rule", help="Show every condition of this benefit or signal.")
    ] = None,
    contact: Annotated[
        bool, typer.Option(help="Open the vault for the name, phone and address; logged.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Why a household is on a list: every signal, every benefit, what is unknown, what is just missed.

    With --rule, each condition of it: the facts it saw, from whom and of what date, the parameters with
    their source, and the clause. With --json, so for every benefit.
    """
    from flows.queries.explain import explain_household

    with opened(home, as_json) as site:
        found = explain_household(site, what, optional_date(as_of), contact, rules or ())
    if as_json:
        print_json(found)
        return
    _show(found)
    if rules:
        _show_steps(found["steps"])


def _show_steps(steps: list[dict[str, Any]]) -> None:
    for rule, person in dict.fromkeys((s["rule_id"], s["person_id"]) for s in steps):
        rows = [s for s in steps if (s["rule_id"], s["person_id"]) == (rule, person)]
        columns = ["answer", "condition", "missed", "facts", "values used", "clause"]
        cells = [(s["answer"], s["zh"], s["missed_zh"], _facts(s), _values(s), s["clause"]) for s in rows]
        table(f"{rule} {person or ''}".strip(), columns, cells)


def _facts(step: dict[str, Any]) -> str:
    lines = []
    for fact in step["facts"]:
        source = ", ".join(fact["sources"]) or "尚无部门提供"
        lines.append(f"{fact['zh']}＝{fact['value']}（{source}，{fact['known_date'] or '未收到'}）")
    return "\n".join(lines)


def _values(step: dict[str, Any]) -> str:
    return "\n".join(_value(parameter) for parameter in step["parameters"])


def _value(used: dict[str, Any]) -> str:
    if used["valid_from"] is None:
        return f"{used['zh']}：{used['value']}"
    state = "已核实" if used["status"] == "verified" else "未核实"
    return f"{used['zh']}＝{used['value']}（{used['valid_from']}起，{state}，{used['source']}）"


def _show(found: dict[str, Any]) -> None:
    out.print(f"[bold]{found['household_id']}[/] on {found['as_of']}", highlight=False)
    for alert in found["alerts"]:
        out.print(
            f"{alert['alert_id']} {alert['level']} {alert['status']}: {alert['reason_zh']}", highlight=False
        )
    columns = ["signal_id", "level", "fact_date", "sentence_zh"]
    table("signals", columns, [tuple(s[c] for c in columns) for s in found["signals"]])
    columns = [
        "benefit_id",
        "eligible",
        "is_receiving",
        "amount_yuan_month",
        "gap_yuan_month",
        "missed_month_cnt",
        "reason_zh",
        "missing_facts",
    ]
    table("benefits", columns, [tuple(b[c] for c in columns) for b in found["benefits"]])
    for near in found["nearest"]:
        out.print(f"nearest missed: {near['nearest_zh']}", highlight=False)
    for gap in found["policy_gap"]:
        out.print(_gap(gap), highlight=False)
    if found["identity"]:
        columns = ["person_id", "extract", "kind", "since", "decided_by"]
        rows = [tuple(link[c] for c in columns) for link in found["identity"]]
        table("rows without a usable number, found to be theirs", columns, rows)
    if found["contact"]:
        table("contact (this opening was logged)", ["what", "value"], found["contact"])
    if found["stale"]:
        out.print("stale sources: " + ", ".join(found["stale"]), highlight=False)


def _gap(gap: dict[str, Any]) -> str:
    """Real hardship and no policy fits: an answer of its own."""
    basis = "a visit found real hardship" if gap["basis"] == "visit" else "urgent signs of need"
    may = f"; {gap['open_benefit_ids']} cannot be answered yet" if gap["may_fit"] else ""
    return f"policy gap 情况属实但没有符合的政策: {basis}, and no paid benefit fits{may}"
