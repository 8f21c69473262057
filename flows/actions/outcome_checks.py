"""What a list that came back says, held against the record: what was handed out, what is known already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from exchange.answers.feedback import FORM_OF, Feedback
from exchange.answers.problems import Problem
from exchange.form import codes_frame
from exchange.words import words
from flows.context.catalogue_frames import benefit_names, result_names
from flows.context.site import Site
from warehouse.casework.visits import known_visits
from warehouse.deliveries.outcomes import ReturnedFile, handed_out
from warehouse.identity.vault import Vault
from warehouse.written.words import with_notes

_SAYS = ("result_code", "found_date", "benefit_id", "note_zh", "worker")


@dataclass(frozen=True)
class Checked:
    """rows: the visits to store, with those that repeat another file's (a copy is a row, and counts once).

    taken: these, and those that the same file brought before: what follows may have to be begun yet.
    new_cnt: of rows what nobody had said yet; repeated_cnt: of rows what another file had said; before_cnt:
    lines that this same file brought before. problems: why others are not stored, and what a person has to
    look at.
    """

    rows: pl.DataFrame
    taken: list[dict[str, Any]]
    new_cnt: int
    before_cnt: int
    repeated_cnt: int
    problems: list[Problem]


def against_record(site: Site, vault: Vault, read: Feedback, file: ReturnedFile) -> Checked:
    """Sort the lines that could be read into new ones, known ones and refused ones.

    A code or case number that was not handed out on this list is refused. A line that contradicts another
    visit is stored like any other, and said.
    """
    cases = set(handed_out(site.con, read.as_of, read.queue, read.place_code))
    codes, benefits = _offered(site, read.queue), set(benefit_names(site.catalogue).get_column("code"))
    former = _former(site, vault, read)
    rows, taken, new, before, repeated, problems = [], [], 0, 0, 0, []
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
        problems += _ruled_out(row, known)
        taken.append(row)
        if any(one["feedback_sha256"] == file.sha256 for one in same):
            before += 1
            continue
        rows.append(row)
        repeated += bool(same)
        new += not same
        problems += [] if same else _difference(row, known, site)
    stored = pl.DataFrame(rows, schema=read.rows.schema)
    return Checked(
        rows=stored, taken=taken, new_cnt=new, before_cnt=before, repeated_cnt=repeated, problems=problems
    )


def _former(site: Site, vault: Vault, read: Feedback) -> dict[str, list[dict[str, Any]]]:
    """The visits on record of each line, with what was written."""
    former: dict[str, list[dict[str, Any]]] = {}
    record = with_notes(vault, known_visits(site.con, read.rows.get_column("alert_id")))
    for row in record.rows(named=True):
        former.setdefault(row["alert_id"], []).append(row)
    return former


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


def _ruled_out(row: dict[str, Any], known: list[dict[str, Any]]) -> list[Problem]:
    claims = [one for one in known if _claim(one) == _claim(row)]
    if not any(one["ruling"] is False for one in claims):
        return []
    return [_remark(row, "visit_ruled_out", "这一行的结果收下后已被认定不计，留存备查，不再计入。")]


def _claim(row: dict[str, Any]) -> tuple[str, Any]:
    return row["result_code"], row["found_date"]


def _difference(row: dict[str, Any], known: list[dict[str, Any]], site: Site) -> list[Problem]:
    """A visit that says otherwise than one on record: both stay, and neither counts until a person rules."""
    need = {code.code: code.is_verified_need for code in site.catalogue.result_codes}
    others = [one for one in known if one["ruling"] is not False and _contradicts(one, row, need)]
    if not others or any(_claim(one) == _claim(row) for one in known):
        return []
    first = others[0]
    said = (
        f"以前收下的结果是 {first['result_code']}（走访日期 {first['found_date']}），这次填的是 "
        f"{row['result_code']}（走访日期 {row['found_date']}），两次说法不一致。两条都已留存，"
        "在有人认定以哪条为准之前都先不计；请与同事核对后告诉数据员。"
    )
    return [_remark(row, "visits_differ", said)]


def _contradicts(one: dict[str, Any], row: dict[str, Any], need: Mapping[str, bool | None]) -> bool:
    """As warehouse/shown/outcome.py says it."""
    if one["found_date"] == row["found_date"] and one["result_code"] != row["result_code"]:
        return True
    return {need.get(one["result_code"]), need.get(row["result_code"])} == {True, False}


def _refusal(row: dict[str, Any], code: str, text: str) -> Problem:
    return Problem(code, f"{row['place']}：{text}", row["row_no"])


def _remark(row: dict[str, Any], code: str, text: str) -> Problem:
    return Problem(code, f"{row['place']}：{text}", row["row_no"], is_refusal=False)
