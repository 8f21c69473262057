"""Each derived fact behind an answer: its formula, what it read, what is missing behind the unknown."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from policies.analysis.derivations import Derivation, derivations
from policies.analysis.trace import trace, wanted
from policies.loading import load_catalogue
from tests.helpers.households import AS_OF, household, person

CATALOGUE = load_catalogue()
ACTIVE = {"registration_status_code": "active"}


def derived(persons: pl.DataFrame, homes: pl.DataFrame, *rules: str) -> dict[str, Derivation]:
    rows = derivations(CATALOGUE, persons, homes, AS_OF, wanted(CATALOGUE, AS_OF, rules))
    assert len({one.name for one in rows}) == len(rows)
    return {one.name: one for one in rows}


def without(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    return frame.drop(names)


def people(*rows: dict) -> pl.DataFrame:
    return pl.DataFrame(list(rows), infer_schema_length=None)


def test_a_count_shows_each_member_and_what_decided() -> None:
    persons = people(
        person("p1", **ACTIVE), person("p2", is_alive=False, registration_status_code="active"), person("p3")
    )
    found = derived(persons, without(household(), "member_cnt"), "dibao")
    count = found["member_cnt"]
    assert (count.formula, count.source, str(count.valid_from)) == (
        "COUNT_MEMBERS(is_member)",
        "本项目口径",
        "2015-01-01",
    )
    (value,) = count.values
    assert value.value == "2" and value.person_id is None
    (word,) = value.members
    assert [(m.person_id, m.counts) for m in word.members] == [("p1", "yes"), ("p2", "no"), ("p3", "yes")]
    assert [(f.zh, f.value, f.is_derived) for f in word.members[1].facts] == [("在世在户", "否", True)]
    # what the members rest on comes once, for each of them, down to the departments
    assert [v.value for v in found["is_member"].values] == ["是", "否", "是"]
    third = found["is_member"].values[2]
    assert third.assumed == ("没有迁出登记的视为在户",) and found["is_member"].values[0].assumed == ()
    assert {f.name: f.sources for f in third.facts}["is_alive"] == ("population", "cremation_marriage")


def test_a_value_that_is_unknown_names_the_facts_behind_it_and_whose() -> None:
    unknown = {"household_id": "h1", "person_id": "p2", "is_alive": None, "child_type_code": "none"}
    found = derived(people(person("p1", **ACTIVE), unknown), without(household(), "member_cnt"), "dibao")
    (value,) = found["member_cnt"].values
    assert value.value == "不详"
    assert [(m.name, m.person_id) for m in value.missing] == [
        ("is_alive", "p2"),
        ("registration_status_code", "p2"),
    ]
    steps = trace(
        CATALOGUE,
        people(person("p1", **ACTIVE), unknown),
        without(household(), "member_cnt"),
        AS_OF,
        ["dibao"],
    )
    assert (steps[0].answer, steps[0].missing) == ("unknown", value.missing)


def test_a_fact_that_would_change_nothing_is_not_named_as_missing() -> None:
    one = person("p1", is_disabled=True, disability_grade=1, disability_type_code=None)
    found = derived(people(one), household(), "nursing_subsidy_disabled", "living_subsidy_disabled", "I01")
    assert all(not value.missing for one in found.values() for value in one.values if value.value != "不详")


def test_a_parameter_that_goes_by_facts_is_shown_with_its_value_and_entry() -> None:
    third = person("p1", is_disabled=True, disability_grade=3, disability_type_code=None)
    rules = [r.id for r in CATALOGUE.rules_at(AS_OF)]
    found = derived(people(third), household(), *rules)
    (value,) = found["is_severe_disabled"].values
    assert value.value == "不详" and [m.name for m in value.missing] == ["disability_type_code"]
    assert [(p.name, p.value) for p in value.parameters] == [
        ("fact_definitions.is_severe_disability", "不详（地区或类别不详）")
    ]
    assert {"disability_grade", "disability_type_code"} <= {f.name for f in value.facts}


def test_where_every_test_holds_the_sum_is_shown_and_what_it_lacks() -> None:
    poor = household(income_yuan_month=Decimal("600"), benefit_stopped_days=None, recognised_days=None)
    steps = trace(CATALOGUE, people(person("p1")), poor, AS_OF, ["dibao"])
    assert [s.is_amount for s in steps] == [False] * 4 + [True]
    assert (steps[-1].zh, steps[-1].answer, steps[-1].missing) == ("金额", "780", ())


def test_a_sum_that_nobody_knows_says_what_is_missing() -> None:
    told = [
        step
        for rule in CATALOGUE.benefits_at(AS_OF)
        for step in trace(CATALOGUE, people(person("p1")), household(), AS_OF, [rule.id])
        if step.is_amount
    ]
    assert told
    for step in told:
        assert (step.answer == "unknown") == bool(step.missing)
