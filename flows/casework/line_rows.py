"""Lines of further sheets against the record: tries, key persons' visits, services. New, or said again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from exchange.answers.problems import Problem
from exchange.answers.side_reading import Answers
from flows.context.site import Site
from warehouse.casework.side_rows import alike, id_column, saying, with_ids
from warehouse.deliveries.outcomes import ReturnedFile
from warehouse.identity.vault import Vault
from warehouse.written import words

# What the vault keeps of a line of each table: the kind there, and the column that says whom it is about.
KINDS = {
    "mart.contact": (words.CONTACT, "case_no"),
    "mart.key_visit": (words.KEY_VISIT, "person_id"),
    "mart.activity": (words.SERVICE, "town_code"),
}


Written = tuple[str, str, str | None, str | None]  # kind, about, author, text


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """One sheet's lines, held against the record. rows: those to store; written: what the vault keeps of them
    (kind, about, author, text). taken_cnt counts lines that this file brought before, too.
    """

    table: str = ""
    rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    written: list[Written] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    taken_cnt: int = 0
    repeated_cnt: int = 0


def sort_lines(
    site: Site, vault: Vault, table: str, rows: list[dict[str, Any]], file: ReturnedFile
) -> Sorted:
    """Which of the lines are new: columns of the table, row_no, worker. Twins of one file are told apart."""
    if not rows:
        return Sorted(table=table)
    said = saying(table)
    lines = [{name: row.get(name) for name in (*said, "row_no", "worker")} for row in rows]
    # A column may be empty for hundreds of lines before the first that fills it.
    frame = pl.DataFrame(lines, infer_schema_length=None)
    named = with_ids(site.con, table, frame, file.sha256)
    seen, kind = _seen(site, vault, table, frame), KINDS[table][0]
    same_file = set(seen.filter(pl.col("feedback_sha256") == file.sha256)[id_column(table)])
    left = _said_by_others(seen, said, file.sha256)
    new, before, repeated = [], 0, 0
    for row in named.rows(named=True):
        key = (*(row[name] for name in said), row["worker"])
        if row[id_column(table)] in same_file:
            before += 1
            continue
        if left[key] > 0:
            left[key] -= 1
            repeated += 1
            continue
        new.append(row)
    kept = pl.DataFrame(new, schema=named.schema).with_columns(known_date=file.received)
    about: list[Written] = [(kind, about_line(table, row), row["worker"], None) for row in new]
    return Sorted(table=table, rows=kept, written=about, taken_cnt=len(new) + before, repeated_cnt=repeated)


def about_line(table: str, row: Mapping[str, Any]) -> str:
    """Under which name the vault keeps what was written about a line: its id, and whom it concerns."""
    return f"{row[id_column(table)]}|{row[KINDS[table][1]]}"


def _seen(site: Site, vault: Vault, table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows on record that say what some of these lines say, with who wrote them."""
    seen = alike(site.con, table, frame)
    about = [about_line(table, row) for row in seen.rows(named=True)]
    authors = words.authors(vault, KINDS[table][0], about)
    return seen.with_columns(worker=pl.Series([authors.get(name) for name in about], dtype=pl.String))


def _said_by_others(seen: pl.DataFrame, said: tuple[str, ...], sha256: str) -> Counter[tuple]:
    """How often each thing is on record from other files: as often as the file that says it most."""
    others = seen.filter(pl.col("feedback_sha256") != sha256)
    return Counter(others.select(*said, "worker").rows())


def contacts(answers: Answers, numbers: Mapping[str, str]) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The tries, each with the number of its case; those of an unknown number go back."""
    rows, problems = [], []
    for row in answers.rows:
        case_no = numbers.get(row["case_no"])
        if case_no is None:
            problems.append(unknown_case(row))
        else:
            rows.append({**row, "case_no": case_no})
    return rows, problems


def key_visits(
    answers: Answers, persons: Mapping[str, str], file_as_of: object
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Key persons' visits: done on a day, or not done for a reason; exactly one of the two."""
    rows, problems = [], []
    for row in answers.rows:
        person = persons.get(row["key_no"])
        if person is None:
            said = "重点编号不在这份名单里，本行未收，请对照原名单改回。"
            problems.append(refusal(row, "key_not_on_list", said))
        elif (row["visited_date"] is None) == (row["excuse_code"] is None):
            said = "“走访日期”和“未走访原因”要填一样，而且只填一样，本行未收。"
            problems.append(refusal(row, "visit_or_excuse", said))
        else:
            rows.append({**row, "person_id": person, "as_of": file_as_of})
    return rows, problems


def unknown_case(row: Mapping[str, Any]) -> Problem:
    """A case number that is no case of the station."""
    said = "个案编号不是本站的个案（可能写错了一位），本行未收，请对照名单改正后再交。"
    return refusal(row, "case_not_known", said)


def refusal(row: Mapping[str, Any], code: str, text: str) -> Problem:
    """A line that goes back, with its reason."""
    return Problem(code, f"{row['place']}：{text}", row["row_no"])


def remark(row: Mapping[str, Any], code: str, text: str) -> Problem:
    """A line that was taken, and what is still wanted of it."""
    return Problem(code, f"{row['place']}：{text}", row["row_no"], is_refusal=False)
