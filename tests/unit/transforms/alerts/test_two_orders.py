"""A share of a town's places goes by expected yuan; red keeps its place, and the order is total."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from transforms.alerts.two_orders import interleaved

KEYS = ([pl.col("level") != "red", -pl.col("points"), pl.col("case_id")], [False, False, False])


def town(*rows: tuple[str, str, int, int]) -> pl.DataFrame:
    """case, level, points, expected yuan."""
    frame = pl.DataFrame(rows, schema=["case_id", "level", "points", "yuan"], orient="row")
    yuan = pl.col("yuan").cast(pl.Decimal(18, 2)).alias("expected_yuan_month")
    return frame.with_columns(yuan, town_code=pl.lit("440113008"), able=pl.lit(True))


def order(frame: pl.DataFrame, share: float) -> str:
    keys, descending = KEYS
    return "".join(interleaved(frame, pl.col("able"), keys, descending, share)["case_id"])


FIVE = town(
    ("A", "orange", 9, 0),
    ("B", "orange", 8, 0),
    ("C", "yellow", 7, 0),
    ("D", "yellow", 6, 50),
    ("E", "blue", 0, 900),
)


def test_the_worked_example() -> None:
    assert order(FIVE, 0.25) == "ABCED"


@pytest.mark.parametrize(("share", "wanted"), [(0.0, "ABCDE"), (0.5, "AEBDC"), (1.0, "EDABC")])
def test_none_all_and_half_by_yuan(share: float, wanted: str) -> None:
    assert order(FIVE, share) == wanted


def test_red_stands_first_whatever_the_yuan() -> None:
    red = town(("R", "red", 1, 0), ("S", "red", 2, 0), ("E", "blue", 0, 5_000), ("A", "orange", 9, 0))
    assert order(red, 0.9)[:2] == "SR"


def test_nobody_gives_a_place_away_where_nothing_is_expected() -> None:
    frame = FIVE.with_columns(expected_yuan_month=pl.lit(Decimal(0), pl.Decimal(18, 2)))
    assert order(frame, 0.5) == "ABCDE"


def test_who_cannot_be_listed_takes_no_place() -> None:
    frame = FIVE.with_columns(able=pl.col("case_id") != "E")
    keys, descending = KEYS
    found = interleaved(frame, pl.col("able"), keys, descending, 0.25)
    places = dict(found.select("case_id", "order_no").rows())
    assert places == {"A": 1, "B": 2, "C": 3, "D": 4, "E": None}


def test_the_order_does_not_hang_on_that_of_the_rows_and_towns_are_apart() -> None:
    two = pl.concat([FIVE, FIVE.with_columns(town_code=pl.lit("440281102"))])
    keys, descending = KEYS
    first = interleaved(two, pl.col("able"), keys, descending, 0.25)
    again = interleaved(two.sample(fraction=1, shuffle=True, seed=2), pl.col("able"), keys, descending, 0.25)
    assert first.equals(again)
    assert first.group_by("town_code").agg(pl.col("order_no").max())["order_no"].to_list() == [5, 5]
