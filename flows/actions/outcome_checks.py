"""What a list that came back says, held against the record: what was handed out, what is known already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from exchange.answers.feedback import FORM_OF, Feedback
from exchange.answers.problems import Problem
from exchange.form import codes_frame
from exchange.words import words
from flows.context.catalogue_frames import benefit_names, result_names
from flows.context.site import Site
from warehouse.deliveries.outcomes import ReturnedFile, handed_out, known_outcomes
from warehouse.identity.vault import Vault
from warehouse.written.words import with_notes

_SAYS = ("result_code", "found_date", "benefit_id", "note_zh", "worker")


@dataclass(frozen=True)
class Checked:
    """new: the rows to store. before_cnt: lines that this same file brought before; repeated_cnt: lines that
    another file brought. problems: why others are not stored, and what is worth a second look."""

    new: pl.DataFrame
    before_cnt: int
    repeated_cnt: int
    problems: list[Problem]


def against_record(site: Site, vault: Vault, read: Feedback, file: ReturnedFile) -> Checked:
    """Sort the lines that could be read into new ones, known ones and refused ones.

    A code or case number that was not handed out on this list is refused, and so is a second result for a
    case on the day of the first: which of the two counts is for a person to say.
    """
    cases = set(handed_out(site.con, read.as_of, read.queue, read.place_code))
    codes, benefits = _offered(site, read.queue), set(benefit_names(site.catalogue).get_column("code"))
    former: dict[str, list[dict[str, Any]]] = {}
    record = with_notes(vault, known_outcomes(site.con, read.rows.get_column("alert_id")))
    for row in record.rows(named=True):
        former.setdefault(row["alert_id"], []).append(row)
    new, before, repeated, problems = [], 0, 0, []
    for row in read.rows.rows(named=True):
        if said := _not_handed_out(row, cases, codes):
            problems.append(said)
            continue
        if row["benefit_id"] is not None and row["benefit_id"] not in benefits:
            problems.append(
                _remark(row, "unknown_benefit", "协助申请的政策不在政策表里，结果已收下，政策未记。")
            )
            row["benefit_id"] = None
        known = former.get(row["alert_id"], [])
        same = [one for one in known if all(one[name] == row[name] for name in _SAYS)]
        if mine := [one for one in same if one["feedback_sha256"] == file.sha256]:
            before += 1
            problems += _withdrawn(row, mine)
            continue
        in_force = [one for one in known if one["withdrawn_date"] is None]
        if any(one in in_force for one in same):
            repeated += 1
            continue
        said = _tie(row, in_force, file)
        problems += [said] if said else []
        if said is None or not said.is_refusal:
            new.append(row)
    return Checked(pl.DataFrame(new, schema=read.rows.schema), before, repeated, problems)


def _offered(site: Site, queue: str) -> set[str]:
    """The codes that a worker may choose on a list of the queue."""
    given = result_names(site.catalogue, queue) if queue == "need" else None
    return set(codes_frame(words(FORM_OF[queue]), given).get_column("code"))


def _not_handed_out(row: dict[str, Any], cases: set[str], codes: set[str]) -> Problem | None:
    if row["alert_id"] not in cases:
        return _refusal(row, "case_not_handed_out", "个案编号不在已下发的名单中，本行未收，请核对。")
    if row["result_code"] not in codes:
        return _refusal(
            row, "code_not_handed_out", "结果代码不是这份名单发出的代码，本行未收，请对照原名单。"
        )
    return None


def _withdrawn(row: dict[str, Any], mine: list[dict[str, Any]]) -> list[Problem]:
    if any(one["withdrawn_date"] is None for one in mine):
        return []
    return [_remark(row, "outcome_withdrawn", "这一行的结果收下后已被撤回，不再计入。")]


def _tie(row: dict[str, Any], in_force: list[dict[str, Any]], file: ReturnedFile) -> Problem | None:
    """A case that already has another result: of the same day refused, else said."""
    others = [one for one in in_force if one["result_code"] != row["result_code"]]
    same_day = [one for one in others if one["known_date"] == file.received]
    if same_day:
        first = same_day[0]
        return _refusal(
            row,
            "two_results_one_day",
            f"同一天已收下另一个结果（{first['result_code']}，走访日期 {first['found_date']}），"
            f"这次填的是 {row['result_code']}，不知道以哪个为准，本行未收。"
            "请核对；前一个填错的，请数据员撤回后再交一次。",
        )
    older = [one for one in others if one["found_date"] >= row["found_date"]]
    if older:
        first = older[-1]
        return _remark(
            row,
            "result_changed",
            f"以前收下的结果是 {first['result_code']}（走访日期 {first['found_date']}），"
            f"这次是 {row['result_code']}，走访日期不比它晚；按后收到的算，请确认。",
        )
    return None


def _refusal(row: dict[str, Any], code: str, text: str) -> Problem:
    return Problem(code, f"{row['place']}：{text}", row["row_no"])


def _remark(row: dict[str, Any], code: str, text: str) -> Problem:
    return Problem(code, f"{row['place']}：{text}", row["row_no"], is_refusal=False)
