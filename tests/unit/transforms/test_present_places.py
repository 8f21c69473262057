"""Delivered place codes become those of the date; what they were is counted, once for each person."""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.present_places import ODD_CODES, odd_codes, place_codes, present, with_present_places

OLD, NEW, TORN, FAR, STAYS = "440183001001", "440118001001", "440106903201", "110101001001", "440106006002"
MEANINGS = pl.DataFrame(
    [(OLD, NEW, "changed"), (TORN, None, "ambiguous"), (FAR, FAR, "unlisted")],
    schema=["code", "present_code", "state"],
    orient="row",
)
NOTHING = MEANINGS.clear()


def roll(*rows: tuple[str, str | None, int], column: str = "village_code") -> pl.DataFrame:
    """Rows of (person, code, month)."""
    return pl.DataFrame(
        [(who, code, date(2025, month, 1), date(2025, month + 1, 5), f"d{month}", place)
         for place, (who, code, month) in enumerate(rows)],
        schema={"person_id": pl.String, column: pl.String, "period_month": pl.Date, "known_date": pl.Date,
                "delivery_id": pl.String, "row_no": pl.Int64},
        orient="row",
    )  # fmt: skip


POPULATION = roll(("a", OLD, 9), ("b", OLD, 9), ("c", TORN, 9), ("d", STAYS, 9), ("e", FAR, 9))
CORE: dict[str, pl.DataFrame | None] = {
    "population": POPULATION,
    "meter": roll(("a", OLD[:9], 9), column="meter_town_code"),
    "never": None,
    "person": pl.DataFrame({"person_id": ["a"], "village": [OLD]}),
}
PERSONS = pl.DataFrame(
    {"person_id": ["a", "b", "c", "d", "e"], "household_id": ["h1", "h1", "h2", "h3", None]},
)


def test_every_place_column_is_found_by_its_ending() -> None:
    assert place_codes(CORE).to_list() == sorted({OLD, TORN, STAYS, FAR, OLD[:9]})
    assert place_codes({"never": None}).to_list() == []


def test_codes_become_present_ones_and_nothing_else_changes() -> None:
    now = with_present_places(CORE, MEANINGS)
    changed = now["population"]
    assert changed is not None and changed["village_code"].to_list() == [NEW, NEW, None, STAYS, FAR]
    assert changed.drop("village_code").equals(POPULATION.drop("village_code"))
    for name in ("meter", "person"):
        one, other = now[name], CORE[name]
        assert one is not None and other is not None and one.equals(other)
    assert now["never"] is None and list(now) == list(CORE)


def test_without_odd_codes_the_frames_are_the_very_same() -> None:
    assert present(POPULATION, NOTHING) is POPULATION
    assert odd_codes(CORE, NOTHING, PERSONS).equals(pl.DataFrame(schema=ODD_CODES))


def test_odd_codes_name_whom_they_concern() -> None:
    assert odd_codes(CORE, MEANINGS, PERSONS).rows() == [
        ("population", FAR[:9], FAR[:9], "unlisted", 1, 0),
        ("population", TORN, None, "ambiguous", 1, 1),
        ("population", OLD, NEW, "changed", 2, 1),
    ]


def test_a_code_that_the_source_has_corrected_since_is_left_out() -> None:
    core = {"population": roll(("a", OLD, 8), ("a", NEW, 9), ("b", NEW, 8), ("b", OLD, 9))}
    assert odd_codes(core, MEANINGS, PERSONS)["person_cnt"].to_list() == [1]
