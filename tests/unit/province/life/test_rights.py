"""Who is entitled, who is paid: the roll and the cards against the truth."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.helpers.provinces import checked, entitled, truth


def test_truth_and_roll_agree_on_who_receives_dibao(clean: Path) -> None:
    roll = checked(clean, "civil_affairs.benefit_roll", "2025-09-05").good
    on = roll.filter((pl.col("category_code") == "dibao") & pl.col("stop_date").is_null())
    gets = entitled(clean, "dibao", date(2025, 8, 1)).filter("is_receiving")
    assert gets.height > 500
    assert gets.join(on, on="id_number", how="anti").height == 0


def test_dibao_units_are_paid_the_gap_to_their_standard(clean: Path) -> None:
    roll = checked(clean, "civil_affairs.benefit_roll", "2025-09-05").good
    on = roll.filter((pl.col("category_code") == "dibao") & pl.col("stop_date").is_null())
    homes = truth(clean, "households").select("household_no", "standard_yuan_month")
    people = truth(clean, "persons").select("id_number", "household_no").join(homes, on="household_no")
    units = on.join(people, on="id_number").with_columns(
        pl.col("income_yuan_month").cast(pl.Float64), pl.col("unit_pay_yuan_month").cast(pl.Float64)
    )
    gap = ((pl.col("standard_yuan_month") - pl.col("income_yuan_month")) * pl.col("member_cnt")).ceil()
    assert units.filter((gap - pl.col("unit_pay_yuan_month")).abs() > 0.5).height == 0
    assert units.filter(pl.col("income_yuan_month") >= pl.col("standard_yuan_month")).height == 0


@pytest.mark.parametrize(
    ("benefit", "column"),
    [
        ("living_subsidy_disabled", "living_subsidy_yuan_month"),
        ("nursing_subsidy_disabled", "nursing_subsidy_yuan_month"),
    ],
)
def test_subsidies_on_cards_are_paid_only_to_the_entitled(clean: Path, benefit: str, column: str) -> None:
    cards = checked(clean, "disabled_federation.disability_card", "2025-09-05").good
    paid = cards.filter(pl.col(column) > 0)
    right = entitled(clean, benefit, date(2025, 8, 1))
    alive = truth(clean, "persons").filter(pl.col("death_date").is_null())
    living = paid.join(alive, on="id_number", how="semi")
    wrong = living.join(right, on="id_number", how="anti").height
    assert wrong / living.height < 0.05  # the month's changes reach payment a month later
    assert right.filter(~pl.col("is_receiving")).height > 0  # and some who should are not paid
    amounts = {"living_subsidy_yuan_month": 209.0, "nursing_subsidy_yuan_month": 280.0}
    assert set(paid[column].cast(pl.Float64)) == {amounts[column]}


def test_everyone_of_eighty_is_entitled_to_the_allowance(clean: Path) -> None:
    people = truth(clean, "persons")
    old = people.filter((pl.col("birth_date") <= date(1945, 8, 31)) & pl.col("death_date").is_null())
    right = entitled(clean, "elder_allowance", date(2025, 8, 1))
    assert (
        right.join(people.filter(pl.col("birth_date") > date(1945, 8, 31)), on="id_number", how="semi").height
        == 0
    )
    assert (
        old.join(right, on="id_number", how="anti").height <= old.height * 0.02
    )  # but for those who moved away
