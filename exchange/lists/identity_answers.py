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

from exchange.lists.feedback import (
    FILL_INS,
    Given,
    case_faults,
    date_faults,
    missing_lines,
    open_list,
    read_hidden,
    read_lines,
)
from exchange.lists.typed_cells import narrow, plain_number, quoted, read_date
from exchange.words import words

SCHEMA = {
    "case_id": pl.String, "decision": pl.String, "reason": pl.String, "decided_by": pl.String,
    "decided_date": pl.Date, "row_no": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True)
class Decided:
    """One review that came back.

    `rows`: one per case taken in: case_id, decision (same|different|unsure), reason (as typed; may name
    people), decided_by, decided_date, row_no (row in the sheet, from 1). `problems`: sentences with row
    numbers.
    """

    rows: pl.DataFrame
    problems: list[str]
    as_of: date
    version: str


def read_review(path: Path, today: date) -> Decided:
    """Read a filled identity review. Columns may stand in another order; a line nobody filled is no answer.

    A verdict may be typed as 同一人, 是, 1, "1 同一人" and the like (templates/identity_review.yaml).
    Raises ZhaorenError if the file is not one of our lists or has lost its hidden page.
    """
    reader = open_list(path)
    given = read_hidden(reader, path)
    lines, verdicts = read_lines(reader, path), _verdicts(given)
    problems, taken = missing_lines(lines, given, "按未核对处理"), []
    for line in lines.rows(named=True):
        if any(line[name] for name in FILL_INS):
            row, faults = _take(line, given, verdicts, today)
            problems += [f"第{line['row_no']}行：{fault}" for fault in faults]
            taken += [row] if row else []
    rows, doubled = _once(pl.DataFrame(taken, schema=SCHEMA, orient="row"))
    return Decided(rows, problems + doubled, given.as_of, given.version)


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
    line: dict[str, Any], given: Given, verdicts: dict[str, str], today: date
) -> tuple[tuple | None, list[str]]:
    """The decision of one filled line, or None; and what is wrong with it."""
    faults = case_faults(line, given)
    decision = _verdict(line["code"], verdicts)
    decided = read_date(line["found"], given.as_of, today)
    if not line["code"]:
        faults.append("填了内容，但没有选结论，本行未收。")
    elif decision is None:
        faults.append(
            f"结论“{quoted(line['code'])}”看不懂，请选“{'”“'.join(given.codes.values())}”，本行未收。"
        )
    faults += date_faults(line["found"], decided, given.as_of, today)
    if not line["worker"]:
        faults.append("没有填核对人，本行未收。")
    row = (line["alert_id"], decision, line["note"], line["worker"], decided, line["row_no"])
    return (None if faults else row), faults


def _once(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Each case once. The same verdict twice counts once; two verdicts for a case count for nothing."""
    count, verdicts = pl.len().over("case_id"), pl.col("decision").n_unique().over("case_id")
    cases = rows.with_columns(_cnt=count, _verdicts=verdicts)
    disagreeing = cases.filter(pl.col("_verdicts") > 1).group_by("case_id", maintain_order=True).agg("row_no")
    problems = [
        f"第{'、'.join(map(str, places))}行：是同一个个案编号，结论却不一样，都未收，请核对后只留一行。"
        for places in disagreeing.get_column("row_no").to_list()
    ]
    kept = cases.filter(pl.col("_verdicts") == 1).unique("case_id", keep="first", maintain_order=True)
    return kept.select(*SCHEMA), problems
