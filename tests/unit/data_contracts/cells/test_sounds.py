"""How names sound: one reading per character, whatever else stands in the name."""

from __future__ import annotations

import polars as pl
import pytest
from pypinyin import lazy_pinyin

from data_contracts.cells.sounds import sounds_of
from province.dirt.misheard import HOMOPHONES, LOOKALIKES
from province.people.numbers import COMPOUND, FEMALE, MALE, MIXED, RARE, SURNAMES


def sound(name: str | None) -> str | None:
    return sounds_of(pl.Series("name", [name], dtype=pl.String)).item()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("陈建国", "chen jian guo"),
        ("欧阳丽", "ou yang li"),
        ("吕绿", "lv lv"),  # ü is written v, and is not u
        ("犇〇", "ben ling"),
        ("阿依古丽·买买提", "a yi gu li ·mai mai ti"),
        ("Maria SILVA", "maria silva"),
        ("陈Li", "chen li"),
        ("", ""),
        (None, None),
    ],
)
def test_a_name_and_its_sound(name: str | None, told: str | None) -> None:
    assert sound(name) == told


@pytest.mark.parametrize(("one", "other"), [("张伟", "章玮"), ("李静", "李婧"), ("王志强", "汪智强")])
def test_names_of_one_sound(one: str, other: str) -> None:
    assert one != other and sound(one) == sound(other)


@pytest.mark.parametrize(
    ("one", "other"), [("张伟", "张为民"), ("李娜", "李拉"), ("陈国建", "陈建国"), ("王明", "王")]
)
def test_names_of_another_sound(one: str, other: str) -> None:
    assert sound(one) != sound(other)


def test_syllables_do_not_run_into_one_another() -> None:
    """西安 and 先 are xi an and xian."""
    assert sound("西安") == "xi an" and sound("先") == "xian"


def test_every_name_character_of_the_province_sounds_as_pypinyin_says() -> None:
    characters = sorted({*SURNAMES, *"".join(COMPOUND), *MALE, *FEMALE, *RARE, *"".join(MIXED)} - {"·"})
    told = sounds_of(pl.Series(characters))
    assert told.to_list() == [lazy_pinyin(character)[0].lower() for character in characters]


def test_planted_homophones_sound_alike_and_look_alikes_do_not() -> None:
    for table in HOMOPHONES:
        names = pl.DataFrame({"one": list(table), "other": list(table.values())})
        assert sounds_of(names["one"]).to_list() == sounds_of(names["other"]).to_list()
    seen = pl.DataFrame({"one": list(LOOKALIKES), "other": list(LOOKALIKES.values())})
    assert not (sounds_of(seen["one"]) == sounds_of(seen["other"])).any()


def test_order_length_and_nulls_are_kept() -> None:
    names = pl.Series("name", ["陈建国", None, "李丽", "陈建国", None])
    told = sounds_of(names)
    assert told.to_list() == ["chen jian guo", None, "li li", "chen jian guo", None]
    assert told.name == "name_sound" and told.dtype == pl.String


def test_nothing_in_nothing_out() -> None:
    assert sounds_of(pl.Series([], dtype=pl.String)).len() == 0
    assert sounds_of(pl.Series([None, None], dtype=pl.String)).to_list() == [None, None]
    assert sounds_of(pl.Series([None])).to_list() == [None]
