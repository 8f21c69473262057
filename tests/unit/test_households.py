"""A household keeps its id when its number is replaced (停旧建新), and only then."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from zhaoren.transforms.households import resolve_households


def roll(*rows: tuple[str | None, str, str]) -> pl.DataFrame:
    """Population rows from (person_id, household_no, status)."""
    schema = {"person_id": pl.String, "household_no": pl.String, "registration_status_code": pl.String}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def living(**numbers: str) -> pl.DataFrame:
    """no='abc' puts the living persons a, b and c under the number."""
    return roll(*((p, no, "active") for no, people in numbers.items() for p in people))


def aliases(**numbers: str) -> pl.DataFrame:
    schema = {"household_no": pl.String, "household_id": pl.String}
    return pl.DataFrame(list(numbers.items()), schema=schema, orient="row")


def members(**homes: str) -> pl.DataFrame:
    schema = {"household_id": pl.String, "person_id": pl.String}
    return pl.DataFrame([(h, p) for h, people in homes.items() for p in people], schema=schema, orient="row")


def resolved(population: pl.DataFrame, known: pl.DataFrame, now: pl.DataFrame) -> list[tuple]:
    frame = resolve_households(population, known, now)
    assert frame.columns == ["household_no", "household_id", "how", "mint_rank"]
    return frame.rows()


def test_a_first_delivery_mints_in_row_order() -> None:
    assert resolved(living(n9="a", n1="bc", n5="d"), aliases(), members()) == [
        ("n9", None, "new", 0),
        ("n1", None, "new", 1),
        ("n5", None, "new", 2),
    ]


def test_a_known_number_keeps_its_household_whoever_lives_there() -> None:
    assert resolved(living(n1="xy"), aliases(n1="H1"), members(H1="ab")) == [("n1", "H1", "known", None)]


def test_an_old_number_stopped_and_a_new_one_made() -> None:
    moved = resolved(living(n2="abc", n3="z"), aliases(n1="H1"), members(H1="abd"))
    assert moved == [("n2", "H1", "renumbered", None), ("n3", None, "new", 0)]


def test_half_is_not_most() -> None:
    assert resolved(living(n2="abxy"), aliases(n1="H1"), members(H1="ab")) == [("n2", None, "new", 0)]


def test_while_the_old_number_lives_the_one_who_left_is_a_new_household() -> None:
    left = resolved(living(n1="a", n2="bc"), aliases(n1="H1"), members(H1="abc"))
    assert left == [("n1", "H1", "known", None), ("n2", None, "new", 0)]


def test_a_number_that_only_the_dead_still_carry_has_vanished() -> None:
    population = roll(("a", "n1", "dead"), ("b", "n2", "active"), ("c", "n2", "active"))
    found = resolved(population, aliases(n1="H1"), members(H1="abc"))
    assert found == [("n1", "H1", "known", None), ("n2", "H1", "renumbered", None)]


def test_a_split_leaves_the_id_to_the_larger_part_and_on_a_tie_to_the_first() -> None:
    larger = resolved(living(n2="a", n3="bc"), aliases(n1="H1"), members(H1="abc"))
    assert larger == [("n2", None, "new", 0), ("n3", "H1", "renumbered", None)]
    tie = resolved(living(n2="a", n3="b"), aliases(n1="H1"), members(H1="ab"))
    assert tie == [("n2", "H1", "renumbered", None), ("n3", None, "new", 0)]


def test_the_dead_and_the_unlinked_have_no_say() -> None:
    population = roll(
        ("a", "n2", "active"), ("x", "n2", "dead"), ("y", "n2", "moved_out"), (None, "n2", "active")
    )
    assert resolved(population, aliases(n1="H1"), members(H1="a"))[0][1:3] == ("H1", "renumbered")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("123456")),
        max_size=8,
        unique_by=lambda r: r[0],
    )
)
def test_every_number_once_and_no_household_given_away_twice(rows: list[tuple[str, str]]) -> None:
    population = roll(*((person, no, "active") for person, no in rows))
    frame = resolve_households(
        population, aliases(**{"1": "H1", "2": "H2"}), members(H1="abc", H2="de", H3="f")
    )
    assert frame["household_no"].to_list() == list(dict.fromkeys(no for _, no in rows))
    heirs = frame.filter(pl.col("how") == "renumbered")["household_id"]
    assert heirs.n_unique() == len(heirs)
    # an old household is continued only when nobody living carries its own number
    still = {"1": "H1", "2": "H2"}
    assert not set(heirs) & {still[no] for _, no in rows if no in still}
    minted = frame.filter(pl.col("household_id").is_null())["mint_rank"].to_list()
    assert minted == list(range(len(minted)))
