"""A month of the made-up stations as rows to type into workbooks: sheet -> rows by heading, in Chinese."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from exchange import form as lf
from exchange.answers.filling import Row
from exchange.answers.given import read_hidden
from exchange.answers.opening import Book
from policies.casework.choices import choices
from policies.casework.steps import StepKind, load_steps

Sheets = dict[str, list[Row]]


@dataclass(frozen=True, kw_only=True)
class Played:
    """What the stations of one list date did, with codes; see province/station and province/truth/visits.py.

    visits: alert_id, town_code, result_code, found_date, benefit_id, note_zh, worker, and follow_up,
    owner_code, next_date where something was agreed. tries, begun, asked: with case_no (as printed) and
    town_code. progress: step_id, event_code, event_date, next_date, note_zh, worker. rounds, services, found:
    by town_code.
    """

    visits: pl.DataFrame
    tries: pl.DataFrame
    begun: pl.DataFrame
    progress: pl.DataFrame
    rounds: pl.DataFrame
    services: pl.DataFrame
    found: pl.DataFrame


def rows_of(played: Played, town_code: str, book: Book, as_of: date) -> Sheets:
    """The rows of one station's workbook; what has no line in it is left out."""
    words = {group: dict(pairs) for group, pairs in choices(as_of).items()}
    kinds = load_steps(as_of).kinds
    mine = pl.col("town_code") == town_code
    sheets: Sheets = {
        "走访名单": list(_visits(played.visits.filter(mine), book, words)),
        lf.CONTACTS: list(_tries(played.tries.filter(mine), words)),
        lf.KEY_PERSONS: list(_rounds(played.rounds.filter(mine), words)),
        lf.MATTERS: [*_progress(played.progress, book, kinds), *_begun(played.begun.filter(mine), kinds)],
        lf.DISCOVERED: list(_found(played.found.filter(mine), book, words)),
        lf.SERVICES: list(_services(played.services.filter(mine), words)),
    }
    return {name: rows for name, rows in sheets.items() if rows}


Words = Mapping[str, Mapping[str, str]]
Kinds = Mapping[str, StepKind]


def _visits(rows: pl.DataFrame, book: Book, words: Words) -> Iterable[Row]:
    given = read_hidden(book)
    printed = {alert: alert for alert in given.seq_of} | {alert: no for no, alert in given.alert_of.items()}
    for row in rows.rows(named=True):
        code = row["result_code"]
        yield {
            lf.CASE: printed[row["alert_id"]],
            lf.CODE: f"{code} {given.codes[code]}",
            lf.FOUND: row["found_date"],
            lf.BENEFIT: given.benefits.get(row["benefit_id"] or ""),
            lf.NEXT: words["follow_up"].get(row["follow_up"] or ""),
            lf.OWNER: words["owner"].get(row["owner_code"] or ""),
            lf.DUE: row["next_date"],
            lf.NOTE: row["note_zh"] or None,
            lf.WORKER: row["worker"],
        }


def _tries(rows: pl.DataFrame, words: Words) -> Iterable[Row]:
    for row in rows.rows(named=True):
        yield {
            lf.CASE: row["case_no"],
            "联系日期": row["contact_date"],
            "时段": words["part_of_day"][row["part_of_day"]],
            "方式": words["way"][row["way_code"]],
            "联系结果": words["contact_result"][row["contact_result"]],
            "联系人": row["worker"],
        }


def _rounds(rows: pl.DataFrame, words: Words) -> Iterable[Row]:
    for row in rows.rows(named=True):
        yield {
            lf.KEY_NO: row["key_no"],
            lf.FOUND: row["visited_date"],
            "未走访原因": words["excuse"].get(row["excuse_code"] or ""),
            lf.WORKER: row["worker"],
        }


def _progress(rows: pl.DataFrame, book: Book, kinds: Kinds) -> Iterable[Row]:
    """Of the matters printed here: each is found by what its line shows."""
    shown = printed_matters(book)
    for row in rows.rows(named=True):
        line = shown.get(row["step_id"])
        if line:
            kind, printed = line
            yield {
                **printed,
                "新进展": kinds[kind].events[row["event_code"]].zh,
                "日期": row["event_date"],
                "下次日期": row["next_date"],
                lf.NOTE: row["note_zh"] or None,
                "填写人": row["worker"],
            }


def printed_matters(book: Book) -> dict[str, tuple[str, dict[str, str]]]:
    """step_id -> its kind, and the printed cells that tell its line on the station's sheet apart."""
    return printed_lines(book, lf.MATTERS, (lf.CASE, lf.STEP_KIND, lf.SUBJECT))


def printed_lines(book: Book, sheet: str, keys: tuple[str, ...]) -> dict[str, tuple[str, dict[str, str]]]:
    """step_id -> its kind, and the cells under `keys` of its line: hidden page and sheet have one order."""
    hidden, page = book.page(lf.HIDDEN_SHEET), book.page(sheet)
    if hidden is None or page is None or "step_id" not in hidden.text.row(0):
        return {}
    heads = hidden.text.row(0)
    ids, kinds = (
        [cell for cell in hidden.text.to_series(heads.index(name))[1:].to_list() if cell]
        for name in ("step_id", "step_kind")
    )
    rows = page.text.rows()
    top = next(at for at, cells in enumerate(rows) if set(keys) <= set(cells))
    places = {heading: rows[top].index(heading) for heading in keys}
    lines: list[dict[str, Any]] = [
        {heading: row[at] for heading, at in places.items() if row[at]} for row in rows[top + 1 :]
    ]
    return {step: (kind, line) for step, kind, line in zip(ids, kinds, lines, strict=False)}


def _begun(rows: pl.DataFrame, kinds: Kinds) -> Iterable[Row]:
    """Matters that a worker begins on a blank line."""
    for row in rows.rows(named=True):
        kind = row["kind_code"]
        yield {
            lf.CASE: row["case_no"],
            lf.STEP_KIND: kinds[kind].zh,
            "新进展": kinds[kind].events[row["event_code"]].zh,
            "日期": row["event_date"],
            lf.NOTE: row["note_zh"] or None,
            "填写人": row["worker"],
        }


def _found(rows: pl.DataFrame, book: Book, words: Words) -> Iterable[Row]:
    codes = read_hidden(book).codes
    for row in rows.rows(named=True):
        code = row["result_code"]
        yield {
            "姓名": row["name"],
            "身份证号": row["id_number"],
            "村（社区）": row["village_name"],
            "发现途径": words["found_by"][row["source_code"]],
            lf.CODE: f"{code} {codes[code]}",
            lf.FOUND: row["found_date"],
            lf.WORKER: row["worker"],
        }


def _services(rows: pl.DataFrame, words: Words) -> Iterable[Row]:
    by_day: dict[str, list[Row]] = defaultdict(list)
    for row in rows.rows(named=True):
        by_day[str(row["service_date"])].append(
            {
                "日期": row["service_date"],
                "服务项目": words["service"][row["service_code"]],
                "形式": words["service_form"][row["form_code"]],
                "服务人次": row["person_cnt"],
                "志愿者": row["volunteer_cnt"],
                "链接资源（元）": row["resource_yuan"] or None,
                "填写人": row["worker"],
            }
        )
    return [one for day in sorted(by_day) for one in by_day[day]]
