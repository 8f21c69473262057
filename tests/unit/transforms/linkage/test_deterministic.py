"""Tier 2 and the hard conflicts, as cases that a data team can read."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from transforms.linkage.deterministic import deterministic_matches, split_ambiguous, without_conflicts

NUMBER = "11010519491231002X"
TYPED = "11010519491231003X"  # one digit off
BORN = date(1949, 12, 31)
LOST = {
    "person_id": pl.String, "extract": pl.String, "delivery_id": pl.String, "name": pl.String,
    "name_sound": pl.String, "sex_code": pl.String, "birth_date": pl.Date, "id_digits": pl.String,
    "local_no": pl.String, "local_column": pl.String, "event_date": pl.Date,
}  # fmt: skip
KNOWN = {
    "person_id": pl.String, "id_number": pl.String, "name": pl.String, "name_sound": pl.String,
    "sex_code": pl.String, "birth_date": pl.Date, "death_date": pl.Date,
}  # fmt: skip
OWN = {"local_column": pl.String, "local_no": pl.String, "person_id": pl.String}


def lost(**more: Any) -> pl.DataFrame:
    base = {"person_id": "L", "extract": "x", "delivery_id": "d", "name": "李四", "name_sound": "lisi"}
    return pl.DataFrame([{**dict.fromkeys(LOST), **base, **more}], schema=LOST)


def known(*people: dict[str, Any]) -> pl.DataFrame:
    base = {"person_id": "K", "id_number": NUMBER, "name": "李四", "name_sound": "lisi", "sex_code": "2",
            "birth_date": BORN}  # fmt: skip
    return pl.DataFrame([{**dict.fromkeys(KNOWN), **base, **p} for p in people or ({},)], schema=KNOWN)


def own(*lines: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(list(lines), schema=OWN, orient="row")


@pytest.mark.parametrize(
    ("case", "row", "kind", "is_certain"),
    [
        ("one digit, name and the row's own birth date", {"id_digits": TYPED, "birth_date": BORN},
         "one_digit", True),
        ("one digit, and no birth date but the number's", {"id_digits": TYPED}, "one_digit", False),
        ("the name only sounds alike", {"id_digits": TYPED, "name": "李肆", "birth_date": BORN},
         "one_digit", True),
        ("the row's own birth date confirms a slip in the number's",
         {"id_digits": NUMBER.replace("1949", "1948"), "birth_date": BORN}, "one_digit", True),
        ("two neighbours swapped", {"id_digits": "11010519491213002X", "birth_date": BORN},
         "transposed", True),
        ("rounded by a sheet", {"id_digits": "110105194912310016"}, "rounded", False),
        ("a card number holds it", {"local_no": NUMBER + "42"}, "card_number", True),
        ("a reissued card, too", {"local_no": NUMBER + "42B1"}, "card_number", True),
        ("the department's own number", {"local_no": "77", "local_column": "psn_no"}, "own_number", True),
    ],
)  # fmt: skip
def test_what_leaves_no_room_is_found_and_what_is_guessed_is_asked(
    case: str, row: dict[str, Any], kind: str, is_certain: bool
) -> None:
    """Issue 10, point 2: a repaired or rounded number is no evidence; without it the link must stand."""
    people = known({"id_number": "110105194912310021"}) if kind == "rounded" else known()
    found = deterministic_matches(lost(**row), people, own(("psn_no", "77", "K"), ("student_no", "77", "Z")))
    assert found.rows() == [("L", "K", kind, is_certain)], case
    linked, asked = split_ambiguous(found)
    assert (linked.height, asked.height) == ((1, 0) if is_certain else (0, 1)), case


@pytest.mark.parametrize(
    "spoilt",
    ["4.40002E+19", "4.40002E19", "4.4E+19", "4．40002E＋19", "44000200000000000000.0", "#REF!",
     "44\ufffd0002", "\\N"],
)  # fmt: skip
def test_a_spoilt_number_of_a_departments_own_links_nobody(spoilt: str) -> None:
    """Tried §1 case 14: psn_no 4.40002E+19 linked a namesake's mistyped settlement to another man."""
    row = lost(local_no=spoilt, local_column="psn_no", id_digits=TYPED)
    found = deterministic_matches(row, known(), own(("psn_no", spoilt, "K")))
    assert split_ambiguous(found)[0].is_empty()


