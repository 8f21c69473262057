"""Commands that report: status and explain."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from flows.cli.terminal.console import columns, heading, line, opened, out, paragraph, print_json
from flows.cli.terminal.derivation import show_derived, show_steps
from flows.cli.terminal.options import AsOfOption, ByOption, HomeOption, JsonOption, optional_date


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(status)
    app.command()(explain)


def status(
    *,
    home: HomeOption = None,
    names: Annotated[
        bool, typer.Option(help="Open the vault for names of files called by a hash, and reasons; logged.")
    ] = False,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """What ran, what did not come, whether every row is accounted for, and how old each source is today."""
    from flows.queries.status import home_status

    with opened(home, as_json, by) as site:
        found = home_status(site, names)
    if as_json:
        print_json(found)
        return
    line(f"{found['today']}: {found['conservation']}")
    for alarm in found["alarms"]:
        out.print(f"[bold red]Alarm:[/] {escape(alarm)}", highlight=False, soft_wrap=True, markup=True)
    heading("Runs")
    keys = ["date", "status", "files", "rows_read", "rows_loaded", "rows_quarantined", "rows_duplicate"]
    heads = ["date", "status", "files", "rows read", "loaded", "quarantined", "duplicate"]
    columns(heads, [[run[key] for key in keys] for run in found["runs"]])
    _show_held(found["held"])
    if found["missing"]:
        heading("Not here")
        for one in found["missing"]:
            line(one["in_words"], indent=2)
    if found["left_out"]:
        heading("Left in the inbox by the last run")
        for one in found["left_out"]:
            line(one["in_words"], indent=2)
    if names:
        heading("How files are named (this opening was logged)")
        columns(["date", "called", "named"], [tuple(one.values()) for one in found["names"]])
        heading("Why people decided so")
        columns(["date", "decision", "by", "reason"], [tuple(one.values()) for one in found["reasons"]])
    heading("Identity resolution")
    columns(["what", "count"], [tuple(one.values()) for one in found["identity"]])
    heading("Sources")
    heads = ["department", "extract", "last delivery", "days old", "state"]
    columns(heads, [tuple(source.values()) for source in found["sources"]])


def _show_held(held: list[dict[str, Any]]) -> None:
    if not held:
        return
    heading("Held, until somebody decides")
    for one in held:
        line(one["delivery_id"], indent=2)
        line(
            f"{one['department']}/{one['file_name']} of {one['known_date']}: {one['reason_in_words']}",
            indent=4,
        )
        line(f"to take it in:  {one['command']}", indent=4)
    line('To refuse one instead: zhaoren reject DELIVERY --reason "…"', indent=2)


def explain(
    *,
    what: Annotated[str, typer.Argument(help="A case number (alert_id) or a household_id.")],
    home: HomeOption = None,
    as_of: AsOfOption = None,
    rules: Annotated[
        list[str] | None, typer.Option("--rule", help="Show every condition of this benefit or signal.")
    ] = None,
    contact: Annotated[
        bool,
        typer.Option(help="Open the vault for name, phone, address and what visits wrote; logged."),
    ] = False,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Why a household is on a list: every signal, every benefit, what is unknown, what is just missed.

    With --rule, each condition of it: the facts it saw, from whom and of what date, the parameters with
    their source, and the clause; then each derived fact with its formula, down to departments' facts.
    With --json, so for every benefit.
    """
    from flows.queries.explain import explain_household

    with opened(home, as_json, by) as site:
        found = explain_household(site, what, optional_date(as_of), contact, rules or ())
    if as_json:
        print_json(found)
        return
    _show(found)
    if rules:
        show_steps(found["steps"])
        show_derived(found["derived"])


def _show(found: dict[str, Any]) -> None:
    line(f"{found['household_id']} on {found['as_of']}")
    for person in found["persons"]:
        line(f"{person['person_id']} {person['member']}号 {person['person_zh']}", indent=2)
    for alert in found["alerts"]:
        heading(f"Case {alert['alert_id']}: {alert['level']}, {alert['status']}")
        paragraph(alert["reason_zh"], indent=2)
    if found["signals"]:
        heading("Signals")
    for signal in found["signals"]:
        paragraph(_signal(signal), indent=2)
    if found["benefits"]:
        heading("Benefits")
    for benefit in found["benefits"]:
        paragraph(_benefit(benefit), indent=2)
        paragraph(benefit["reason_zh"], indent=6)
    for near in found["nearest"]:
        paragraph(f"Nearest missed: {near['nearest_zh']}")
    for gap in found["policy_gap"]:
        paragraph(_gap(gap))
    if found["identity"]:
        heading("Rows without a usable number, found to be theirs")
    for link in found["identity"]:
        linked = f"{link['extract']}, linked since {link['since']} by {link['decided_by']} ({link['kind']})"
        paragraph(f"{link['person_id']} {link.get('person_zh', '')}: {linked}", indent=2)
    if found["contact"]:
        heading("Contact (this opening was logged)")
    for what, value in found["contact"]:
        line(f"{what}  {value}", indent=2)
    if found["stale"]:
        paragraph("Stale sources: " + ", ".join(found["stale"]))


def _signal(signal: dict[str, Any]) -> str:
    """Whom it is about, its level, since when, and its sentence."""
    about = f", {signal['person_zh']}" if signal.get("person_zh") else ""
    since = f", since {signal['fact_date']}" if signal["fact_date"] else ""
    named = f"{signal['signal_zh']} ({signal['signal_id']})"
    return f"{signal['level']}, {named}{about}{since}: {signal['sentence_zh']}"


RECEIVING = {True: "received", False: "not received", None: "unknown whether received"}


def _benefit(row: dict[str, Any]) -> str:
    """The benefit, whose it is, the answer, and the money."""
    whose = f", {row['person_zh']}" if row.get("person_zh") else ""
    said = [row["eligible"], RECEIVING[row["is_receiving"]]]
    if row["amount_yuan_month"] is not None:
        said.append(f"{row['amount_yuan_month']} yuan a month")
    if row["gap_yuan_month"]:
        said.append(f"{row['gap_yuan_month']} of it missing")
    if row["missed_month_cnt"]:
        said.append(f"{row['missed_month_cnt']} months missed")
    return f"{row['benefit_zh']} ({row['benefit_id']}){whose}: {', '.join(said)}"


def _gap(gap: dict[str, Any]) -> str:
    """Real hardship and no policy fits: an answer of its own."""
    basis = "a visit found real hardship" if gap["basis"] == "visit" else "urgent signs of need"
    may = f"; {gap['open_benefit_ids']} cannot be answered yet" if gap["may_fit"] else ""
    return f"Policy gap 情况属实但没有符合的政策: {basis}, and no paid benefit fits{may}"
