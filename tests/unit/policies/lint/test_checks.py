"""Bad policy files are refused with file, line and reason."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from policies.catalogue.model import SHIPPED
from policies.engine.evaluate_signals import evaluate_signals
from policies.loading import lint, load_catalogue
from tests.helpers.households import AS_OF, NOBODY, household
from zhaoren.errors import ZhaorenError

pytestmark = pytest.mark.slow


@pytest.fixture()
def house(tmp_path: Path) -> Path:
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
    ("a number as text", I15, "points: 6", "points: '6'", 0, "points: this is no whole number"),
    ("a doubled key", I15, "points: 6", "points: 6\npoints: 3", 1, "the key 'points' stands twice"),
    (
        "an impossible date",
        I15,
        "valid_from: 2020-01-01",
        "valid_from: 2025-02-30",
        0,
        "no day of the calendar",
    ),
    (
        "an undefined fact",
        I15,
        "rent_arrears_month_cnt >=",
        "rent_arrears >=",
        0,
        "there is no fact “rent_arrears” here",
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
    ("a rule that is no SQL", I15, "member_cnt > 0 AND", "member_cnt > AND", 0, "cannot be read at “AND”"),
    (
        "a rule that is no test",
        I15,
        "condition: member_cnt > 0 AND rent_arrears_month_cnt >= $alerts.arrears_month_cnt",
        "condition: rent_arrears_month_cnt",
        0,
        "where true or false is needed",
    ),
    ("a word of SQL", I15, "member_cnt > 0 AND", "COALESCE(member_cnt, 0) > 0 AND", 0, "COALESCE is"),
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
        "there is no fact “income_yuan_month” here",
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
    (
        "a misspelt parameter",
        I15,
        "$alerts.arrears_month_cnt",
        "$arrears_month_cnt",
        0,
        "a parameter is misspelt: $ begins a parameter",
    ),
    (
        "a sentence with an undefined parameter",
        I15,
        "{rent_arrears_month_cnt}个月",
        "{$alerts.arrears}个月",
        0,
        "the sentence names '$alerts.arrears'",
    ),
    (
        "a fact of an unknown type",
        "facts.yaml",
        "type: integer",
        "type: money",
        0,
        "the type of a fact is one of integer, number, yuan",
    ),
    (
        "a parameter that differs by no fact",
        "parameters/medical.yaml",
        "fact: tier_code",
        "fact: tier",
        0,
        "$medical.burden_alert_yuan_year differs by 'tier'",
    ),
    ("not YAML", I15, "id: I15", "id: [I15", None, "not valid YAML"),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "shift", "says"), [c[1:] for c in SPOILED], ids=[c[0] for c in SPOILED]
)
def test_a_bad_file_is_refused_with_its_line(
    house: Path, name: str, old: str, new: str, shift: int | None, says: str
) -> None:
    line = spoil(house, name, old, new)
    with pytest.raises(ZhaorenError) as caught:
        load_catalogue(house)
    problems = lint(house)
    assert says in caught.value.what + "".join(str(problem) for problem in problems)
    told = next(problem for problem in problems if says in problem.what)
    assert told.file.endswith(name)
    if shift is not None:
        assert told.line == line + shift


def test_every_problem_is_reported_not_only_the_first(house: Path) -> None:
    spoil(house, I15, "points: 6", "points: two")
    spoil(house, "signals/I21_unsafe_house.yaml", "points: 1", "points: two")
    assert len(lint(house)) == 2
    with pytest.raises(ZhaorenError, match="1 more"):
        load_catalogue(house)


def test_two_versions_of_a_rule_may_not_overlap(house: Path) -> None:
    assert lint(house) == []  # the old text of dibao ends on the day before the new one begins
    spoil(house, "benefits/dibao.yaml", "valid_to: 2025-12-31\n", "")
    assert [p.what for p in lint(house)] == ["two versions of dibao are in force on 2026-01-01"]


def test_a_number_is_a_fact_like_any_other(house: Path) -> None:
    """In facts.yaml as in a contract: a rule compares it, and a sentence shows it exactly."""
    fact = "  - {name: room_area, entity: household, type: number, unit: m2, zh: 人均住房面积,"
    fact += " sources: [housing_security]}\n"
    (house / "facts.yaml").open("a", encoding="utf-8").write(fact)
    spoil(house, I15, "condition: member_cnt > 0", "condition: room_area > 0 AND member_cnt > 0")
    spoil(house, I15, "{rent_arrears_month_cnt}个月", "{room_area}平方米")
    assert lint(house) == []
    home = household(room_area=Decimal("7.50"), rent_arrears_month_cnt=9)
    rows = evaluate_signals(load_catalogue(house), NOBODY, home, AS_OF).filter(signal_id="I15")
    assert "7.5平方米" in rows["sentence_zh"].item()


COMPLIANCE_FACTS = {
    "its own purposes": "sources: [benefit_roll], purposes: [compliance]",
    "its column's purposes": "sources: [benefit_roll.bank_card]",
    "another column's purposes": "sources: [pension_insurance.contribution_base_yuan_month]",
}


@pytest.mark.parametrize("source", COMPLIANCE_FACTS.values(), ids=COMPLIANCE_FACTS)
def test_what_was_shared_for_compliance_cannot_find_people(house: Path, source: str) -> None:
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


def test_a_fact_may_only_name_extracts_and_columns_that_have_a_contract(house: Path) -> None:
    spoil(house, "facts.yaml", "zh: 周岁, sources: [population]", "zh: 周岁, sources: [vehicles]")
    spoil(house, "facts.yaml", "zh: 性别, sources: [population]", "zh: 性别, sources: [population.shoe_size]")
    whats = [problem.what for problem in lint(house)]
    assert whats[0].endswith("'vehicles' without a contract")
    assert whats[1] == "the contract of 'population' has no column 'shoe_size'"
