"""What a visit's result begins by itself: an application, a referral, an objection, the next step agreed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange.answers.problems import Problem
from exchange.digests import narrow
from flows.casework.line_rows import refusal, remark
from flows.casework.matter_rows import Matters, Row
from policies.casework.steps import Steps

APPLIED, REFERRED, WRONG_DATA = ("20", "11", "21"), "22", "41"
_OFFICE = "部门"  # people leave it out of a receiver's name


def begun_by_visits(
    matters: Matters, visits: list[Row], agreed: list[Row], facts: Mapping[str, str]
) -> list[Problem]:
    """Begin what follows from the visits that were taken; returns what could not be told, and what goes back.

    visits: alert_id, case_no, visit_id, result_code, found_date, benefit_id, note_zh, row_no, place; a case
    without a number brings nothing. agreed: alert_id, follow_up, owner_code, due_date, row_no, place.
    """
    problems: list[Problem] = []
    of_alert = {visit["alert_id"]: visit for visit in visits}
    for visit in visits:
        if visit["case_no"] is not None:
            problems += _by_result(matters, visit, facts)
    for row in agreed:
        own = of_alert.get(row["alert_id"])
        if own is None:
            said = "这一行没有收下走访结果，“下一步”也先没有记；请补好结果再交，或写在“后续办理”里。"
            problems.append(refusal(row, "step_without_result", said))
        elif own["case_no"] is not None:
            problems += agree(matters, own, row)
    return problems


def agree(matters: Matters, visit: Row, row: Row) -> list[Problem]:
    """The next step that was agreed at the door: what, by whom, by when."""
    if row["follow_up"] is None and row["due_date"] is None and row["owner_code"] is None:
        return []
    if row["follow_up"] is None or row["due_date"] is None:
        lacking = "“下一步”" if row["follow_up"] is None else "“约定日期”"
        said = f"没有填{lacking}，走访结果已收下，下一步先没有记，请补填后再交一次。"
        return [remark(row, "step_incomplete", said)]
    if row["due_date"] < visit["found_date"]:
        said = f"“约定日期” {row['due_date']} 早于走访日期，下一步先没有记，请改正后再交一次。"
        return [remark(row, "step_incomplete", said)]
    named = {"kind_code": "follow_up", "event_code": "agreed", "subject": row["follow_up"]}
    matters.begin(_begun(visit) | named | {"due_date": row["due_date"], "owner_code": row["owner_code"]})
    return []


def _by_result(matters: Matters, visit: Row, facts: Mapping[str, str]) -> list[Problem]:
    code, begun = visit["result_code"], _begun(visit)
    if code in APPLIED and visit["benefit_id"] is not None:
        matters.begin(
            begun | {"kind_code": "application", "event_code": "submitted", "subject": visit["benefit_id"]}
        )
    elif code == REFERRED:
        receiver = receiver_in(matters.steps, visit["note_zh"])
        if receiver is None:
            said = "“说明”里看不出转给了哪个单位，转介没有登记；请在“后续办理”里选“转介”和单位。"
            return [remark(visit, "receiver_unclear", said)]
        matters.begin(begun | {"kind_code": "referral", "event_code": "sent", "subject": receiver})
    elif code == WRONG_DATA:
        named = {
            "kind_code": "objection",
            "event_code": "raised",
            "subject": fact_in(facts, visit["note_zh"]),
        }
        matters.begin(begun | named | {"note": visit["note_zh"], "worker": visit["worker"]})
    return []


def _begun(visit: Row) -> dict[str, Any]:
    return {
        "case_no": visit["case_no"],
        "event_date": visit["found_date"],
        "visit_id": visit["visit_id"],
        "row_no": None,
    }


def receiver_in(steps: Steps, note: str | None) -> str | None:
    """The one receiver whom a note names, in full or without 部门; None where it is none, or several."""
    text = narrow(note)
    meant = {
        r.code
        for r in steps.receivers
        if r.zh.removesuffix(_OFFICE) in text or r.zh.partition("（")[0] in text
    }
    return meant.pop() if len(meant) == 1 else None


def fact_in(facts: Mapping[str, str], note: str | None) -> str | None:
    """The one column or extract that a note names by its title; the more exact goes before."""
    text = _plain(note)
    meant = {code for zh, code in facts.items() if _plain(zh) in text}
    exact = {code for code in meant if code.count(".") == 2} or meant
    return exact.pop() if len(exact) == 1 else None


def _plain(text: str | None) -> str:
    return narrow(text).replace("“", "").replace("”", "")
