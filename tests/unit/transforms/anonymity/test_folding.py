"""Folding on tables small enough to work out by hand, and on any table at all."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from transforms.anonymity.folding import fold
from transforms.anonymity.measures import folded_measures, lone_shares

KINDS = {"city": pl.String, "sex": pl.Int64, "ill": pl.Boolean, "n": pl.Int64}


def cells(*rows: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=KINDS, orient="row")


def folded(frame: pl.DataFrame, **within: str) -> list[tuple[object, ...]]:
    return fold(frame, ["city", "sex", "ill"], 5, within).rows()


def test_what_is_alike_often_enough_stays_as_it_is() -> None:
    frame = cells(("a", 1, True, 5), ("a", 2, False, 7), ("b", None, None, 6))
    assert set(folded(frame)) == {
        ("a", 1, True, "", 5),
        ("a", 2, False, "", 7),
        ("b", None, None, "", 6),  # unknown is a value like others, and `not_shown` does not name it
    }


def test_small_values_are_one_part_that_does_not_show_the_column() -> None:
    frame = cells(("a", 1, True, 9), ("b", 1, True, 3), ("c", 1, True, 2))
    assert set(folded(frame)) == {("a", 1, True, "", 9), (None, 1, True, "city", 5)}


def test_a_part_that_would_be_too_small_is_filled_up_by_the_commonest() -> None:
    """3 alone could be had from the total; 2 of the 90 keep them company."""
    frame = cells(("a", 1, False, 90), ("b", 1, False, 20), ("c", 1, False, 3))
    assert set(folded(frame)) == {
        ("a", 1, False, "", 88),
        ("b", 1, False, "", 20),
        (None, 1, False, "city", 5),
    }


def test_where_the_commonest_can_spare_none_the_rarest_joins_whole() -> None:
    frame = cells(("a", 1, False, 6), ("b", 1, False, 5), ("c", 1, False, 1))
    assert set(folded(frame)) == {("a", 1, False, "", 6), (None, 1, False, "city", 6)}


def test_a_part_of_what_is_not_shown_is_not_shown() -> None:
    """A county would tell its city."""
    frame = cells(("a", 1, True, 9), ("b", 2, True, 3), ("c", 2, True, 2))
    assert set(folded(frame, sex="city")) == {("a", 1, True, "", 9), (None, None, True, "city,sex", 5)}


def test_the_column_of_more_worth_is_kept() -> None:
    frame = cells(("a", 1, True, 4), ("a", 2, True, 3), ("b", 1, True, 4), ("b", 2, True, 3))
    assert set(folded(frame)) == {("a", None, True, "sex", 7), ("b", None, True, "sex", 7)}


def test_fewer_than_k_are_nothing() -> None:
    assert folded(cells(("a", 1, True, 4))) == []
    assert folded(cells()) == []


def test_the_order_of_the_cells_does_not_matter() -> None:
    frame = cells(
        ("a", 1, True, 8), ("a", 2, None, 1), (None, 1, False, 9), ("b", 2, True, 3), ("a", 1, False, 8)
    )
    assert all(folded(frame.sample(fraction=1.0, shuffle=True, seed=i)) == folded(frame) for i in range(9))


ROW = st.tuples(
    st.sampled_from(["a", "b", "c", None]),
    st.sampled_from([1, 2, None]),
    st.sampled_from([True, False, None]),
    st.integers(1, 12),
)


@given(st.lists(ROW, max_size=24), st.integers(2, 7), st.booleans())
def test_any_table_gives_k_and_nobody_is_invented(
    rows: list[tuple[object, ...]], k: int, nested: bool
) -> None:
    frame = cells(*rows).group_by("city", "sex", "ill").agg(pl.col("n").sum())
    columns, total = ["city", "sex", "ill"], int(frame["n"].sum())
    out = fold(frame, columns, k, {"sex": "city"} if nested else {})
    assert out["n"].sum() == (total if total >= k else 0)
    assert out.is_empty() or int(str(out["n"].min())) >= k
    for one in out.iter_rows(named=True):
        shown = [c for c in columns if c not in str(one["not_shown"]).split(",")]
        assert not (nested and "sex" in shown and "city" not in shown)
        real = frame.filter(*(pl.col(c).eq_missing(one[c]) for c in shown))
        assert int(real["n"].sum()) >= one["n"]  # nobody is published who is not there
    if out.height:  # whoever knows one true row finds k published ones that may be it
        for truth in frame.iter_rows(named=True):
            alike = [
                one["n"]
                for one in out.iter_rows(named=True)
                if all(c in str(one["not_shown"]).split(",") or one[c] == truth[c] for c in columns)
            ]
            assert sum(alike) >= k


class Told:
    def __init__(self, sensitive: bool) -> None:
        self.sensitive = sensitive


def test_measures_of_a_table() -> None:
    frame = cells(("a", 1, True, 6), ("b", 1, False, 9), ("b", 1, True, 1))
    out = fold(frame, ["city", "sex", "ill"], 5, {})
    told = {"city": Told(False), "sex": Told(False), "ill": Told(True)}
    row = folded_measures("t", frame, out, told, 5).to_dicts()[0]
    assert (row["row_cnt"], row["group_cnt"], row["smallest_cnt"]) == (16, 3, 5)
    assert (row["unique_share_before"], row["under_k_share_before"]) == (0.0625, 0.0625)
    assert row["not_shown"] == "ill 31%"
    assert row["all_alike"] == "ill 37.5%"  # all six of city a are ill: who is known to live there is


def test_shares_of_those_who_stand_out() -> None:
    assert lone_shares(pl.DataFrame({"n": [1, 1, 4, 10]}), 5) == (0.125, 0.375)
    assert lone_shares(pl.DataFrame({"n": []}, schema={"n": pl.Int64}), 5) == (0.0, 0.0)
