"""Which value a row gets by its place, and how far a sum reckoned with it may be relied on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from policies.catalogue.model import Catalogue
from policies.catalogue.own_values import Own
from policies.catalogue.parameter import LocalValue
from policies.catalogue.shapes import Source
from policies.engine.evaluate_benefits import evaluate_benefits
from policies.language.terms import PARAMETER, Term
from policies.loading import load_catalogue
from policies.values.options import parameter_kind
from policies.values.workspace import Workspace
from tests.helpers.households import AS_OF, NOBODY, household, person
from tests.laws.by_engine import law_as_read

CATALOGUE = load_catalogue()
STANDARD = "dibao.standard_yuan_month"
HERE = "445202001"


def own(value: Any = None, place: str | None = "445202", **more: Any) -> LocalValue:
    fields: dict[str, Any] = {"valid_from": date(2025, 1, 1), "status": "verified"}
    source = Source(url="https://a.gov.cn/1")
    return LocalValue.model_validate({"place": place, "value": value, "source": source, **fields, **more})


def having(*values: LocalValue, of: str = STANDARD) -> Catalogue:
    return replace(CATALOGUE, own=Own({of: values}))


def dibao(cat: Catalogue, as_of: date = AS_OF, **facts: Any) -> dict:
    rows = evaluate_benefits(cat, NOBODY, household(**facts), as_of).filter(benefit_id="dibao")
    return rows.row(0, named=True)


def sum_of(row: dict) -> tuple[Any, str, bool]:
    return row["amount_yuan_month"], row["amount_status"], row["is_minimum_amount"]


def test_guangzhou_s_own_standard_is_used_in_guangzhou() -> None:
    """tried §7: the provincial floor of 1,206 was used where the city pays 1,309."""
    facts: dict[str, Any] = {
        "town_code": "440106001",
        "place_tier_code": "t1",
        "income_yuan_month": Decimal("1000.00"),
    }
    assert sum_of(dibao(CATALOGUE, **facts)) == (927, "unverified", False)  # (1309 - 1000) x 3
    assert sum_of(dibao(CATALOGUE, date(2026, 3, 1), **facts)) == (927, "unverified", True)  # carried forward
    between = facts | {"income_yuan_month": Decimal("1250.00")}
    assert dibao(CATALOGUE, **between)["eligible"] == "likely"


def test_a_sum_by_the_provincial_minimum_is_not_less_than_and_not_verified() -> None:
    """tried §7: where a place's own standard is not entered, the floor is a minimum, to be checked."""
    assert sum_of(dibao(CATALOGUE)) == (780, "unverified", True)


def test_the_smallest_place_goes_first_and_the_home_before_the_shipped() -> None:
    values = (own(900, "4452"), own(910, "445202"), own(920, HERE), own(890, None))
    assert sum_of(dibao(having(*values))) == (960, "verified", False)  # 920
    assert sum_of(dibao(having(*values), town_code="445202009"))[0] == 930  # 910
    assert sum_of(dibao(having(*values), town_code="445281001"))[0] == 900  # 900
    guangzhou: dict[str, Any] = {"town_code": "440106001", "place_tier_code": "t1"}
    assert sum_of(dibao(having(*values), **guangzhou))[0] == 870  # 890, though the shipped rules name 广州
    assert sum_of(dibao(having(own(1400, "44")), **guangzhou))[0] == 2400  # the province's code covers it too


def test_an_own_value_holds_from_its_first_day_to_its_last() -> None:
    cat = having(own(900, valid_from=date(2025, 9, 5), valid_to=date(2025, 9, 30)))
    found = [
        dibao(cat, day)["amount_yuan_month"]
        for day in (date(2025, 9, 4), date(2025, 9, 5), date(2025, 10, 1))
    ]
    assert found == [780, 900, 780]


def test_town_and_country_differ_within_a_place_and_unknown_stays_unknown() -> None:
    cat = having(own(residence={"urban": 900, "rural": 700}))
    assert dibao(cat, is_rural=False)["amount_yuan_month"] == 900
    assert dibao(cat, is_rural=True)["amount_yuan_month"] == 300
    row = dibao(cat, is_rural=None)
    assert (row["eligible"], row["missing_facts"]) == ("unknown", "is_rural")


def test_who_lives_nobody_knows_where_may_live_where_another_value_holds() -> None:
    """An own value of a parameter that is one value for everybody else: an unknown town gets neither."""
    cat = having(own(3, "4452"), of="dibao.edge_multiple")
    facts = {"income_yuan_month": Decimal("1500.00"), "income_age_days": 10}
    answers = {
        town: evaluate_benefits(cat, NOBODY, household(town_code=town, **facts), AS_OF)
        .filter(benefit_id="marginal_family")["eligible"]
        .to_list()
        for town in (HERE, "440900001", None)
    }
    assert answers == {HERE: ["likely"], "440900001": [], None: ["unknown"]}


