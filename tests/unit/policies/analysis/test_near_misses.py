"""Which benefit is missed by least."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from policies.analysis.near_misses import nearest_missed, shortfall
from policies.engine.rule_on_day import RuleOnDay
from policies.loading import load_catalogue
from tests.helpers.households import AS_OF, household, person

CATALOGUE = load_catalogue()


def test_the_nearest_missed_rule_is_the_one_missed_by_least() -> None:
    both = pl.concat(
        [
            household(household_id="h1", income_yuan_month=Decimal("897"), income_age_days=20),
            household(household_id="h2", income_yuan_month=None),
        ],
        how="diagonal_relaxed",
    )
    people = pl.DataFrame([person("p1", household_id="h1", age_years=79, is_alive=True)])
    near = nearest_missed(CATALOGUE, people, both, AS_OF, Decimal("0.2"))
    row = near.filter(household_id="h1").row(0, named=True)
    assert (row["benefit_id"], row["condition_id"], row["distance"]) == ("dibao", "income_below", 37)
    assert row["nearest_zh"] == "最低生活保障：家庭人均收入高出37元"
    assert near.filter(household_id="h2").is_empty()  # not known is not missed


def test_an_age_that_nobody_can_reach_is_no_near_miss() -> None:
    """tried §7: 212 families "just missed" an allowance by 3 to 10 years of age."""
    facts = {"age_years": 79, "is_alive": True, "registration_status_code": "active"}
    people = pl.DataFrame([person("p1", household_id="h1", **facts)])
    far = household(household_id="h1", income_yuan_month=Decimal("9000"), income_age_days=20)
    assert nearest_missed(CATALOGUE, people, far, AS_OF, Decimal("0.2")).is_empty()


@pytest.mark.parametrize(
    ("sql", "is_reachable"),
    [
        ("income_yuan_month < $dibao.standard_yuan_month", True),
        ("burden_12m_yuan > $medical.burden_alert_yuan_year", True),
        ("disaster_days <= $relief.event_days", False),
        ("member_cnt >= 2", False),
        ("burden_month_cnt >= 12", True),
        ("burden_month_cnt < 12", False),
    ],
)
def test_money_is_reached_either_way_and_time_only_forward(sql: str, is_reachable: bool) -> None:
    rule = next(b for b in CATALOGUE.benefits_at(AS_OF) if b.id == "dibao")
    condition = rule.who[0].model_copy(update={"sql": sql})
    measure = shortfall(RuleOnDay(CATALOGUE, rule, AS_OF), condition)
    assert measure is not None and measure.is_reachable is is_reachable
