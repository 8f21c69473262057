"""Names without codes: the usual ways of writing a place find it in its parent; nothing is guessed."""

from __future__ import annotations

import polars as pl
import pytest

from divisions import divisions, towns, villages
from divisions.names import bare, resolve_names, resolve_path, short_form

KNOWN = pl.DataFrame(
    [
        ("99", "甲省", "province", None), ("9901", "乙市", "city", "99"),
        ("990101", "丙县", "county", "9901"),
        ("990101001", "东风街道", "town", "990101"), ("990101100", "大河镇", "town", "990101"),
        ("990101200", "小河瑶族乡", "town", "990101"),
        ("990101001001", "红星社区居民委员会", "village", "990101001"),
        ("990101001201", "红星村民委员会", "village", "990101001"),
        ("990101100201", "石岗村委会", "village", "990101100"),
        ("990101100202", "石岗村村委会", "village", "990101100"),
        ("990101100203", "上寨居委会", "village", "990101100"),
        ("990101200201", "上寨村委会", "village", "990101200"),
        ("9902", "丁市", "city", "99"), ("990200", "丁市", "county", "9902"),
        ("990200001", "东风街道", "town", "990200"),
    ],
    schema=["code", "name", "level", "parent_code"], orient="row",
)  # fmt: skip


def found(name: str | None, parent: str, known: pl.DataFrame = KNOWN) -> tuple[str | None, int, str | None]:
    asked = pl.DataFrame({"name": [name], "parent_code": [parent]}, schema_overrides={"name": pl.String})
    return resolve_names(asked, known).select("code", "candidates_cnt", "step").row(0)


@pytest.mark.parametrize(
    ("written", "short", "stem"),
    [
        ("石牌村民委员会", "石牌村", "石牌"), ("石牌村委会", "石牌村", "石牌"), ("石牌村", "石牌村", "石牌"),
        ("石牌居委会", "石牌社区", "石牌"), ("石牌社区居民委员会", "石牌社区", "石牌"),
        (" 石牌　社区 ", "石牌社区", "石牌"), ("东风街道办事处", "东风街道", "东风"),
        ("东风街", "东风街道", "东风"), ("大河镇人民政府", "大河镇", "大河"), ("东村", "东村", "东村"),
        ("小河瑶族乡", "小河瑶族乡", "小河"), ("下帅壮族瑶族乡", "下帅壮族瑶族乡", "下帅"),
        ("石岗村村委会", "石岗村村", "石岗村"), (None, None, None),
    ],
)  # fmt: skip
def test_the_usual_variants_are_one(written: str | None, short: str | None, stem: str | None) -> None:
    name = pl.lit(written, dtype=pl.String)
    assert pl.select(short=short_form(name), stem=bare(name)).row(0) == (short, stem)


@pytest.mark.parametrize(
    ("name", "parent", "code", "step"),
    [
        ("红星村民委员会", "990101001", "990101001201", "written"),
        ("红星村委会", "990101001", "990101001201", "short_form"),
        ("红星村", "990101001", "990101001201", "short_form"),
        ("红星居委会", "990101001", "990101001001", "short_form"),
        ("上寨", "990101100", "990101100203", "bare"),
        ("上寨村", "990101100", "990101100203", "bare"),  # a village that became a community
        ("东风街道办", "990101", "990101001", "short_form"),
        ("东风", "990200", "990200001", "bare"),
        ("小河乡", "990101", "990101200", "bare"),
        ("丙县大河镇", "99", "990101100", "written"),
        ("甲省乙市丙县大河镇", "9901", "990101100", "written"),
        ("大河镇上寨社区", "990101", "990101100203", "short_form"),
        ("丁市", "99", "990200", "written"),  # the city without counties stands for its own county
    ],
)  # fmt: skip
def test_a_name_is_found_within_any_division_that_holds_it(
    name: str, parent: str, code: str, step: str
) -> None:
    assert found(name, parent) == (code, 1, step)


