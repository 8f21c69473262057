"""What was known on a date: each question answered once, never delivered apart from delivered and empty."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date, timedelta

import polars as pl
import pytest

from tests.helpers.core import (
    ADULT,
    AS_OF,
    FEB,
    JAN,
    MAR,
    as_known,
    contract,
    core_of,
    core_rows,
    population,
    resident,
)
from transforms.core_as_of import CoreAsOf, newest_per_key
from transforms.golden_record.reports import known_persons

TWO_ROLLS = core_of(
    population=[population(resident("a", ADULT)), population(resident("b", ADULT), known=FEB)]
)


def test_the_keys_are_those_of_the_contracts() -> None:
    core = as_known({})
    assert (core.register, len(core.keys)) == ("population", 18)
    for extract, key in core.keys.items():
        props = [p for p in contract(extract)["schema"][0]["properties"] if p.get("primaryKey")]
        props.sort(key=lambda p: p["primaryKeyPosition"])
        assert tuple(p["name"].replace("id_number", "person_id") for p in props) == key, extract


def test_a_question_is_answered_once() -> None:
    core = as_known(TWO_ROLLS)
    assert core.latest("population") is core.latest("population")
    assert core.last_rows("population") is core.last_rows("population")
    assert core.latest("population") is not core.latest("population", back=1)
    assert core.latest("custody") is None and core.latest("custody") is None


def test_another_date_is_another_value() -> None:
    core = as_known(TWO_ROLLS)
    with pytest.raises(FrozenInstanceError):
        core.as_of = JAN  # type: ignore[misc]
    earlier = as_known(TWO_ROLLS, FEB - timedelta(days=1))
    now, before = core.latest("population"), earlier.latest("population")
    assert now is not None and now["person_id"].to_list() == ["b"]
    assert before is not None and before["person_id"].to_list() == ["a"]


def test_the_newest_roll_the_one_before_and_each_keys_newest_row() -> None:
    core = as_known(TWO_ROLLS)
    before = core.latest("population", back=1)
    assert before is not None and before["person_id"].to_list() == ["a"]
    assert core.latest("population", back=2) is None
    last = core.last_rows("population")
    assert last is not None and sorted(last["person_id"]) == ["a", "b"]
    lost = core.doubtful("population")
    assert lost is not None and lost["person_id"].to_list() == ["a"]


@pytest.mark.parametrize(
    ("person", "known", "rows"),
    [("a", JAN, 1), (None, JAN, 0), ("a", MAR + timedelta(days=30), None)],
    ids=["linked", "delivered, nobody linked", "not yet delivered"],
)
def test_what_could_not_be_linked_was_still_delivered(
    person: str | None, known: date, rows: int | None
) -> None:
    core = as_known(core_of(custody=core_rows("custody", known, [{"person_id": person}])), AS_OF)
    for found in (core.cut("custody"), core.latest("custody"), core.last_rows("custody")):
        assert (None if found is None else found.height) == rows


def test_without_a_register_nothing_was_delivered_by_it() -> None:
    core = CoreAsOf.of_contracts(TWO_ROLLS, AS_OF, [])
    assert core.latest(core.register) is None and core.newest_month(core.register) is None


def test_a_person_named_by_an_installations_own_extract_is_known() -> None:
    own = core_rows("custody", JAN, [{"person_id": "only the meter knows them"}])
    core = CoreAsOf({"meter": own}, AS_OF, {"meter": ("person_id",)}, register="population")
    assert known_persons(core)["person_id"].to_list() == ["only the meter knows them"]
    assert known_persons(CoreAsOf({"meter": own}, AS_OF, {}, "")).is_empty()


def test_older_months_are_read_with_the_newest() -> None:
    frames = core_of(benefit_roll=core_rows("benefit_roll", FEB, [{"person_id": "a", "stop_date": FEB}]))
    frames["benefit_roll.before"] = pl.DataFrame(
        {"person_id": ["a"], "stop_date": [JAN], "known_date": [JAN]}
    )
    found = as_known(frames).ever_reported("benefit_roll", ("stop_date",))
    assert found is not None and found["stop_date"].to_list() == [JAN, FEB]
    then = as_known(frames, JAN).ever_reported("benefit_roll", ("stop_date",))
    assert then is None  # the newest roll had not come: nothing is read from the older ones alone


def test_record_numbers_of_two_parts_are_two_records() -> None:
    """Tried §1 case 31's neighbour: each city numbers its records from 1."""
    frame = core_rows(
        "temporary_relief", date(2025, 9, 5),
        [{"relief_no": "0001", "person_id": "a"}, {"relief_no": "0001", "person_id": "b"},
         {"relief_no": "0001", "person_id": "c"}, {"relief_no": "0002", "person_id": "d"}],
    )  # fmt: skip
    assert newest_per_key(frame, ["relief_no"])["person_id"].to_list() == ["c", "d"]
    parts = frame.with_columns(part=pl.Series(["4401", "4402", "4402", "4402"]))
    assert newest_per_key(parts, ["relief_no"])["person_id"].to_list() == ["a", "c", "d"]
    # Of a person a record has one number, whichever part or whole file says it.
    again = frame.with_columns(part=pl.Series(["4401", "4402", "", "4402"]), person_id=pl.lit("a"))
    assert newest_per_key(again, ["relief_no"])["row_no"].to_list() == [4, 5]
    assert newest_per_key(parts, ["person_id", "relief_no"]).height == 4
