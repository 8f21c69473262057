"""Household numbers that count from 1 again in each place: never one household in two cities."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.households.household_keys import household_keys, scoped_units

HERE, NEXT, FAR = "440103001101", "440103002101", "440204001101"
SCHEMA = {"household_no": pl.String, "village_code": pl.String, "is_head": pl.Boolean}


def rows(*members: tuple[str | None, str | None, bool]) -> pl.DataFrame:
    return pl.DataFrame(list(members), schema=SCHEMA, orient="row")


def keys(members: pl.DataFrame, scope: str = "place", part: str = "") -> list[tuple]:
    return household_keys(members, scope, part).rows()


def test_one_number_with_heads_in_two_cities_is_two_households() -> None:
    """Tried §1 case 31: parts 4401 and 4402 both number a family 0001, and one household lived in both."""
    sent = rows(("0001", HERE, True), ("0001", HERE, False), ("0001", FAR, True), ("0001", FAR, False))
    assert keys(sent) == [("0001", HERE[:9], "440103001/0001"), ("0001", FAR[:9], "440204001/0001")]


def test_the_key_is_the_same_whether_or_not_another_place_has_the_number() -> None:
    """Else the family that is left would take over the other's id."""
    assert keys(rows(("0001", FAR, True))) == [("0001", FAR[:9], "440204001/0001")]


@pytest.mark.parametrize(
    ("case", "members", "expected"),
    [
        ("a member's mistyped place splits no family",
         (("7", HERE, True), ("7", FAR, False)), {HERE: HERE, FAR: HERE}),
        ("a member elsewhere belongs to the nearer head",
         (("7", HERE, True), ("7", FAR, True), ("7", NEXT, False)), {HERE: HERE, FAR: FAR, NEXT: HERE}),
        ("without a head, where most of them are",
         (("7", FAR, False), ("7", HERE, False), ("7", FAR, False)), {HERE: FAR, FAR: FAR}),
    ],
)  # fmt: skip
def test_rows_of_one_number(
    case: str, members: tuple[tuple[str, str, bool], ...], expected: dict[str, str]
) -> None:
    found = {place: key for _, place, key in keys(rows(*members))}
    assert found == {place[:9]: f"{home[:9]}/7" for place, home in expected.items()}, case


def test_a_head_without_a_place_is_a_second_home_nowhere() -> None:
    found = keys(rows(("7", HERE, True), ("7", None, True), ("8", None, True), (None, HERE, True)))
    assert found == [("7", "", "440103001/7"), ("7", HERE[:9], "440103001/7"), ("8", "", "8")]


def test_a_part_named_after_a_place_is_one_whatever_the_rows_say() -> None:
    sent = rows(("1", HERE, True))
    assert [key for *_, key in keys(sent, part="4401")] == ["440103001/4401/1"]
    assert [key for *_, key in keys(sent, part="2")] == ["440103001/1"]  # a slice of a roll


def test_other_scopes() -> None:
    sent = rows(("1", HERE, True), ("1", FAR, True))
    assert {key for *_, key in keys(sent, "whole", "4401")} == {"1"}
    assert {key for *_, key in keys(sent, "part", "4401")} == {"4401/1"}
    assert {key for *_, key in keys(sent, "part")} == {"1"}


def listed(*members: tuple[str, str, str | None, bool, str]) -> pl.DataFrame:
    return pl.DataFrame(
        list(members), schema=["person_id", "unit_no", "village_code", "is_head", "part"], orient="row"
    )


def test_assistance_units_of_one_number_in_two_places_are_two_units() -> None:
    sent = listed(
        ("a", "0001", HERE, True, ""), ("b", "0001", HERE, False, ""),
        ("c", "0001", FAR, True, ""), ("d", "0002", FAR, True, ""), ("e", "0002", HERE, False, ""),
    )  # fmt: skip
    assert scoped_units(sent, "place")["unit_no"].to_list() == [
        "0001 440103001", "0001 440103001", "0001 440204001", "0002", "0002",
    ]  # fmt: skip
    assert scoped_units(sent, "whole")["unit_no"].to_list() == ["0001"] * 3 + ["0002"] * 2


def test_a_part_stands_for_the_place_that_a_roll_does_not_name() -> None:
    sent = listed(("a", "0001", None, True, "4401"), ("b", "0001", None, True, "4402"))
    assert scoped_units(sent, "place")["unit_no"].to_list() == ["0001 4401", "0001 4402"]
    assert scoped_units(sent, "part")["unit_no"].to_list() == ["0001 4401", "0001 4402"]
    same = listed(("a", "0001", HERE, True, "4401"), ("b", "0001", HERE, True, "4402"))
    assert scoped_units(same, "place")["unit_no"].n_unique() == 2
    slices = listed(("a", "0001", HERE, True, "1"), ("b", "0001", HERE, False, "2"))
    assert scoped_units(slices, "place")["unit_no"].to_list() == ["0001", "0001"]
    assert scoped_units(sent.with_columns(part=pl.lit("")), "part")["unit_no"].to_list() == ["0001", "0001"]