@pytest.mark.parametrize(
    ("name", "parent", "candidates"),
    [
        ("红星", "990101001", 2),  # the village or the community
        ("东风街道", "99", 2),  # one in each city
        ("上寨村", "990101200", 1), ("上寨", "990101", 2), ("石岗", "990101100", 1),
        ("没有这里", "990101", 0), (None, "990101", 0), ("红星村", "990101100", 0), ("红星村", "none", 0),
    ],
)  # fmt: skip
def test_several_answers_or_none_give_no_code(name: str | None, parent: str, candidates: int) -> None:
    code, count, step = found(name, parent)
    assert count == candidates
    assert (code is not None) == (candidates == 1)
    assert (step is None) == (candidates == 0)


def test_a_village_in_a_villages_name_is_not_taken_for_another() -> None:
    """石岗村 is 石岗村民委员会 by its short form; the bare name 石岗村 could be either of two."""
    assert found("石岗村", "990101100") == ("990101100201", 1, "short_form")
    only_others = KNOWN.with_columns(pl.col("name").replace({"石岗村委会": "石岗居委会"}))
    assert found("石岗村", "990101100", only_others) == (None, 2, "bare")


def test_a_level_can_be_asked_for() -> None:
    asked = pl.DataFrame({"name": ["丁市", "丁市"], "parent_code": ["99", "99"], "level": ["city", "county"]})
    assert resolve_names(asked, KNOWN)["code"].to_list() == ["9902", "990200"]


def test_rows_keep_their_order_and_other_columns() -> None:
    asked = pl.DataFrame(
        {"row_no": [7, 3, 5], "name": ["大河镇", None, "东风街道"], "parent_code": ["990101"] * 3}
    )
    told = resolve_names(asked, KNOWN)
    assert told["row_no"].to_list() == [7, 3, 5]
    assert told["code"].to_list() == ["990101100", None, "990101001"]
    assert resolve_names(asked.clear(), KNOWN).height == 0


def test_a_path_of_names_is_followed_down_and_stops_where_it_breaks() -> None:
    rows = pl.DataFrame(
        {
            "county": ["天河区", "天河区", "没有区", "东莞市"],
            "town": ["石牌街道办事处", "没有街道", "石牌街道", "虎门镇"],
            "village": ["绿荷社区居委会", "绿荷社区", "绿荷社区", "没有"],
        }
    )
    told = resolve_path(rows, ["county", "town", "village"], "44")
    assert told["code"].is_not_null().to_list() == [True, False, False, False]
    assert told["candidates_cnt"].to_list() == [1, 0, 0, 0]
    assert told["code"][0].startswith("440106006")
    assert resolve_path(rows, ["county", "town"], "44")["code"].to_list()[3].startswith("441900")


def test_every_village_of_guangdong_is_found_by_its_name_in_its_town() -> None:
    asked = villages().select(name="village_name", parent_code="town_code", true="village_code")
    assert resolve_names(asked).filter(pl.col("code").ne_missing(pl.col("true"))).is_empty()


def test_how_many_villages_of_guangdong_are_unique_after_folding() -> None:
    """Measured; and the answer to a bare name is never another village than the one meant."""
    shares = {
        form.__name__: villages()
        .select((pl.len().over("town_code", form(pl.col("village_name"))) == 1).mean())
        .item()
        for form in (short_form, bare)
    }
    asked = villages().select(name=bare(pl.col("village_name")), parent_code="town_code", true="village_code")
    told = resolve_names(asked)
    wrong = told.filter(pl.col("code") != pl.col("true"))
    print("unique within their town:", shares, "bare names resolved:", told["code"].is_not_null().mean())
    assert shares["short_form"] > 0.999 and shares["bare"] > 0.97
    assert told["code"].is_not_null().mean() > 0.95
    assert wrong.is_empty()


def test_towns_by_their_bare_name_in_their_county() -> None:
    asked = towns().select(
        name=bare(pl.col("town_name")), parent_code="county_code", true="town_code", level=pl.lit("town")
    )
    told = resolve_names(asked, divisions())
    assert told.filter(pl.col("code") != pl.col("true")).is_empty()
    assert told["code"].is_not_null().mean() > 0.98
