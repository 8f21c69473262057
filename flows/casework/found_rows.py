"""Families that somebody found (主动发现): each a case with a number of its own, known to the vault alone.

A known ID number gives the person and the household, and so perhaps a case that is there; an unknown one, or
none, still gets a case. A wrong number goes back. Copies of a list find the same family once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from data_contracts.cells.id_numbers import findings
from data_contracts.registry.tables import schema
from data_contracts.rules.messages import ERRORS
from exchange.answers.problems import Problem
from exchange.digests import narrow
from flows.casework.line_rows import Written, refusal
from flows.context.site import Site
from transforms.casework.opening import opened
from warehouse.casework.cases import last_number, numbers_of
from warehouse.casework.found import household_of, known_person
from warehouse.deliveries.outcomes import ReturnedFile
from warehouse.identity.vault import Vault
from warehouse.written import words

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the sheet brings. cases: new ones. visits: columns of mart.visit, beside the sheet's own."""

    cases: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(schema("mart.case"))))
    visits: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def found_families(site: Site, vault: Vault, rows: list[Row], town_code: str, file: ReturnedFile) -> Found:
    """Identify each family, and give those without a case a number."""
    right, problems = _with_right_numbers(rows, file)
    if not right:
        return Found(problems=problems)
    known = _found_before(vault)
    wanted = [{**row, **_whose(site, vault, row)} for row in right]
    number_of = _numbers(site, wanted, known)
    new = _new_cases(site, wanted, number_of, town_code, file)
    visits = [
        {**row, "case_no": number_of[_key(row)], "alert_id": None, "benefit_id": None, "note_zh": row["note"]}
        for row in wanted
    ]
    return Found(cases=new, visits=visits, problems=problems)


def identity(row: Row) -> Written:
    """What the vault keeps of a found family; row has its visit_id and case_no."""
    said = {name: row[name] for name in ("person", "id_number", "village", "note") if row[name] is not None}
    about = f"{row['visit_id']}|{row['case_no']}"
    return words.FOUND, about, row["worker"], json.dumps(said, ensure_ascii=False, sort_keys=True)


def _with_right_numbers(rows: list[Row], file: ReturnedFile) -> tuple[list[Row], list[Problem]]:
    numbers = pl.Series([row["id_number"] for row in rows], dtype=pl.String)
    told = findings(numbers, file.received)
    right, problems = [], []
    normal = told.get_column("id_number").to_list()
    for row, error, number in zip(rows, told.get_column("error").to_list(), normal, strict=True):
        if row["id_number"] is not None and error is not None:
            why = ERRORS.get(error, "号码不对")
            said = f"身份证号不对（{why}），本行未收；一时问不到号码的，请空着再交。"
            problems.append(refusal(row, "wrong_id", said))
        else:
            right.append({**row, "id_number": number})
    return right, problems


def _whose(site: Site, vault: Vault, row: Row) -> Row:
    person = known_person(vault, row["id_number"]) if row["id_number"] else None
    household = household_of(site.con, person) if person else None
    return {"case_id": household or person, "household_id": household}


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What tells one found family from another: the case they are known by, its number, or name and place."""
    if row.get("case_id"):
        return ("case", row["case_id"])
    if row.get("id_number"):
        return ("number", row["id_number"])
    return ("name", narrow(row.get("person")), narrow(row.get("village")))


def _found_before(vault: Vault) -> dict[tuple[str, ...], str]:
    """The families on record, by what tells them apart -> the number of their case; the first goes before."""
    told: dict[tuple[str, ...], str] = {}
    for about, text in words.written(vault, words.FOUND).select("about", "text").rows():
        case_no = about.partition("|")[2]
        told.setdefault(_key(json.loads(text or "{}")), case_no)
    return told


def _numbers(
    site: Site, wanted: list[Row], known: Mapping[tuple[str, ...], str]
) -> dict[tuple[str, ...], str]:
    """The numbers of those that have a case."""
    keyed = [{"case_id": row["case_id"], "queue": "need"} for row in wanted if row["case_id"]]
    frame = pl.DataFrame(keyed, schema={"case_id": pl.String, "queue": pl.String}).unique()
    there = {("case", case): number for case, number in _pairs(numbers_of(site.con, frame))}
    return {_key(row): known[_key(row)] for row in wanted if _key(row) in known} | there


def _pairs(frame: pl.DataFrame) -> list[tuple[str, str]]:
    return frame.select("case_id", "case_no").rows()


def _new_cases(
    site: Site, wanted: list[Row], number_of: dict[tuple[str, ...], str], town_code: str, file: ReturnedFile
) -> pl.DataFrame:
    """The cases to open; their numbers are put into number_of."""
    new: dict[tuple[str, ...], Row] = {}
    for row in wanted:
        if _key(row) not in number_of:
            new.setdefault(_key(row), row)
    columns = ("case_id", "household_id", "source_code")
    rows = [
        {**{name: row[name] for name in columns}, "queue": "need", "town_code": town_code}
        for row in new.values()
    ]
    asked = {
        name: dtype for name, dtype in schema("mart.case").items() if name not in ("case_no", "opened_date")
    }
    frame = pl.DataFrame(rows, schema=asked)
    # In the order asked for: those known by a household first, as `opened` gives numbers out.
    there = pl.DataFrame(schema={"case_id": pl.String, "queue": pl.String})
    cases = opened(frame, there, last_number(site.con), file.received)
    order = [*(k for k in new if k[0] == "case"), *(k for k in new if k[0] != "case")]
    number_of.update(zip(order, cases.get_column("case_no").to_list(), strict=True))
    return cases
