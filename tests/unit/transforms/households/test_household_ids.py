"""A household keeps its id when its number is replaced (停旧建新), and only then."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from transforms.households.household_ids import resolve_households, resolve_units


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


def test_a_household_renumbered_twice_keeps_its_chain() -> None:
    first = resolved(living(n2="abc"), aliases(n1="H1"), members(H1="abc"))
    second = resolved(living(n3="abcz"), aliases(n1="H1", n2="H1"), members(H1="abc"))
    assert first == [("n2", "H1", "renumbered", None)] and second == [("n3", "H1", "renumbered", None)]


def test_births_deaths_and_brides_change_no_household() -> None:
    """A bride moves from n1 to n2, a child is born in n2, a grandfather dies in n1: two numbers, two ids."""
    population = roll(
        ("a", "n1", "active"), ("grandfather", "n1", "dead"),
        ("b", "n2", "active"), ("bride", "n2", "active"), ("baby", "n2", "active"),
    )  # fmt: skip
    before = pl.DataFrame(
        {"household_id": ["H1"] * 3 + ["H2"], "person_id": ["a", "grandfather", "bride", "b"]}
    )
    assert resolved(population, aliases(n1="H1", n2="H2"), before) == [
        ("n1", "H1", "known", None),
        ("n2", "H2", "known", None),
    ]


def test_a_young_couple_who_register_apart_are_a_new_household() -> None:
    """分户, and 婚后立户: nobody's old number is gone, so nobody's id goes with them."""
    apart = resolved(living(n1="ab", n3="cd", n2="e"), aliases(n1="H1", n2="H2"), members(H1="abc", H2="de"))
    assert apart == [("n1", "H1", "known", None), ("n3", None, "new", 0), ("n2", "H2", "known", None)]


def test_the_dead_and_the_unlinked_have_no_say() -> None:
    population = roll(
        ("a", "n2", "active"), ("x", "n2", "dead"), ("y", "n2", "moved_out"), (None, "n2", "active")
    )
    assert resolved(population, aliases(n1="H1"), members(H1="a"))[0][1:3] == ("H1", "renumbered")


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


def units(**names: str) -> pl.DataFrame:
    """name='abc' makes a, b and c one unit of that name."""
    schema = {"household_no": pl.String, "person_id": pl.String}
    return pl.DataFrame(
        [(no, p) for no, people in names.items() for p in people], schema=schema, orient="row"
    )


def named(now: pl.DataFrame, known: list[tuple[str, str]], before: pl.DataFrame) -> list[tuple]:
    schema = {"household_no": pl.String, "household_id": pl.String}
    return resolve_units(now, pl.DataFrame(known, schema=schema, orient="row"), before).rows()


def test_coming_onto_the_roll_keeps_the_units_id() -> None:
    assert named(units(unit="abc"), [("hukou", "A1")], members(A1="abc")) == [
        ("unit", "A1", "renumbered", None)
    ]


def test_leaving_the_roll_keeps_it_too() -> None:
    known = [("hukou", "A1"), ("unit", "A1")]
    assert named(units(hukou="abc"), known, members(A1="abc")) == [("hukou", "A1", "known", None)]


def test_who_stays_behind_is_a_new_unit_though_the_name_is_old() -> None:
    """Three of four come onto the roll: the id goes with them, whatever the fourth is called."""
    known = [("hukou", "A1")]
    split = named(units(hukou="d", unit="abc"), known, members(A1="abcd"))
    assert split == [("hukou", None, "new", 0), ("unit", "A1", "renumbered", None)]


def test_after_a_split_each_keeps_its_own_and_together_again_they_are_the_larger() -> None:
    known = [("hukou", "A2"), ("hukou", "A1"), ("unit", "A1")]
    stay = named(units(hukou="d", unit="abc"), known, members(A1="abc", A2="d"))
    assert stay == [("hukou", "A2", "known", None), ("unit", "A1", "known", None)]
    again = named(units(hukou="abcd"), known, members(A1="abc", A2="d"))
    assert again == [("hukou", "A1", "known", None)]


def test_who_was_away_comes_back_to_the_id_they_left() -> None:
    known = [("person:a", "A3")]
    assert named(units(**{"person:a": "a"}), known, members(A1="b")) == [("person:a", "A3", "known", None)]


def test_no_name_takes_an_id_that_others_hold() -> None:
    known = [("hukou", "A1"), ("unit", "A1")]
    found = named(units(hukou="z", unit="abc"), known, members(A1="abc"))
    assert found == [("hukou", None, "new", 0), ("unit", "A1", "known", None)]


SPLITS = st.lists(st.sampled_from("1234"), min_size=6, max_size=6)


@given(st.lists(SPLITS, min_size=2, max_size=6))
def test_month_after_month_no_id_stands_for_two_units_nor_moves_without_its_people(
    months: list[list[str]],
) -> None:
    known: list[tuple[str, str]] = []
    before, minted = members(), 0
    for split in months:
        now = units(
            **{no: "".join(p for p, own in zip("abcdef", split, strict=True) if own == no) for no in "1234"}
        )
        frame = resolve_units(
            now,
            pl.DataFrame(known, schema={"household_no": pl.String, "household_id": pl.String}, orient="row"),
            before,
        ).with_columns(pl.coalesce("household_id", pl.format("A{}", pl.col("mint_rank") + minted)))
        minted += frame.get_column("mint_rank").count()
        assert frame["household_id"].n_unique() == frame.height == now["household_no"].n_unique()
        fresh = now.join(frame, on="household_no").select("household_id", "person_id")
        both = fresh.join(before, on="person_id", suffix="_before")
        stayed = both.group_by("household_id_before", "household_id").len()
        for old, new, shared in stayed.rows():  # who keeps more than half of both sides keeps the id
            sizes = [f.filter(household_id=h).height for f, h in ((before, old), (fresh, new))]
            assert old == new or not all(shared * 2 > size for size in sizes)
        pairs = frame.select("household_no", "household_id").rows()
        known, before = [*pairs, *(pair for pair in known if pair not in pairs)], fresh
