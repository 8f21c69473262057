"""Ids that turned out to be one person, and frames read that way."""

from __future__ import annotations

import polars as pl
from polars.testing import assert_frame_equal

from transforms.linkage.person_ids import masters, with_master_ids


def links(*pairs: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(list(pairs), schema={"person_id": str, "other_person_id": str}, orient="row")


def aliases(*lines: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(list(lines), schema={"person_id": str, "extract": str, "same_as": str}, orient="row")


def told(frame: pl.DataFrame) -> dict[str, str]:
    return dict(frame.rows())


def test_the_person_with_a_number_is_the_master() -> None:
    assert told(masters(links(("P1", "P9")), pl.Series(["P9"]))) == {"P1": "P9"}


def test_of_several_the_earliest_is_the_master() -> None:
    assert told(masters(links(("P5", "P3"), ("P3", "P8")), pl.Series(["P8", "P5"]))) == {
        "P3": "P5",
        "P8": "P5",
    }
    assert told(masters(links(("P5", "P3")), pl.Series([], dtype=pl.String))) == {"P5": "P3"}


def test_a_chain_leads_to_one_master() -> None:
    chain = links(*((f"P{i}", f"P{i + 1}") for i in range(2, 9)))
    assert told(masters(chain, pl.Series(["P9"]))) == {f"P{i}": "P9" for i in range(2, 9)}


def test_nobody_linked_nobody_renamed() -> None:
    assert masters(links(), pl.Series([], dtype=pl.String)).is_empty()
    core = {"population": pl.DataFrame({"person_id": ["P1"]})}
    assert with_master_ids(core, aliases()) == core


def test_every_person_column_is_renamed_and_nothing_else() -> None:
    frame = pl.DataFrame(
        {
            "person_id": ["P1", "P2", None],
            "father_person_id": [None, "P1", "P3"],
            "household_id": ["P1", "P1", "P1"],
        }
    )
    found = with_master_ids({"population": frame}, aliases(("P1", "", "P7")))["population"]
    assert_frame_equal(
        found,
        pl.DataFrame(
            {
                "person_id": ["P7", "P2", None],
                "father_person_id": [None, "P7", "P3"],
                "household_id": ["P1", "P1", "P1"],
            }
        ),
    )


def test_what_one_department_says_of_somebody_else_goes_to_them() -> None:
    """One number, two people: what the insurer says under P1 is P5's, who is P6."""
    core = {name: pl.DataFrame({"person_id": ["P1", "P2"]}) for name in ("enrolment", "population")}
    found = with_master_ids(core, aliases(("P1", "enrolment", "P5"), ("P5", "", "P6")))
    assert found["enrolment"]["person_id"].to_list() == ["P6", "P2"]
    assert found["population"]["person_id"].to_list() == ["P1", "P2"]
