"""Erasing a person takes what was done for them with it: visits, tries, matters, and the words about them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from tests.helpers.casework import put_visits
from tests.helpers.homes import KEY
from tests.helpers.warehouses import empty_warehouse, put_rows
from warehouse.database.connection import transaction
from warehouse.erasure.records import delete_from_vault, delete_from_warehouse
from warehouse.erasure.subject import subject_of
from warehouse.identity.vault import Vault
from warehouse.written import words

DAY = date(2025, 9, 5)


def test_what_was_done_for_one_who_lived_alone_goes(tmp_path: Path) -> None:
    con = empty_warehouse(tmp_path / "w.duckdb")
    member = "INSERT INTO core._household_member VALUES (?, ?, 'head', 'hukou', ?, NULL, ?, NULL)"
    for home, person, number in (("H1", "P1", "10000015"), ("H2", "P2", "10000023")):
        con.execute(member, [home, person, DAY, DAY])
        case = {"case_no": number, "case_id": home, "queue": "need", "household_id": home}
        put_rows(con, "mart.case", pl.DataFrame([case]))
        put_visits(con, {"case_no": number, "result_code": "20", "found_date": DAY, "known_date": DAY})
        put_rows(con, "mart.contact", pl.DataFrame([{"contact_id": f"T{home}", "case_no": number}]))
        put_rows(con, "mart.step", pl.DataFrame([{"step_id": f"S{home}", "step_no": 1, "case_no": number}]))
    with Vault(tmp_path / "vault.duckdb", KEY, make=True) as vault:
        with transaction(vault.con):
            for number in ("10000015", "10000023"):
                about = f"S|1|{number}"
                words.keep_one(vault, words.STEP, about, known=DAY, author="甲", text="独居")
        subject = subject_of(con, vault, "P1")
        delete_from_vault(vault, subject)
        delete_from_warehouse(con, subject)
        assert words.written(vault, words.STEP)["about"].to_list() == ["S|1|10000023"]
    for table in ("case", "visit", "contact", "step"):
        assert con.execute(f"SELECT case_no FROM mart.{table}").fetchall() == [("10000023",)], table
    con.close()