@pytest.mark.parametrize(
    ("age", "category", "amount"),
    [(83, "none", 25), (83, "dibao", 100), (83, None, None), (91, "dibao", 100)],
)
def test_the_old_age_allowance_is_more_on_dibao_and_borrowed(
    age: int, category: str | None, amount: int
) -> None:
    """tried §7: 100 for 80 to 89 on dibao in the source used, 25 for all in the rules."""
    facts = {"age_years": age, "benefit_category_code": category, "registration_status_code": "active"}
    people = pl.DataFrame([person("p1", **facts)])
    row = evaluate_benefits(CATALOGUE, people, household(), AS_OF).filter(benefit_id="elder_allowance")
    assert row["amount_yuan_month"].to_list() == [amount]
    assert row["amount_status"].to_list() == ["borrowed" if amount else None]


def test_relief_is_a_multiple_of_the_standard_by_head_and_no_sum_until_the_place_enters_it() -> None:
    """tried §7: one average of 2,118 yuan was promised, to one person as to six."""
    blow = {"breadwinner_died_days": 60, "member_cnt": 4}

    def relief(cat: Catalogue) -> dict:
        rows = evaluate_benefits(cat, NOBODY, household(**blow), AS_OF)
        return rows.filter(benefit_id="temporary_relief").row(0, named=True)

    row = relief(CATALOGUE)
    assert (row["eligible"], row["amount_once_yuan"], row["amount_status"]) == ("unknown_amount", None, None)
    row = relief(having(own(2, "4452"), of="relief.standard_multiple"))
    assert (row["amount_once_yuan"], row["is_minimum_amount"]) == (6880, True)  # 860 x 2 x 4


@pytest.mark.parametrize(("needs", "answer"), [(True, "yes"), (False, None), (None, "unknown")])
def test_where_a_place_asks_for_six_months_of_care_it_is_tested(
    needs: bool | None, answer: str | None
) -> None:
    """tried §7: "needs care for six months" was not tested; unknown stays unknown."""
    facts = {
        "is_disabled": True,
        "disability_grade": 1,
        "disability_type_code": "2",
        "benefit_category_code": "none",
    }
    facts |= {"is_long_care_needed": needs, "nursing_subsidy_yuan_month": Decimal(0)}
    people = pl.DataFrame([person("p1", town_code=HERE, **facts)], infer_schema_length=1)
    cat = having(own(1, "4452"), of="disability.is_long_care_required")
    rows = evaluate_benefits(cat, people, household(), AS_OF).filter(benefit_id="nursing_subsidy_disabled")
    expected = {"yes": ["likely"], None: [], "unknown": ["unknown"]}[answer]
    assert rows["eligible"].to_list() == expected
    if answer == "unknown":
        assert rows["missing_facts"].to_list() == ["is_long_care_needed"]


def test_a_table_by_season_keeps_the_decimals_of_every_season() -> None:
    """Kentucky leaves 0.333 until April and nothing after; what July, its first month, gives is not all."""
    kind = parameter_kind(law_as_read("kentucky_ktap", None), "deductions.rate")
    assert kind is not None and kind.scale == 3


def by_table(
    *rows: dict[str, Any], place: str = "4401", by: str = "place", fact: str = "town_code"
) -> Catalogue:
    table = {"keys": ({"fact": fact, "by": by},), "rows": list(rows), "otherwise": "unknown"}
    return having(own(None, place, table=table))


def test_a_row_within_a_place_s_own_table_never_holds_elsewhere() -> None:
    """A place's table may name a wider place; the value is then the place's, and nobody else's."""
    cat = by_table({"town_code": "44", "value": 900}, {"town_code": "440106", "value": 950})
    in_city: dict[str, Any] = {"town_code": "440103001", "place_tier_code": "t1"}
    assert sum_of(dibao(cat, **in_city))[0] == 900
    assert sum_of(dibao(cat, **in_city | {"town_code": "440106001"}))[0] == 1050
    assert sum_of(dibao(cat))[0] == sum_of(dibao(CATALOGUE))[0]  # elsewhere in the province nothing changes


def test_what_each_further_one_adds_keeps_its_decimals() -> None:
    """Amounts are rounded once, at the end: a rate of a fact with cents has four decimals and more."""
    row = {
        "member_cnt": {"from": 0},
        "value": 1,
        "further": {"of": "income_yuan_month", "beyond": 0, "add": 1},
    }
    table = {"keys": ({"fact": "member_cnt", "by": "range"},), "rows": [row]}
    cat = having(own(None, None, table=table))
    kind = parameter_kind(cat, STANDARD)
    assert kind is not None and kind.scale == 8
    thirds = {**row, "further": {"of": "income_yuan_month", "beyond": 0, "add": Decimal("0.12345678")}}
    space = Workspace(
        having(own(None, None, table={**table, "rows": [thirds]})),
        NOBODY,
        household(income_yuan_month=Decimal("0.01")),
        AS_OF,
    )
    of = Term(PARAMETER, kind, name=STANDARD)
    assert space.term("household", of)[0] == Decimal("1.00123457")
