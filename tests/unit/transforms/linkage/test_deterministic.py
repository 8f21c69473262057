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
    ("case", "row", "kind"),
    [
        ("one digit, name and the number's birth date", {"id_digits": TYPED}, "one_digit"),
        ("the name only sounds alike", {"id_digits": TYPED, "name": "李肆"}, "one_digit"),
        ("the row's own birth date confirms a slip in the number's",
         {"id_digits": NUMBER.replace("1949", "1948"), "birth_date": BORN}, "one_digit"),
        ("two neighbours swapped", {"id_digits": "11010519491213002X", "birth_date": BORN}, "transposed"),
        ("rounded by a sheet", {"id_digits": "110105194912310016"}, "rounded"),
        ("a card number holds it", {"local_no": NUMBER + "42"}, "card_number"),
        ("a reissued card, too", {"local_no": NUMBER + "42B1"}, "card_number"),
        ("the department's own number", {"local_no": "77", "local_column": "psn_no"}, "own_number"),
    ],
)  # fmt: skip
def test_what_leaves_no_room_is_found(case: str, row: dict[str, Any], kind: str) -> None:
    people = known({"id_number": "110105194912310021"}) if kind == "rounded" else known()
    found = deterministic_matches(lost(**row), people, own(("psn_no", "77", "K"), ("student_no", "77", "Z")))
    assert found.rows() == [("L", "K", kind)], case


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
    assert split_ambiguous(
        deterministic_matches(lost(id_digits="110105194912310026"), known({"id_number": NUMBER}, twin), own())
    )[0].is_empty()


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
