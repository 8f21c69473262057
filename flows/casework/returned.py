"""The further sheets of a workbook that came back: sorted, and what follows from its visits begun."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from exchange.answers import side_sheets as declared
from exchange.answers.given import Hidden, read_hidden_columns
from exchange.answers.opening import Book
from exchange.answers.problems import Problem
from exchange.answers.side_cells import Reading
from exchange.answers.side_reading import Answers, read_sheet
from exchange.answers.side_sheets import Declared
from flows.casework.after_visit import agree, begun_by_visits
from flows.casework.found_rows import Found, found_families, identity
from flows.casework.line_rows import Sorted, contacts, key_visits, sort_lines
from flows.casework.matter_rows import Matters, Names, report_matters
from flows.context.catalogue_frames import benefit_names
from flows.context.site import Site
from policies.casework.steps import load_steps
from warehouse.casework.cases import add_cases
from warehouse.casework.matters import add_steps, case_numbers, key_persons
from warehouse.casework.side_rows import add_rows
from warehouse.casework.visits import add_visits, visit_ids, visits_there
from warehouse.deliveries.outcomes import ReturnedFile
from warehouse.identity.vault import Vault
from warehouse.written import words


@dataclass(frozen=True)
class Workbook:
    """One workbook as it came back: what its hidden page says, and the words of its drop-downs."""

    book: Book
    hidden: Hidden
    as_of: date
    place_code: str
    received: date

    def read(self, sheet: Declared) -> Answers:
        """What one kind of sheet says."""
        reading = Reading(
            sheet.earliest(self.as_of), self.as_of, self.received, self.book.is_1904, self.hidden.choices()
        )
        return read_sheet(self.book, self.hidden, sheet, reading)

    def alert(self, printed: str) -> str:
        """The alert of a line, by the number that is printed on it."""
        columns = self.hidden.columns
        pairs = zip(columns.get("case_no", []), columns.get("alert_id", []), strict=False)
        return next((alert for number, alert in pairs if number == printed and alert), printed)


@dataclass(frozen=True)
class Sides:
    """What the further sheets bring: rows by table, what the vault keeps, what goes back, how many lines."""

    parts: list[Sorted] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    filled_cnt: int = 0
    sheets_read: int = 0
    found: Found = field(default_factory=Found)

    @property
    def taken_cnt(self) -> int:
        return sum(part.taken_cnt for part in self.parts)

    @property
    def repeated_cnt(self) -> int:
        return sum(part.repeated_cnt for part in self.parts)

    def keep_words(self, vault: Vault, known: date) -> None:
        """Keep who wrote what of the lines; the caller holds the transaction."""
        lines = [line for part in self.parts for line in part.written]
        for kind in sorted({kind for kind, *_ in lines}):
            mine = [(about, author, text) for k, about, author, text in lines if k == kind]
            schema = {"about": pl.String, "author": pl.String, "text": pl.String}
            words.keep_written(vault, kind, pl.DataFrame(mine, schema=schema, orient="row"), known)

    def store(self, site: Site) -> None:
        """Add the rows; the caller holds the transaction."""
        add_cases(site.con, self.found.cases)
        for part in self.parts:
            if part.table == "mart.visit" and part.rows.height:
                add_visits(site.con, part.rows)
            elif part.table == "mart.step" and part.rows.height:
                add_steps(site.con, part.rows)
            elif part.rows.height:
                add_rows(site.con, part.table, part.rows)


def workbook(book: Book, as_of: date, place_code: str, received: date) -> Workbook:
    """A workbook that came back, with its hidden page."""
    return Workbook(book, read_hidden_columns(book), as_of, place_code, received)


def take_sides(
    site: Site, vault: Vault, work: Workbook, visits: Iterable[Mapping[str, Any]], file: ReturnedFile
) -> Sides:
    """Sort every further sheet's lines, and begin what the visits lead to.

    visits: the lines of 走访名单 that were taken, as exchange.answers.feedback reads them.
    """
    answers = {sheet.name: work.read(sheet) for sheet in declared.STATION_SHEETS}
    agreed = work.read(declared.AGREED)
    numbers = case_numbers(site.con, work.place_code)
    tries, unknown = contacts(answers["联系记录"], numbers)
    plan = key_persons(site.con, work.as_of, work.place_code)
    persons, not_listed = key_visits(answers["重点人员"], plan, work.as_of)
    services = [{**row, "town_code": work.place_code} for row in answers["服务记录"].rows]
    found = found_families(site, vault, answers["主动发现"].rows, work.place_code, file)
    met, first_seen = _met(site, found, file)
    told = _Told(_numbered(site, visits, numbers, file), met, agreed.rows, answers["后续办理"].rows)
    matters, wrong = _matters(site, work, told, numbers, file)
    parts = [
        sort_lines(site, vault, "mart.contact", tries, file),
        sort_lines(site, vault, "mart.key_visit", persons, file),
        sort_lines(site, vault, "mart.activity", services, file),
        first_seen,
        matters,
    ]
    said = [problem for one in (*answers.values(), agreed) for problem in one.found]
    return Sides(
        parts,
        [*said, *unknown, *not_listed, *found.problems, *wrong],
        filled_cnt=sum(one.filled_cnt for one in answers.values()),
        sheets_read=sum(one.sheets_read for one in answers.values()),
        found=found,
    )


@dataclass(frozen=True)
class _Told:
    """What may begin a matter or carry it on: visits of the list and of families found, what people say."""

    visits: list[dict[str, Any]]
    met: list[dict[str, Any]]
    agreed: list[dict[str, Any]]
    reported: list[dict[str, Any]]


def _numbered(
    site: Site, visits: Iterable[Mapping[str, Any]], numbers: Mapping[str, str], file: ReturnedFile
) -> list[dict[str, Any]]:
    """The visits with the numbers of their cases, and the ids that they get."""
    rows = [{"case_no": numbers.get(row["alert_id"]), **row} for row in visits]
    if not rows:
        return []
    ids = visit_ids(site.con, pl.DataFrame(rows, infer_schema_length=None), file.sha256)
    return [{**row, "visit_id": visit_id} for row, visit_id in zip(rows, ids, strict=True)]


def _met(site: Site, found: Found, file: ReturnedFile) -> tuple[list[dict[str, Any]], Sorted]:
    """The visits to families that were found: all of them, and those to store."""
    met = _numbered(site, found.visits, {}, file)
    known = visits_there(site.con, [row["visit_id"] for row in met])
    new = [row for row in met if row["visit_id"] not in known]
    columns = ("case_no", "alert_id", "result_code", "found_date", "benefit_id", "row_no")
    told = [{**{name: row[name] for name in columns}, "found_by": row["source_code"]} for row in new]
    frame = pl.DataFrame(told, infer_schema_length=None)
    rows = frame.with_columns(known_date=file.received, feedback_sha256=pl.lit(file.sha256)) if new else frame
    return met, Sorted(
        table="mart.visit", rows=rows, written=[identity(row) for row in new], taken_cnt=len(met)
    )


def _matters(
    site: Site, work: Workbook, told: _Told, numbers: Mapping[str, str], file: ReturnedFile
) -> tuple[Sorted, list[Problem]]:
    """What visits begin, then what 后续办理 reports."""
    agreed = [{**row, "alert_id": work.alert(row["case_no"])} for row in told.agreed]
    printed = [row["printed"].get("step_case_no") or numbers.get(row["case_no"]) for row in told.reported]
    cases = [one for one in (*printed, *(row["case_no"] for row in (*told.visits, *told.met))) if one]
    matters = Matters(site, load_steps(work.as_of), cases, file)
    names = Names(_benefits(site, work.hidden), fact_names(site))
    problems = begun_by_visits(matters, told.visits, agreed, names.facts)
    problems += begun_by_visits(matters, told.met, [], names.facts)
    problems += [said for row in told.met for said in agree(matters, row, row)]
    problems += report_matters(matters, told.reported, numbers, names)
    return matters.sorted([]), problems


def _benefits(site: Site, hidden: Hidden) -> dict[str, str]:
    """Chinese -> benefit_id: as the list offered them, and as they are called today."""
    today = {zh: code for code, zh in benefit_names(site.catalogue).rows()}
    return today | {zh: code for code, zh in hidden.choices()["benefit"].items()}


def fact_names(site: Site) -> dict[str, str]:
    """Chinese -> department.extract.column, or department.extract, of what departments deliver."""
    columns = {
        f"{contract.title_zh}的“{column.zh}”": f"{contract.department}.{contract.extract}.{column.name}"
        for contract in site.contracts.values()
        for column in contract.columns
    }
    return columns | {c.title_zh: f"{c.department}.{c.extract}" for c in site.contracts.values()}
