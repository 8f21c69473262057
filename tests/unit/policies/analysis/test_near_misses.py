"""Which benefit is missed by least."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from policies.analysis.near_misses import nearest_missed
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
