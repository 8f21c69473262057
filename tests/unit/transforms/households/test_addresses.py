"""One key per address, however it is typed, and never one key for two addresses."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.households.addresses import address_keys


def key(address: str | None, village: str | None = "440512001001") -> str | None:
    keys = address_keys(pl.Series([village], dtype=pl.String), pl.Series([address], dtype=pl.String))
    return keys.to_list()[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("第224村居12号", "第２２４村居１２號"),
        ("第224村居12号", "第224村居 12 号"),
        ("第224村居12号", "石门村委会第224村居12号"),
        ("石门村12号", "石门村十二号"),
        ("石门村3组23号", "石门村三组二十三号"),
        ("石门村105号", "石门村一百零五号"),
        ("3栋502室", "3栋502房"),
        ("3栋-502", "3栋502"),
    ],
)
def test_two_ways_of_writing_one_address(one: str, other: str) -> None:
    assert key(one) == key(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("石门村12号", "石门村21号"),
        ("石门村12号", "石门村120号"),
        ("石门村1组2号", "石门村12号"),
        ("石门村路5号", "石门村5号"),
        ("3栋502室", "5栋302室"),
    ],
)
def test_two_addresses_stay_two(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_the_village_is_part_of_it_and_nothing_is_made_up() -> None:
    assert key("12号", "440512001001") != key("12号", "440512001002")
    assert key(None) is None and key("12号", None) is None and key("　") is None


def test_many_addresses_keep_their_order() -> None:
    addresses = pl.Series([f"{n % 700 + 1}号" for n in range(5_000)])
    keys = address_keys(pl.Series(["440512001001"] * 5_000), addresses)
    assert keys.n_unique() == 700 and keys[0] == keys[700]
