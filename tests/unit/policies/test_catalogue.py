"""Bad policy files are refused with file, line and reason; good ones resolve by date and place."""

import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from policies.analysis.near_misses import nearest_missed
from policies.analysis.trace import trace
from policies.analysis.whatif import parse_change, with_changes
from policies.catalogue.model import SHIPPED, Catalogue
from policies.engine.evaluate_benefits import BENEFIT_SCHEMA, evaluate_benefits
from policies.engine.evaluate_signals import SIGNAL_SCHEMA, evaluate_signals, signal_unknowns
from policies.loading import lint, load_catalogue
from zhaoren.errors import ZhaorenError

CATALOGUE = load_catalogue()
AS_OF = date(2025, 9, 5)


@pytest.fixture()
def house(tmp_path) -> Path:
    """A copy of the policy files that a test may spoil."""
    shutil.copytree(SHIPPED, tmp_path / "policies", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return tmp_path / "policies"


def spoil(house: Path, name: str, old: str, new: str) -> int:
    """Replace one text in one file; the line it stood on."""
    path = house / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{name} no longer holds {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


I15 = "signals/I15_rent_arrears.yaml"
SPOILED = [
    ("an unknown key", I15, "points: 6", "points: 6\nweight: 3", 1, "unknown key 'weight'"),
    ("a missing source", I15, "source: {document", "sauce: {document", 0, "unknown key 'sauce'"),
    ("a number as text", I15, "points: 6", "points: '6'", 0, "points: Input should be a valid integer"),
    ("a doubled key", I15, "points: 6", "points: 6\npoints: 3", 1, "the key 'points' stands twice"),
    (
        "an impossible date",
        I15,
        "valid_from: 2020-01-01",
        "valid_from: 2025-02-30",
        0,
        "not a valid timestamp",
    ),
    (
        "an undefined fact",
        I15,
        "rent_arrears_month_cnt >=",
        "rent_arrears >=",
        0,
        "no fact 'rent_arrears' for a household",
    ),
    (
        "an undefined parameter",
        I15,
        "$alerts.arrears_month_cnt",
        "$alerts.arrears",
        0,
        "no parameter $alerts.arrears",
    ),
    (
        "a number in a rule",
        I15,
        ">= $alerts.arrears_month_cnt",
        ">= 3",
        0,
        "the number 3 belongs in a parameter",
    ),
    ("a rule that is no SQL", I15, "member_cnt > 0 AND", "member_cnt > AND", 0, "not valid SQL"),
    (
        "a rule that is no test",
        I15,
        "condition: member_cnt > 0 AND rent_arrears_month_cnt >= $alerts.arrears_month_cnt",
        "condition: rent_arrears_month_cnt",
        0,
        "where a boolean is needed",
    ),
    ("division", I15, "member_cnt > 0 AND", "member_cnt / 2 > 0 AND", 0, "may not use '/'"),
    (
        "a sentence naming no fact",
        I15,
        "{rent_arrears_month_cnt}个月",
        "{arrears}个月",
        0,
        "the sentence names 'arrears'",
    ),
    (
        "too few questions",
        I15,
        "  - 水电费有没有一起欠？\n  - 是否收到催缴或清退通知？\n",
        "",
        None,
        "questions_zh",
    ),
    (
        "an event that may be suppressed",
        "signals/I09_disaster.yaml",
        "cooldown: never",
        "cooldown: by_result",
        None,
        "an event is never suppressed",
    ),
    (
        "a person rule with a bare household fact",
        "benefits/tekun.yaml",
        "sql: household_income_yuan_month",
        "sql: income_yuan_month",
        0,
        "no fact 'income_yuan_month' for a person rule",
    ),
    (
        "overlapping dates",
        "parameters/disability.yaml",
        "valid_to: 2025-12-31",
        "valid_to: 2026-01-01",
        1,
        "two values of $disability.living_subsidy_yuan_month are in force on 2026-01-01",
    ),
    (
        "a value without a source",
        "parameters/elder.yaml",
        "source: {document: 广东省80周岁以上高龄老人政府津贴（未核到原文）}",
        "source: {note: somewhere}",
        0,
        "a url or a document",
    ),
    ("not YAML", I15, "id: I15", "id: [I15", None, "not valid YAML"),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "shift", "says"), [c[1:] for c in SPOILED], ids=[c[0] for c in SPOILED]
)
def test_a_bad_file_is_refused_with_its_line(house, name, old, new, shift, says):
    line = spoil(house, name, old, new)
    with pytest.raises(ZhaorenError) as caught:
        load_catalogue(house)
    problems = lint(house)
    assert says in caught.value.what + "".join(str(problem) for problem in problems)
    told = next(problem for problem in problems if says in problem.what)
    assert told.file.endswith(name)
    if shift is not None:
        assert told.line == line + shift


def test_every_problem_is_reported_not_only_the_first(house):
    spoil(house, I15, "points: 6", "points: two")
    spoil(house, "signals/I21_unsafe_house.yaml", "points: 1", "points: two")
    assert len(lint(house)) == 2
    with pytest.raises(ZhaorenError, match="1 more"):
        load_catalogue(house)


def test_two_versions_of_a_rule_may_not_overlap(house):
    assert lint(house) == []  # the old text of dibao ends on the day before the new one begins
    spoil(house, "benefits/dibao.yaml", "valid_to: 2025-12-31\n", "")
    assert [p.what for p in lint(house)] == ["two versions of dibao are in force on 2026-01-01"]


COMPLIANCE_FACTS = {
    "its own purposes": "sources: [benefit_roll], purposes: [compliance]",
    "its column's purposes": "sources: [benefit_roll.bank_card]",
    "another column's purposes": "sources: [pension_insurance.contribution_base_yuan_month]",
}


@pytest.mark.parametrize("source", COMPLIANCE_FACTS.values(), ids=COMPLIANCE_FACTS)
def test_what_was_shared_for_compliance_cannot_find_people(house, source):
    """Law 6: the same fact is refused to need signals and benefits, and allowed for compliance."""
    fact = f"  - {{name: shares_card, entity: person, type: boolean, unit: '', zh: 共用银行卡, {source}}}\n"
    (house / "facts.yaml").open("a", encoding="utf-8").write(fact)
    spoil(house, "signals/C09_moved_paid.yaml", "condition: is_alive", "condition: shares_card AND is_alive")
    assert lint(house) == []
    line = spoil(
        house, "signals/I08_dropout.yaml", "condition: is_alive", "condition: shares_card AND is_alive"
    )
    spoil(house, "benefits/elder_allowance.yaml", "sql: is_alive", "sql: shares_card AND is_alive")
    told = {(Path(p.file).name, p.what) for p in lint(house)}
    refused = "the fact 'shares_card' may not be used for discovery"
    assert told == {("I08_dropout.yaml", refused), ("elder_allowance.yaml", refused)}
    assert next(p.line for p in lint(house) if "I08" in p.file) == line


def test_a_fact_may_only_name_extracts_and_columns_that_have_a_contract(house):
    spoil(house, "facts.yaml", "zh: 周岁, sources: [population]", "zh: 周岁, sources: [vehicles]")
    spoil(house, "facts.yaml", "zh: 性别, sources: [population]", "zh: 性别, sources: [population.shoe_size]")
    whats = [problem.what for problem in lint(house)]
    assert whats[0].endswith("'vehicles' without a contract")
    assert whats[1] == "the contract of 'population' has no column 'shoe_size'"


def household(**facts) -> pl.DataFrame:
    known = {"member_cnt": 3, "tier_code": "none", "income_yuan_month": Decimal("600.00")}
    row = {"household_id": "h1", "town_code": "445202001", "place_tier_code": "t4_urban"} | known | facts
    return pl.DataFrame([row], infer_schema_length=1)


NOBODY = pl.DataFrame(schema={"person_id": pl.String, "household_id": pl.String})


def dibao(cat, as_of=AS_OF, **facts) -> dict:
    rows = evaluate_benefits(cat, NOBODY, household(**facts), as_of).filter(pl.col("benefit_id") == "dibao")
    return rows.row(0, named=True)


def changed(text: str) -> Catalogue:
    return with_changes(CATALOGUE, [parse_change(CATALOGUE, text)])


def test_a_city_s_own_standard_comes_before_its_tier():
    own = changed("dibao.standard_yuan_month@4452=1000")
    assert dibao(CATALOGUE)["amount_yuan_month"] == Decimal("780.00")
    assert dibao(own)["amount_yuan_month"] == Decimal("1200.00")
    assert dibao(own, town_code="441302001")["amount_yuan_month"] == Decimal("780.00")


def test_changed_values_answer_what_if_and_leave_the_catalogue_alone():
    wider = changed("dibao.standard_yuan_month@t4_urban=700.5")
    assert dibao(wider)["amount_yuan_month"] == Decimal("302.00")  # 100.5 x 3 = 301.5, up to the yuan
    assert dibao(CATALOGUE)["amount_yuan_month"] == Decimal("780.00")
    with pytest.raises(ZhaorenError, match="no parameter"):
        changed("dibao.standart=1")


def test_a_parameter_without_a_value_on_the_day_is_unknown_and_named():
    assert dibao(CATALOGUE, as_of=date(2021, 1, 1))["eligible"] == "likely"
    assert CATALOGUE.parameter("dibao.standard_yuan_month").at(date(2020, 12, 31)) is None
    early = next(b for b in CATALOGUE.benefits if b.id == "dibao").model_copy(
        update={"valid_from": date(2019, 1, 1)}
    )
    rows = evaluate_benefits(replace(CATALOGUE, benefits=(early,)), NOBODY, household(), date(2020, 12, 31))
    assert rows["eligible"].to_list() == ["unknown"]
    assert rows["missing_facts"].to_list() == ["$dibao.standard_yuan_month"]


def person(person_id: str, **facts) -> dict:
    return {"person_id": person_id, "household_id": "h1", "is_alive": True, "child_type_code": "none"} | facts


def test_benefits_that_exclude_each_other_are_owed_once():
    """An elder with a severe disability could have tekun or dibao alone, not both."""
    facts = {"age_years": 70, "is_severe_disabled": True, "benefit_category_code": "marginal"}
    facts |= {"has_supporter": False}
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


def test_a_household_s_benefit_counts_where_it_is_the_larger():
    people = pl.DataFrame([person("p1", age_years=70, benefit_category_code="none", has_supporter=False)])
    home = household(income_yuan_month=Decimal("10.00"), worker_cnt=0, adult_cnt=0)
    rows = evaluate_benefits(CATALOGUE, people, home, AS_OF).drop_nulls("gap_yuan_month")
    gaps = dict(zip(rows["benefit_id"], rows["gap_yuan_month"], strict=True))
    assert gaps == {"dibao": Decimal("2550.00"), "tekun": Decimal("0.00")}  # (860 - 10) x 3


def test_frames_without_any_fact_answer_unknown_never_no_risk():
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
    assert told["sources"].str.len_chars().min() > 0


def test_answers_have_their_columns_and_do_not_depend_on_row_order():
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


def test_an_event_names_its_day_and_fades():
    home = household(disaster_days=10, house_damage_code="slight", disaster_loss_yuan=Decimal("1200.00"))
    row = evaluate_signals(CATALOGUE, NOBODY, home, AS_OF).row(0, named=True)
    assert (row["signal_id"], row["fact_date"], row["is_event"]) == ("I09", date(2025, 8, 26), True)
    window = changed("alerts.disaster_days=9999")
    old = household(disaster_days=121, house_damage_code="slight", disaster_loss_yuan=Decimal("1200.00"))
    assert evaluate_signals(window, NOBODY, old, AS_OF).is_empty()  # past decay_days, whatever the window


def test_a_person_outside_any_household_is_not_lost():
    people = pl.DataFrame([person("p9", household_id=None, age_years=85, registration_status_code="active")])
    rows = evaluate_benefits(CATALOGUE, people, household(), AS_OF).filter(pl.col("person_id") == "p9")
    assert rows.filter(pl.col("benefit_id") == "elder_allowance")["eligible"].to_list() == ["likely"]
    assert rows.filter(pl.col("benefit_id") == "tekun")["eligible"].to_list() == ["unknown"]


def test_a_trace_shows_every_test_with_what_it_saw():
    steps = trace(CATALOGUE, NOBODY, household(income_yuan_month=None), AS_OF, ["dibao"])
    assert [s.answer for s in steps] == ["yes", "yes", "unknown", "yes"]
    assert [(f.zh, f.value) for f in steps[0].facts] == [("在世在户人数", "3")]
    assert [(f.zh, f.value) for f in steps[2].facts] == [("家庭人均收入", "不详")]
    assert "benefit_roll" in steps[2].facts[0].sources
    used = steps[2].parameters[0]
    assert (used.zh, used.value, used.status) == (
        "最低生活保障省定最低标准",
        "860",
        "unverified",
    ) and used.source
    with pytest.raises(ZhaorenError, match="no rule heating"):
        trace(CATALOGUE, NOBODY, household(), AS_OF, ["heating"])


def test_a_missed_line_says_by_how_much():
    above = household(income_yuan_month=Decimal("897"), income_age_days=20)
    steps = trace(CATALOGUE, NOBODY, above, AS_OF, ["dibao"])
    assert [s.missed_zh for s in steps] == ["", "", "家庭人均收入高出37元", ""]
    at_line = household(income_yuan_month=Decimal("860"), income_age_days=20)
    assert trace(CATALOGUE, NOBODY, at_line, AS_OF, ["dibao"])[2].missed_zh == "家庭人均收入恰为界线"


def test_the_nearest_missed_rule_is_the_one_missed_by_least():
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
