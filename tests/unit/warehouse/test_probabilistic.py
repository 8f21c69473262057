"""Tier 3 on a handful of people: what weighs, what is never paired, which rules pair too many."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from policies.catalogue.linkage import LinkModel, link_model
from province.people.numbers import names
from transforms.linkage.match_thresholds import apply_match_thresholds
from warehouse.identity.probabilistic_linkage import score_pairs

pytestmark = pytest.mark.slow

SCHEMA = {
    "record_id": pl.String, "name": pl.String, "name_sound": pl.String, "sex_code": pl.String,
    "birth_date": pl.Date, "village_code": pl.String, "household_id": pl.String, "id_digits": pl.String,
}  # fmt: skip
BORN, VILLAGE = date(2015, 5, 1), "440512001001"


def record(record_id: str, /, **more: Any) -> dict[str, Any]:
    base = {"record_id": record_id, "name": "陈小花", "name_sound": "chenxiaohua", "sex_code": "2"}
    return {**dict.fromkeys(SCHEMA), **base, "birth_date": BORN, "village_code": VILLAGE, **more}


def frame(*records: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(records), schema=SCHEMA)


def crowd(size: int = 3_000) -> list[dict[str, Any]]:
    """Neighbours of every sort, so that frequencies mean something."""
    rng = np.random.default_rng(4)
    sex = rng.integers(1, 3, size)
    named = names(np.arange(size), sex, 0, 0, rng)
    days = pl.Series(rng.integers(0, 18_000, size).astype(np.int32)).cast(pl.Date).to_list()
    return [
        record(f"N{i}", name=str(named[i]), name_sound=f"s{named[i]}", sex_code=str(sex[i]),
               birth_date=days[i], village_code=f"4405120010{i % 40:02d}", household_id=f"H{i // 3}")
        for i in range(size)
    ]  # fmt: skip


def weights(lost: dict[str, Any], *known: dict[str, Any]) -> dict[str, float]:
    pairs = score_pairs(frame(lost), frame(*known, *crowd()), link_model()).pairs
    return dict(
        pairs.filter(~pl.col("right_id").str.starts_with("N")).select("right_id", "match_weight").rows()
    )


def test_the_more_speaks_for_it_the_more_it_weighs() -> None:
    same = weights(record("L"), record("K"))["K"]
    heard = weights(record("L", name="陈小华"), record("K"))["K"]
    elsewhere = weights(record("L", village_code="440303001001"), record("K"))["K"]
    home = weights(record("L", household_id="H7x"), record("K", household_id="H7x"))["K"]
    assert home > same > heard and same > elsewhere
    assert same >= float(link_model().weights.accept)


def test_what_is_not_known_says_nothing() -> None:
    told = weights(record("L"), record("K"))["K"]
    silent = weights(record("L", village_code=None), record("K"))["K"]
    wrong = weights(record("L", village_code="440303001001"), record("K"))["K"]
    assert wrong < silent < told


def test_another_sex_is_never_paired_however_alike() -> None:
    assert weights(record("L", sex_code="1"), record("K")) == {}
    assert weights(record("L", sex_code=None), record("K")).keys() == {"K"}


def test_twins_of_one_home_are_left_to_a_reviewer() -> None:
    """Same home, birth date and sex, and the row's name is one character from both."""
    one = record("K1", name="陈小草", name_sound="chenxiaocao")
    other = record("K2", name="陈小叶", name_sound="chenxiaoye")
    lost = frame(record("L", name="陈小禾", name_sound="chenxiaohe"))
    scored = score_pairs(lost, frame(one, other, *crowd()), link_model()).pairs
    pairs = scored.rename({"left_id": "person_id", "right_id": "other_person_id"})
    w = link_model().weights
    chosen = apply_match_thresholds(pairs, float(w.accept), float(w.doubt), float(w.margin))
    assert chosen.accepted.is_empty()
    assert set(chosen.doubtful["other_person_id"]) <= {"K1", "K2"}


def test_a_doubtful_number_asks_and_never_links() -> None:
    """Issue 10, point 2: name and a mistyped number alone weigh enough for a question, not for a link."""
    number = "44051220150501002X"
    unplaced = {"village_code": None, "birth_date": None}
    lost = frame(record("L", id_digits="44051220150501003X", **unplaced))
    scored = score_pairs(lost, frame(record("K", id_digits=number), *crowd()), link_model()).pairs
    pairs = scored.rename({"left_id": "person_id", "right_id": "other_person_id"})
    w = link_model().weights
    assert pairs.filter(other_person_id="K")["match_weight"].item() > float(w.accept)
    chosen = apply_match_thresholds(pairs, float(w.accept), float(w.doubt), float(w.margin))
    assert chosen.accepted.is_empty() and "K" in chosen.doubtful["other_person_id"].to_list()


def exploding(per_record: int) -> LinkModel:
    """The shipped model with a rule that pairs everybody of one sex."""
    model = link_model()
    budget = model.pair_budget.model_copy(update={"per_record": per_record})
    return model.model_copy(update={"blocking": (("sex_code",), *model.blocking), "pair_budget": budget})


def test_a_rule_that_explodes_is_refused_and_told_and_the_others_go_on() -> None:
    known = frame(record("K"), *crowd(50_000))
    scored = score_pairs(frame(record("L")), known, exploding(per_record=2_000))
    told = dict(scored.rules.select("rule", "is_refused").rows())
    refused = [rule for rule, is_refused in told.items() if is_refused]
    assert refused == ["sex_code"] and len(told) == len(link_model().blocking) + 1
    assert scored.rules.filter(rule="sex_code").item(0, "pair_cnt") > 20_000
    assert "K" in scored.pairs["right_id"].to_list()


def test_within_the_budget_the_same_rule_is_followed() -> None:
    scored = score_pairs(frame(record("L")), frame(record("K"), *crowd(50)), exploding(per_record=2_000))
    assert not scored.rules["is_refused"].any()


def test_the_same_records_in_any_order_give_the_same_pairs() -> None:
    lost, known = frame(record("L"), record("M", birth_date=date(2014, 5, 1))), frame(record("K"), *crowd())
    one = score_pairs(lost, known, link_model()).pairs
    other = score_pairs(lost.reverse(), known.sample(fraction=1, shuffle=True, seed=9), link_model()).pairs
    assert one.height and one.equals(other)


def test_nobody_to_find_or_nobody_known_finds_nobody() -> None:
    empty = pl.DataFrame(schema=SCHEMA)
    assert score_pairs(empty, frame(record("K")), link_model()).pairs.is_empty()
    assert score_pairs(frame(record("L")), empty, link_model()).pairs.is_empty()
