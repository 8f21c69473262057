"""What if: every change told for the right households, nothing invented where a fact is missing."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from policies.analysis.whatif import by_household, parse_change, what_if, with_changes
from policies.loading import load_catalogue
from zhaoren.errors import ZhaorenError

CATALOGUE = load_catalogue()
AS_OF = date(2025, 9, 5)
NOBODY = pl.DataFrame(schema={"person_id": pl.String, "household_id": pl.String})
# Income a head, tier: paid; just above the standard of 860; well above; unknown.
HOMES = pl.DataFrame(
    {
        "household_id": ["paid", "edge", "far", "unknown"],
        "town_code": ["445281101"] * 4,
        "village_code": [None] * 4,
        "place_tier_code": ["t4_urban"] * 4,
        "member_cnt": [2, 3, 1, 2],
        "tier_code": ["dibao", "none", "none", "none"],
        "income_yuan_month": [Decimal("500.00"), Decimal("870.00"), Decimal("5000.00"), None],
        "income_age_days": [20] * 4,
        "unit_pay_yuan_month": [Decimal("0.00")] * 4,
    },
    schema_overrides={"village_code": pl.String, "income_yuan_month": pl.Decimal(18, 2)},
)


def asked(*texts: str) -> pl.DataFrame:
    changed = with_changes(CATALOGUE, [parse_change(CATALOGUE, text) for text in texts])
    return what_if(CATALOGUE, changed, NOBODY, HOMES, AS_OF).filter(pl.col("benefit_id") == "dibao")


def test_a_higher_standard_pays_the_paid_more_and_lets_the_edge_in() -> None:
    rows = {row["household_id"]: row for row in asked("dibao.standard=+10%").to_dicts()}
    assert rows.keys() == {"paid", "edge"}
    assert rows["paid"]["paid_change_yuan_month"] == Decimal("172.00")  # (946 - 860) x 2
    assert rows["paid"]["gap_change_yuan_month"] is None
    assert (rows["edge"]["eligible_before"], rows["edge"]["eligible_after"]) == ("no", "likely")
    assert rows["edge"]["gap_change_yuan_month"] == Decimal("228.00")  # (946 - 870) x 3


def test_a_lower_standard_takes_all_from_those_who_fall_out() -> None:
    homes = {
        row["household_id"]: row for row in by_household(asked("dibao.standard@t4_urban=400")).to_dicts()
    }
    assert homes.keys() == {"paid"}
    assert homes["paid"]["paid_change_yuan_month"] == Decimal("-720.00")  # (860 - 500) x 2
    assert homes["paid"]["is_losing"] and not homes["paid"]["is_gaining"]


def test_unknown_before_and_after_is_no_change_and_no_money() -> None:
    everyone = asked("dibao.standard=9999")
    assert "unknown" not in everyone["household_id"].to_list()
    assert asked("dibao.standard=+0").is_empty()


def test_changes_of_one_parameter_apply_in_order_and_leave_the_rules_alone() -> None:
    twice = with_changes(
        CATALOGUE, [parse_change(CATALOGUE, t) for t in ("dibao.standard=+10%", "dibao.standard=-46")]
    )
    for catalogue, standard in ((twice, 900), (CATALOGUE, 860)):
        value = catalogue.parameter("dibao.standard_yuan_month").at(AS_OF)
        assert value and value.places and value.places["t4_urban"] == standard


def test_a_city_may_be_given_a_standard_of_its_own() -> None:
    assert set(asked("dibao.standard@4452=1000")["household_id"]) == {"paid", "edge"}
    assert asked("dibao.standard@4453=1000").is_empty()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dibao.standard", "not a change"),
        ("dibao.standard=much", "not a change"),
        ("dibao=5", "no one parameter"),
        ("dibau.standard=5", "No parameter begins so"),
        ("dibao.standard@t9=5", "no value for"),
        ("dibao.standard@4452=+5%", "no value for"),
        ("dibao.edge_multiple@t3=2", "cannot be changed"),
    ],
)
def test_a_change_that_cannot_be_made_is_said(text: str, said: str) -> None:
    with pytest.raises(ZhaorenError, match=said):
        parse_change(CATALOGUE, text)
