"""The identity review comes back: what was decided, and in plain Chinese what could not be taken in.

A wrong join flags the wrong family, so nothing is guessed: a verdict that is not one of the words agreed, two
verdicts for one case, or one that nobody signed is refused and named; all other lines are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from exchange.answers.feedback import refuse_wrong_list
from exchange.answers.given import Given, read_hidden
from exchange.answers.lines import Line, case_faults, missing_lines, read_lines
from exchange.answers.opening import open_list
from exchange.answers.problems import Fault, Problem, of_line, quoted
from exchange.answers.returned_list import ReturnedList
from exchange.answers.typed_cells import date_faults, plain_number, read_date, worker_faults
from exchange.digests import narrow
from exchange.form import IDENTITY
from exchange.words import words

SCHEMA = {
    "case_id": pl.String, "decision": pl.String, "reason": pl.String, "decided_by": pl.String,
    "decided_date": pl.Date, "row_no": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Decided(ReturnedList):
    """One review that came back.

    `rows`: case_id, decision (same|different|unsure), reason (as typed; may name people), decided_by,
    decided_date, row_no (row in the sheet, from 1).
    """


def read_review(path: Path, today: date) -> Decided:
    """Read a filled identity review. Columns may stand in another order; a line nobody filled is no answer.

    A verdict may be typed as 同一人, 是, 1, "1 同一人" and the like (templates/identity_review.yaml).
    Raises ZhaorenError as read_feedback.
    """
    book = open_list(path)
    given = read_hidden(book)
    refuse_wrong_list(book.file_name, given, today, (IDENTITY,))
    returned, verdicts = read_lines(book, given), _verdicts(given)
    found = [*missing_lines(returned, given, "按未核对处理"), *returned.problems]
    filled = [line for line in returned.lines if line.is_filled]
    taken: list[tuple] = []
    for line in filled:
        row, faults = _take(line, given, verdicts, today, is_1904=book.is_1904)
        found += of_line(line.where, line.row_no, faults)
        taken += [row] if row else []
    rows, doubled = _once(pl.DataFrame(taken, schema=SCHEMA | {"place": pl.String}, orient="row"))
    kept_twice = len(taken) - rows.height - sum(problem.line_cnt for problem in doubled)
    return Decided(
        rows=rows,
        found=found + doubled,
        as_of=given.as_of,
        version=given.version,
        sheets_read=returned.sheets_read,
        filled_cnt=len(filled) + returned.unread_cnt,
        repeated_cnt=kept_twice,
    )


def _verdicts(given: Given) -> dict[str, str]:
    """What may be typed -> decision, by the words of the codes that were handed out."""
    entries: list[dict[str, Any]] = list(words("identity_review")["codes"].values())
    entry_of = {entry["zh"]: entry for entry in entries}
    return {
        narrow(text): entry_of[zh]["decision"]
        for code, zh in given.codes.items()
        if zh in entry_of
        for text in (code, zh, f"{code}{zh}", *entry_of[zh]["also"])
    }


def _verdict(typed: str | None, verdicts: dict[str, str]) -> str | None:
    """The decision, or None: "1 不是同一人" is none, for who knows which of the two was meant."""
    return verdicts.get(plain_number(typed or "").rstrip("。.，,；;！!"))


def _take(
    line: Line, given: Given, verdicts: dict[str, str], today: date, *, is_1904: bool
) -> tuple[tuple | None, list[Fault]]:
    """The decision of one filled line, or None; and what is wrong with it."""
    cells = line.cells
    faults = case_faults(line, given) or list(line.faults)
    decision = _verdict(cells["code"], verdicts)
    decided = read_date(cells["found"], given.as_of, today, is_1904)
    if not line.faults:
        faults += _verdict_faults(cells["code"], decision, given)
        faults += date_faults(cells["found"], decided, given.as_of, today)
        faults += worker_faults(cells["worker"], "核对人")
    row = (
        *(cells["alert_id"], decision, cells["note"], cells["worker"], decided),
        *(line.row_no, line.place),
    )
    return (None if faults else row), faults


def _verdict_faults(typed: str | None, decision: str | None, given: Given) -> list[Fault]:
    if not typed:
        return [Fault("no_code", "填了内容，但没有选结论，本行未收。")]
    if decision is None:
        choices = "”“".join(given.codes.values())
        return [Fault("unknown_code", f"结论“{quoted(typed)}”看不懂，请选“{choices}”，本行未收。")]
    return []


def _once(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Each case once. The same verdict twice counts once; two verdicts for a case count for nothing."""
    count, verdicts = pl.len().over("case_id"), pl.col("decision").n_unique().over("case_id")
    cases = rows.with_columns(_cnt=count, _verdicts=verdicts)
    disagreeing = (
        cases.filter(pl.col("_verdicts") > 1)
        .group_by("case_id", maintain_order=True)
        .agg("place", "row_no")
        .select("place", "row_no")
    )
    problems = [
        Problem(
            "case_twice",
            f"{_places(places)}：是同一个个案编号，结论却不一样，都未收，请核对后只留一行。",
            line_cnt=len(numbers),
        )
        for places, numbers in disagreeing.rows()
    ]
    kept = cases.filter(pl.col("_verdicts") == 1).unique("case_id", keep="first", maintain_order=True)
    return kept.select(*SCHEMA), problems


def _places(places: list[str]) -> str:
    """第9行 and 第11行 as 第9、11行; rows of several sheets one by one."""
    bare = [place.removeprefix("第").removesuffix("行") for place in places]
    return f"第{'、'.join(bare)}行" if all(part.isdigit() for part in bare) else "、".join(places)
