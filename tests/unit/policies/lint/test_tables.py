"""Tables and definitions that cannot be right are refused with their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.loading import lint
from tests.helpers.small_law import small_law

ROWS = """          keys:
            - {fact: tier_code, by: value}
          rows:
            - {tier_code: poor, value: 200}
            - {tier_code: near, value: 100}
          otherwise: 0"""
AGE = "keys: [{fact: income_yuan_month, by: range}]"


def told(folder: Path) -> str:
    return "\n".join(str(problem) for problem in lint(folder))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("keys: [{fact: tier_cod, by: value}]\n          rows: [{tier_cod: poor, value: 1}]\n"
         "          otherwise: 0",
         "no fact 'tier_cod' to key a table by"),
        ("keys: [{fact: tier_code, by: range}]\n          rows: [{tier_code: {from: 1}, value: 1}]",
         "'tier_code' is text: a range is of numbers or days"),
        ("keys: [{fact: income_yuan_month, by: value}]\n          rows: [{income_yuan_month: 5, value: 1}]",
         "two of them are hardly ever equal"),
        ("keys: [{fact: tier_code, by: value}]\n          rows: [{tier_code: 1, value: 1}]\n"
         "          otherwise: 0",
         "1 can never be tier_code, which is text"),
        ("keys: [{fact: town_code, by: place}]\n          rows: [{town_code: \"44010\", value: 1}]\n"
         "          otherwise: 0",
         "44010 is no division code"),
        (f"{AGE}\n          rows:\n            - {{income_yuan_month: {{below: 100}}, value: 1}}\n"
         "            - {income_yuan_month: {from: 100, to: 200}, value: 2}\n"
         "            - {income_yuan_month: {from: 200}, value: 3}",
         "row 3 holds for cases of row 2 as well"),
        (f"{AGE}\n          rows:\n            - {{income_yuan_month: {{below: 100}}, value: 1}}\n"
         "            - {income_yuan_month: {above: 100}, value: 3}",
         "no row holds for income_yuan_month between 100 and 100"),
        (f"{AGE}\n          rows: [{{income_yuan_month: {{from: 0, below: 100}}, value: 1}}]",
         "no row holds for income_yuan_month from 100 on"),
        (f"{AGE}\n          rows: [{{income_yuan_month: {{from: 50}}, value: 1}}]",
         "no row holds for income_yuan_month below 50"),
        ("keys: [{by: season}]\n          rows: [{season: {from: 11-01, to: 02-28}, value: 1}]",
         "no row holds for season on 02-29"),
        ("keys: [{by: season}]\n          rows:\n            - {season: {from: 11-01, to: 03-31}, value: 1}\n"
         "            - {season: {from: 03-31, to: 10-31}, value: 2}",
         "row 2 holds for cases of row 1 as well"),
        ("keys: [{fact: tier_code, by: value}]\n          rows: [{tier_code: poor, value: 1}]",
         "no row holds for tier_code of other values"),
    ],
    ids=range(12),
)  # fmt: skip
def test_a_table_that_cannot_be_right(table: str, says: str, tmp_path: Path) -> None:
    folder = small_law(tmp_path, sums=(ROWS, f"          {table}"))
    found = told(folder)
    assert says in found
    assert "parameters/sums.yaml:" in found


@pytest.mark.parametrize(
    "table",
    [
        f"{AGE}\n          rows:\n            - {{income_yuan_month: {{below: 100}}, value: 1}}\n"
        "            - {income_yuan_month: {from: 100}, value: 2}",
        "keys: [{by: season}]\n          rows:\n            - {season: {from: 11-01, to: 03-31}, value: 1}\n"
        "            - {season: {from: 04-01, to: 10-31}, value: 2}",
        "keys: [{fact: town_code, by: place}]\n          rows: [{town_code: \"44\", value: 1},"
        " {town_code: \"4401\", value: 2}]\n          otherwise: 0",
    ],
    ids=range(3),
)  # fmt: skip
def test_a_table_that_is_whole(table: str, tmp_path: Path) -> None:
    assert told(small_law(tmp_path, sums=(ROWS, f"          {table}"))) == ""


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("COUNT_MEMBERS(age_years < $aid.adult_age) / 2", "may give a fraction, and child_cnt is integer"),
        (
            "ANY_MEMBER(age_years < $aid.adult_age)",
            "the formula gives true or false, and child_cnt is integer",
        ),
        ("COUNT_MEMBERS(age_years < 18)", "the number 18 belongs in a parameter"),
        ("COUNT_MEMBERS(age_year < $aid.adult_age)", "did you mean age_years?"),
        ("child_cnt + 1", "leads back to itself: household.child_cnt → household.child_cnt"),
    ],
)
def test_a_definition_that_cannot_be_right(formula: str, says: str, tmp_path: Path) -> None:
    folder = small_law(tmp_path, family=("COUNT_MEMBERS(age_years < $aid.adult_age)", f'"{formula}"'))
    assert says in told(folder)


def test_what_says_that_an_empty_cell_means_never_is_a_fact(tmp_path: Path) -> None:
    folder = small_law(tmp_path, facts=("known_by: is_disabled", "known_by: is_disable"))
    assert "is never where 'is_disable' is known, which is no other person fact" in told(folder)
