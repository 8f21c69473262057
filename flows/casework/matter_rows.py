"""Reported events of matters, by the record and the rules: taken in order, or returned with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from exchange.answers.problems import Problem
from exchange.digests import narrow
from flows.casework.line_rows import Sorted, refusal, unknown_case
from flows.context.calendar import working_day
from flows.context.site import Site
from policies.casework.steps import StepEvent, StepKind, Steps
from warehouse.casework.matters import events_of, step_ids
from warehouse.deliveries.outcomes import ReturnedFile
from warehouse.written import words

Row = dict[str, Any]
_TWIN = "（"  # the second of two printed matters alike ends in （2）


@dataclass(frozen=True)
class Names:
    """What people call the things that matters are about: benefits, receivers and facts, Chinese -> code."""

    benefits: Mapping[str, str]
    facts: Mapping[str, str]

    def subject(self, kind: StepKind, steps: Steps, typed: str) -> str | None:
        """The code of what was meant; None where it is none of the kind's subjects."""
        of_kind = {
            "benefit": self.benefits,
            "receiver": {receiver.zh: receiver.code for receiver in steps.receivers},
            "fact": self.facts,
        }[kind.subject or "benefit"]
        wanted = narrow(typed.partition(_TWIN)[0])
        return next((code for zh, code in of_kind.items() if wanted in (narrow(zh), code)), None)


class Matters:
    """The matters of some cases as they are on record, and as a file's lines carry them on."""

    def __init__(self, site: Site, steps: Steps, cases: Iterable[str], file: ReturnedFile) -> None:
        self.site, self.steps, self.file = site, steps, file
        self.events: dict[str, list[Row]] = {}
        for row in events_of(site.con, pl.Series(sorted(set(cases)), dtype=pl.String)).rows(named=True):
            self.events.setdefault(row["step_id"], []).append(row)
        self.new: list[Row] = []
        self.written: list[tuple[str, str, str | None, str | None]] = []
        self.repeated = 0
        self.before = 0

    def begin(self, row: Row) -> None:
        """Begin a matter by its first event; a copy of the line says again what is known."""
        event = self.steps.kinds[row["kind_code"]].events[row["event_code"]]
        step_id = step_ids(self.site.con, pl.DataFrame([{n: row[n] for n in _NAMING}], schema=_NAMED)).item()
        if step_id in self.events:
            self._again(row, self.events[step_id][0])
            return
        self.events[step_id] = []
        self._add(step_id, row, event)

    def carry_on(self, step_id: str, row: Row) -> str | None:
        """Add an event to a matter. Returns why it cannot be, or None."""
        kind, last = self.steps.kinds[row["kind_code"]], self.events[step_id][-1]
        same = [e for e in self.events[step_id] if _alike(e, row)]
        if same:
            self._again(row, same[0])
            return None
        event, now = kind.events[row["event_code"]], kind.events[last["event_code"]]
        if event not in kind.may_follow(last["event_code"]):
            nexts = "、".join(f"“{e.zh}”" for e in kind.may_follow(last["event_code"]) if not e.by_system)
            follows = f"接下来只能是{nexts}" if nexts else "已经了结"
            return f"“{kind.zh}”现在是“{now.zh}”（{last['event_date']}），{follows}，本行未收。"
        if row["event_date"] < last["event_date"]:
            return f"日期 {row['event_date']} 早于上一步的 {last['event_date']}，本行未收。"
        self._add(step_id, row, event)
        return None

    def open_of(self, case_no: str, kind: str, subject: str | None) -> list[str]:
        """The open matters of a case about a subject."""
        return [
            step_id
            for step_id, events in self.events.items()
            if (events[0]["case_no"], events[0]["kind_code"], events[0]["subject"])
            == (case_no, kind, subject)
            and not self.steps.is_end(kind, events[-1]["event_code"])
        ]

    def sorted(self, problems: list[Problem]) -> Sorted:
        """What is to be stored."""
        rows = pl.DataFrame(self.new, infer_schema_length=None) if self.new else pl.DataFrame()
        return Sorted(
            table="mart.step",
            rows=rows,
            written=self.written,
            problems=problems,
            taken_cnt=len([row for row in self.new if row["row_no"] is not None]) + self.before,
            repeated_cnt=self.repeated,
        )

    def _again(self, row: Row, known: Row) -> None:
        if row["row_no"] is None:  # it followed from a visit's line, which is counted there
            return
        self.before += known["feedback_sha256"] == self.file.sha256
        self.repeated += known["feedback_sha256"] != self.file.sha256

    def _add(self, step_id: str, row: Row, event: StepEvent) -> None:
        number = len(self.events[step_id]) + 1
        due = None if event.is_end else row.get("due_date")
        if due is None and event.due and not event.is_end:
            due = working_day(row["event_date"], event.due)
        added = {
            "step_id": step_id,
            "step_no": number,
            **{name: row[name] for name in _NAMING},
            "due_date": due,
            "owner_code": None if event.is_end else row.get("owner_code") or event.owner,
            "known_date": self.file.received,
            "visit_id": row.get("visit_id"),
            "feedback_sha256": self.file.sha256,
            "row_no": row.get("row_no"),
        }
        self.events[step_id].append(added)
        self.new.append(added)
        about = f"{step_id}|{number}|{row['case_no']}"
        if row.get("worker") or row.get("note"):
            self.written.append((words.STEP, about, row.get("worker"), row.get("note")))


