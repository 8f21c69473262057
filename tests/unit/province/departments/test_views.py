"""What departments send: nothing before it happened, some of it late, each with gaps of its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from data_contracts.contract.code_tables import load_codes
from data_contracts.lint.contracts import lint_contract
from data_contracts.loading.contracts import load_contracts
from data_contracts.row_checks.rows import check_rows
from exchange.deliveries.reading import read_delivery
from tests.helpers.numbers import number
from tests.helpers.provinces import checked, truth
from zhaoren.rooms import room

LAST = "2025-12-05"


def test_no_event_is_delivered_before_it_happened_and_some_come_a_month_late(province: Path) -> None:
    lates = 0
    for contract_id in ("medical_insurance.settlement", "health.major_illness", "emergency.disaster"):
        contract = load_contracts()[contract_id]
        for folder in sorted((province / "inbox").iterdir()):
            if not list((folder / contract.department).glob(f"{contract.extract}.*")):
                continue
            days = checked(province, contract_id, folder.name).good[str(contract.event_date)]
            known = date.fromisoformat(folder.name)
            assert (days < known).all()
            if folder.name != "2025-09-05":
                month = f"{known.replace(day=1).replace(month=(known.month - 2) % 12 + 1):%m}"
                before = (days < date(known.year, known.month, 1)).sum()
                lates += int(number(before)) - int(number((days.dt.strftime("%Y-%m") == month).sum()))
    assert lates > 0


def test_the_dead_are_cancelled_at_different_times_by_police_and_crematorium(province: Path) -> None:
    last = checked(province, "public_security.population", "2026-02-05").good
    dead = last.filter(pl.col("registration_status_code") == "dead")
    joined = dead.join(truth(province, "persons"), on="id_number", suffix="_true")
    lag = (joined["cancel_date"] - joined["death_date"]).dt.total_days()
    assert (lag >= 0).all() and (lag > 60).any()
    missing = (
        truth(province, "persons")
        .filter(pl.col("death_date") < date(2026, 1, 1))
        .join(dead, on="id_number", how="anti")
    )
    assert missing.height > 0  # some deaths the police do not know of yet


def test_each_department_has_its_own_gaps(dirty: Path) -> None:
    def blank(contract_id: str, column: str) -> float:
        told = checked(dirty, contract_id, "2025-09-05").good[column]
        return told.null_count() / len(told)

    assert blank("disabled_federation.disability_card", "birth_date") == 0
    assert 0.1 < blank("housing.housing_security", "birth_date") < 0.35
    assert blank("rural_affairs.poverty_watch", "village_code") < 0.06 < 0.15
    assert 0.15 < blank("education.student_aid", "village_code") < 0.35


def test_the_insurers_number_is_the_same_on_bills_and_on_the_roll(dirty: Path) -> None:
    roll = checked(dirty, "medical_insurance.enrolment", LAST).good.select("id_number", roll_no="psn_no")
    bills = (
        checked(dirty, "medical_insurance.settlement", LAST)
        .good.drop_nulls("psn_no")
        .join(roll, on="id_number")
    )
    assert (
        number((bills["psn_no"] == bills["roll_no"]).mean()) > 0.98
    )  # but for bills under a parent's number


def test_schools_know_a_parents_number(dirty: Path, people: pl.DataFrame) -> None:
    pupils = checked(dirty, "education.student_aid", "2025-10-05").good
    known = pupils.drop_nulls("guardian_id_number")
    homes = people.select("id_number", "household_no")
    pairs = known.join(homes, on="id_number").join(
        homes, left_on="guardian_id_number", right_on="id_number", suffix="_guardian"
    )
    assert pairs.height > 100
    assert (pairs["household_no"] == pairs["household_no_guardian"]).all()


def test_files_without_the_new_columns_are_still_read(tmp_path: Path, dirty: Path) -> None:
    """A department that has not changed its form yet."""
    path = dirty / "inbox/2025-09-05/disabled_federation/disability_card.csv"
    promised = load_contracts()["disabled_federation.disability_card"]
    new = ["sex_code", "birth_date", "village_code"]
    former = pl.read_csv(path, infer_schema=False).drop(promised.column(name).header for name in new)
    former.write_csv(tmp_path / path.name)
    rows, before = (
        check_rows(read_delivery(p, promised).frame, promised, load_codes())
        for p in (tmp_path / path.name, path)
    )
    assert rows.good.height == before.good.height > 500
    assert rows.good.select(new).null_count().row(0) == (rows.good.height,) * 3


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("localPersonNo, value: ghost", "localPersonNo ghost is no column"),
        ("identifies, value: some", "identifies is some, not everybody"),
    ],
)
def test_what_contracts_say_of_persons_is_checked(tmp_path: Path, wrong: str, message: str) -> None:
    text = (room("data_contracts") / "extracts/medical_insurance/enrolment.yaml").read_text("utf-8")
    path = tmp_path / "medical_insurance" / "enrolment.yaml"
    path.parent.mkdir()
    path.write_text(text.replace("localPersonNo, value: psn_no", wrong))
    assert [problem.what for problem in lint_contract(path)] == [message]