def test_a_departments_number_that_several_bear_is_evidence_for_none_of_them() -> None:
    """A number that was rounded and written out again looks whole: it shows by whose it is."""
    row = lost(local_no="44000200000000000000", local_column="psn_no")
    other = {"person_id": "K2", "id_number": "110105194912310046", "name": "王五", "name_sound": "wangwu"}
    numbers = own(
        ("psn_no", "44000200000000000000", "K"),
        ("psn_no", "44000200000000000000", "K2"),
        ("psn_no", "44000200000000000000", "L"),
    )
    linked, asked = split_ambiguous(deterministic_matches(row, known({}, other), numbers))
    assert linked.is_empty() and asked["other_person_id"].to_list() == ["K"]
    # The row itself bears it, too: that alone takes nothing from a number.
    certain = split_ambiguous(deterministic_matches(row, known({}, other), numbers[[0, 2]]))[0]
    assert certain["other_person_id"].to_list() == ["K"]


def test_a_slip_does_not_choose_between_namesakes_born_on_one_day() -> None:
    """Two known 李四 of one birthday: only the repaired number would tell them apart."""
    twin = {"person_id": "K2", "id_number": "110105195003070046"}
    row = lost(id_digits=TYPED, birth_date=BORN)
    linked, asked = split_ambiguous(deterministic_matches(row, known({}, twin), own()))
    assert linked.is_empty() and asked["other_person_id"].to_list() == ["K"]


@pytest.mark.parametrize(
    ("case", "row"),
    [
        ("another name", {"id_digits": TYPED, "name": "王五", "name_sound": "wangwu"}),
        ("another birth date", {"id_digits": TYPED, "birth_date": date(1950, 1, 1)}),
        ("a slip in the birth date, none in the row to confirm it",
         {"id_digits": NUMBER.replace("1949", "1948")}),
        ("two digits off", {"id_digits": "11010519491231093X"}),
        ("a card of somebody of another name",
         {"local_no": NUMBER + "42", "name": "王五", "name_sound": "wangwu"}),
        ("the same own number of another department's", {"local_no": "77", "local_column": "aac001"}),
        ("no name", {"id_digits": TYPED, "name": None, "name_sound": None}),
    ],
)  # fmt: skip
def test_what_leaves_room_is_not(case: str, row: dict[str, Any]) -> None:
    assert deterministic_matches(lost(**row), known(), own(("psn_no", "77", "K"))).is_empty(), case


def test_two_answers_are_left_to_a_reviewer() -> None:
    twin = {"person_id": "K2", "id_number": "110105194912310046"}
    row = lost(id_digits="110105194912310026", birth_date=BORN)
    pairs = deterministic_matches(row, known({"id_number": NUMBER}, twin), own())
    assert pairs.height == 2 and split_ambiguous(pairs)[0].is_empty()


PAIR = pl.DataFrame({"person_id": ["L"], "other_person_id": ["K"], "kind": ["one_digit"]})
NOBODY = pl.DataFrame(schema={"delivery_id": pl.String, "person_id": pl.String})
TOGETHER = pl.DataFrame(schema={"person_id": pl.String, "other_person_id": pl.String})


@pytest.mark.parametrize(
    ("case", "row", "person", "is_allowed"),
    [
        ("nothing against it", {}, {}, True),
        ("another sex", {"sex_code": "1"}, {}, False),
        ("sex not told", {"sex_code": None}, {}, True),
        ("dead before the event", {"event_date": date(2025, 6, 2)}, {"death_date": date(2025, 6, 1)}, False),
        ("dead on the day", {"event_date": date(2025, 6, 1)}, {"death_date": date(2025, 6, 1)}, True),
        ("dead, and no event", {}, {"death_date": date(2025, 6, 1)}, True),
    ],
)
def test_hard_facts_forbid_a_pair(case: str, row: dict, person: dict, is_allowed: bool) -> None:
    left = without_conflicts(PAIR, lost(**row), known(person), NOBODY, TOGETHER)
    assert (left.height == 1) is is_allowed, case


def test_whoever_stands_in_the_same_roll_under_their_own_number_is_somebody_else() -> None:
    listed = pl.DataFrame({"delivery_id": ["d"], "person_id": ["K"]})
    assert without_conflicts(PAIR, lost(), known(), listed, TOGETHER).is_empty()
    elsewhere = pl.DataFrame({"delivery_id": ["e"], "person_id": ["K"]})
    assert without_conflicts(PAIR, lost(), known(), elsewhere, TOGETHER).equals(PAIR)


def test_who_was_told_apart_stays_apart_whichever_way_it_was_written() -> None:
    for apart in (("L", "K"), ("K", "L")):
        told = pl.DataFrame(
            [apart], schema={"person_id": pl.String, "other_person_id": pl.String}, orient="row"
        )
        assert without_conflicts(PAIR, lost(), known(), NOBODY, told).is_empty()