_NAMING = ("case_no", "kind_code", "subject", "event_code", "event_date")
_NAMED: dict[str, Any] = {**dict.fromkeys(_NAMING[:4], pl.String), "event_date": pl.Date}


def _alike(event: Row, row: Row) -> bool:
    said = ("event_code", "event_date")
    asked = row.get("due_date") is None or row["due_date"] == event["due_date"]
    return asked and all(event[name] == row[name] for name in said)


def report_matters(
    matters: Matters, rows: list[Row], numbers: Mapping[str, str], names: Names
) -> list[Problem]:
    """Take the lines of 后续办理 in the order of their days; returns what goes back."""
    problems = []
    for row in sorted(rows, key=lambda one: (one["event_date"], one["row_no"])):
        said = _report(matters, row, numbers, names)
        problems += [said] if said else []
    return problems


def _report(matters: Matters, row: Row, numbers: Mapping[str, str], names: Names) -> Problem | None:
    steps, printed = matters.steps, row["printed"]
    case_no = printed.get("step_case_no") or numbers.get(row["case_no"])
    if case_no is None:
        return unknown_case(row)
    kind = _kind(steps, printed.get("step_kind") or row["kind"])
    if kind is None:
        known = "、".join(k.zh for k in steps.kinds.values())
        return refusal(row, "unknown_matter", f"“事项”不认识，请从下拉列表里选（{known}），本行未收。")
    event = _event(kind, row["event"])
    if event is None:
        known = "、".join(e.zh for e in kind.events.values() if not e.by_system)
        return refusal(row, "unknown_event", f"“{kind.zh}”的“新进展”请从下拉列表里选（{known}），本行未收。")
    if lacking := _lacking(row, event):
        return refusal(row, *lacking)
    subject, wrong = _subject(kind, steps, row, names)
    if wrong:
        return refusal(row, "unknown_subject", wrong)
    told = {**row, "case_no": case_no, "kind_code": kind.code, "subject": subject, "event_code": event.code}
    return _placed(matters, told, kind, event)


def _placed(matters: Matters, row: Row, kind: StepKind, event: StepEvent) -> Problem | None:
    """The line's matter: the printed one, the only open one, or a new one."""
    step_id = row["printed"].get("step_id")
    if step_id is None or step_id not in matters.events:
        if event in kind.may_follow(None):
            matters.begin(row)
            return None
        mine = matters.open_of(row["case_no"], kind.code, row["subject"])
        if not mine and any(_alike(e, row) for e in _events(matters, row)):
            matters.repeated += 1
            return None
        if len(mine) != 1:
            why = "这户没有正在办的" if not mine else "这户正在办的不止一件"
            said = f"{why}“{kind.zh}”，不知道是哪一件，本行未收，请写在印好的那一行上。"
            return refusal(row, "matter_unclear", said)
        step_id = mine[0]
    if any(matters.events[step_id][0][name] != row[name] for name in ("case_no", "kind_code")):
        said = "校验页上的事项与个案对不上（可能被改动过），本行未收，请在原来发的文件里填写。"
        return refusal(row, "matter_unclear", said)
    wrong = matters.carry_on(step_id, row)
    return refusal(row, "event_not_allowed", wrong) if wrong else None


def _events(matters: Matters, row: Row) -> list[Row]:
    key = ("case_no", "kind_code", "subject")
    return [e for events in matters.events.values() for e in events if all(e[n] == row[n] for n in key)]


def _kind(steps: Steps, typed: str) -> StepKind | None:
    wanted = narrow(typed)
    return next((k for k in steps.kinds.values() if wanted in (narrow(k.zh), k.code)), None)


def _event(kind: StepKind, typed: str) -> StepEvent | None:
    wanted = narrow(typed)
    known = (event for event in kind.events.values() if not event.by_system)
    return next((e for e in known if wanted in (narrow(e.zh), e.code)), None)


def _lacking(row: Row, event: StepEvent) -> tuple[str, str] | None:
    if event.asks_due and row["due_date"] is None:
        return "due_missing", f"“{event.zh}”要在“下次日期”里写最晚哪天，本行未收。"
    if event.asks_note and not narrow(row["note"]):
        return "note_missing", f"“{event.zh}”要在“说明”里写原因，本行未收。"
    return None


def _subject(kind: StepKind, steps: Steps, row: Row, names: Names) -> tuple[str | None, str]:
    printed = row["printed"]
    if "step_subject" in printed:
        return printed["step_subject"] or None, ""
    if kind.subject is None:
        return None, ""
    typed = row["subject"]
    code = names.subject(kind, steps, typed) if typed else None
    if code is None and not (kind.subject == "fact" and not typed):
        return None, f"“{kind.zh}”的“对象”请从下拉列表里选，本行未收。"
    return code, ""
