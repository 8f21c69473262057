"""Benefits resolve by date and place; who is owed what, and where nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from policies.analysis.whatif import parse_change, with_changes
from policies.catalogue.model import Catalogue
from policies.engine.evaluate_benefits import BENEFIT_SCHEMA, evaluate_benefits
from policies.engine.evaluate_signals import SIGNAL_SCHEMA, evaluate_signals, signal_unknowns
from policies.loading import load_catalogue
from tests.helpers.households import AS_OF, NOBODY, household, person
from zhaoren.errors import ZhaorenError

CATALOGUE = load_catalogue()


def dibao(cat: Catalogue, as_of: date = AS_OF, **facts: Any) -> dict:
    rows = evaluate_benefits(cat, NOBODY, household(**facts), as_of).filter(pl.col("benefit_id") == "dibao")
    return rows.row(0, named=True)


def changed(text: str) -> Catalogue:
    return with_changes(CATALOGUE, [parse_change(CATALOGUE, text)])


def test_a_city_s_own_standard_comes_before_its_tier() -> None:
    own = changed("dibao.standard_yuan_month@4452=1000")
    assert dibao(CATALOGUE)["amount_yuan_month"] == Decimal("780.00")
    assert dibao(own)["amount_yuan_month"] == Decimal("1200.00")
    assert dibao(own, town_code="441302001")["amount_yuan_month"] == Decimal("780.00")


def test_changed_values_answer_what_if_and_leave_the_catalogue_alone() -> None:
    wider = changed("dibao.standard_yuan_month@t4_urban=700.5")
    assert dibao(wider)["amount_yuan_month"] == Decimal("302.00")  # 100.5 x 3 = 301.5, up to the yuan
    assert dibao(CATALOGUE)["amount_yuan_month"] == Decimal("780.00")
    with pytest.raises(ZhaorenError, match="no parameter"):
        changed("dibao.standart=1")


def test_a_parameter_without_a_value_on_the_day_is_unknown_and_named() -> None:
    assert dibao(CATALOGUE, as_of=date(2021, 1, 1))["eligible"] == "likely"
    assert CATALOGUE.parameter("dibao.standard_yuan_month").at(date(2020, 12, 31)) is None
    early = next(b for b in CATALOGUE.benefits if b.id == "dibao").model_copy(
        update={"valid_from": date(2019, 1, 1)}
    )
    rows = evaluate_benefits(replace(CATALOGUE, benefits=(early,)), NOBODY, household(), date(2020, 12, 31))
    assert rows["eligible"].to_list() == ["unknown"]
    assert "$dibao.standard_yuan_month" in rows["missing_facts"].item().split(",")


def test_benefits_that_exclude_each_other_are_owed_once() -> None:
    """An elder with a severe disability could have tekun or dibao alone, not both."""
    facts = {"age_years": 70, "is_severe_disabled": True, "benefit_category_code": "marginal"}
    facts |= {"has_supporter": False, "is_disabled": True, "disability_type_code": "4"}
    people = pl.DataFrame(
        [person("p1", **facts), person("p2", **facts | {"benefit_category_code": "single"})]
    )
    home = household(income_yuan_month=Decimal("600.00"), worker_cnt=0, adult_cnt=0)
    rows = evaluate_benefits(CATALOGUE, people, home, AS_OF).filter(pl.col("amount_yuan_month").is_not_null())
    gaps = {(r["person_id"], r["benefit_id"]): r["gap_yuan_month"] for r in rows.iter_rows(named=True)}
    assert gaps[("p1", "tekun")] == Decimal("1376.00")  # 860 x 1.6
    assert gaps[("p1", "single_person_dibao")] == 0
    assert gaps[("p2", "single_person_dibao")] == 0  # paid
    assert gaps[("p2", "tekun")] == Decimal("516.00")  # 1376 - 860 already paid
    assert gaps[(None, "dibao")] == 0  # 780 for the household is less than its members' own 1892


def test_a_household_s_benefit_counts_where_it_is_the_larger() -> None:
    people = pl.DataFrame([person("p1", age_years=70, benefit_category_code="none", has_supporter=False)])
    home = household(income_yuan_month=Decimal("10.00"), worker_cnt=0, adult_cnt=0)
    rows = evaluate_benefits(CATALOGUE, people, home, AS_OF).drop_nulls("gap_yuan_month")
    gaps = dict(zip(rows["benefit_id"], rows["gap_yuan_month"], strict=True))
    assert gaps == {"dibao": Decimal("2550.00"), "tekun": Decimal("0.00")}  # (860 - 10) x 3


def test_frames_without_any_fact_answer_unknown_never_no_risk() -> None:
    bare = pl.DataFrame({"household_id": ["h1"], "town_code": ["445202001"]})
    people = pl.DataFrame({"person_id": ["p1"], "household_id": ["h1"]})
    assert evaluate_signals(CATALOGUE, people, bare, AS_OF).is_empty()
    entitlements = evaluate_benefits(CATALOGUE, people, bare, AS_OF)
    assert set(entitlements["eligible"]) == {"unknown"}
    assert entitlements["benefit_id"].n_unique() == len(CATALOGUE.benefits_at(AS_OF))
    unknowns = signal_unknowns(CATALOGUE, people, bare, AS_OF)
    assert set(unknowns["signal_id"]) == {s.id for s in CATALOGUE.signals_at(AS_OF)}
    awaited = {fact.name for fact in CATALOGUE.facts.values() if fact.is_awaited}
    told = unknowns.filter(~pl.col("fact").str.strip_prefix("household_").is_in(awaited))
    assert (told["sources"].str.len_chars() > 0).all()


def test_answers_have_their_columns_and_do_not_depend_on_row_order() -> None:
    homes = pl.concat(
        [household(household_id=f"h{i}", rent_arrears_month_cnt=i, house_grade_code="D") for i in range(9)]
    )
    people = pl.DataFrame(
        [person(f"p{i}", household_id=f"h{i}", age_years=13, is_dropout=True) for i in range(9)]
    )
    signals = evaluate_signals(CATALOGUE, people, homes, AS_OF)
    benefits = evaluate_benefits(CATALOGUE, people, homes, AS_OF)
    assert dict(signals.schema) == dict(SIGNAL_SCHEMA)
    assert dict(benefits.schema) == BENEFIT_SCHEMA
    turned = evaluate_signals(CATALOGUE, people.reverse(), homes.reverse(), AS_OF)
    assert signals.equals(turned)
    assert benefits.equals(evaluate_benefits(CATALOGUE, people.reverse(), homes.reverse(), AS_OF))
    assert signals.filter(pl.col("signal_id") == "I15").height == 6


def test_an_event_names_its_day_and_fades() -> None:
    home = household(disaster_days=10, house_damage_code="slight", disaster_loss_yuan=Decimal("1200.00"))
    row = evaluate_signals(CATALOGUE, NOBODY, home, AS_OF).row(0, named=True)
    assert (row["signal_id"], row["fact_date"], row["is_event"]) == ("I09", date(2025, 8, 26), True)
    window = changed("alerts.disaster_days=9999")
    old = household(disaster_days=121, house_damage_code="slight", disaster_loss_yuan=Decimal("1200.00"))
    assert evaluate_signals(window, NOBODY, old, AS_OF).is_empty()  # past decay_days, whatever the window


def test_a_person_outside_any_household_is_not_lost() -> None:
    people = pl.DataFrame([person("p9", household_id=None, age_years=85, registration_status_code="active")])
    rows = evaluate_benefits(CATALOGUE, people, household(), AS_OF).filter(pl.col("person_id") == "p9")
    assert rows.filter(pl.col("benefit_id") == "elder_allowance")["eligible"].to_list() == ["unknown_amount"]
    assert rows.filter(pl.col("benefit_id") == "tekun")["eligible"].to_list() == ["unknown"]
