"""Whom we believe where departments differ: worked examples of sex, birth date, residence and name."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from flows.context.parameters import group
from policies.loading import load_catalogue
from tests.helpers.core import (
    ADULT,
    AS_OF,
    FEB,
    JAN,
    MAR,
    VILLAGE,
    as_known,
    core_of,
    core_rows,
    golden,
    month_before,
    parameters,
    persons,
    population,
    resident,
    survivorship,
)
from transforms.golden_record.golden_record import GOLDEN_COLUMNS
from transforms.golden_record.reports import DTYPES, attribute_reports
from transforms.golden_record.rules import ATTRIBUTES, SurvivorshipRules
from transforms.golden_record.survivorship import SurvivorshipRule, disagreements, surviving_values
from zhaoren.errors import ZhaorenError

SEX = survivorship().attributes["sex_code"]
M, F = "1", "2"


def reports(words: dict[str, Any], person: str = "a") -> pl.DataFrame:
    """One row per source."""
    rows = [(person, source, value, JAN) for source, value in words.items()]
    return pl.DataFrame(rows, schema=["person_id", "source", "value", "known_date"], orient="row")


# ---- the rule itself, as a table that policy staff can read ----

EXAMPLES: dict[str, tuple[dict[str, str | None], tuple[Any, ...]]] = {
    # who says what → believed, whose word, share that agrees, overruled, conflict
    "all agree": (
        {"id_number": F, "population": F, "enrolment": F},
        (F, "id_number", 1.0, False, False),
    ),
    "police says male, the medical insurance female: police goes first": (
        {"population": M, "enrolment": F},
        (M, "population", 0.5, False, True),
    ),
    "police says male, four others female: the others are believed": (
        {"population": M, "enrolment": F, "pension_insurance": F, "disability_card": F, "student_aid": F},
        (F, "enrolment", 0.8, True, True),
    ),
    "three of four others are enough": (
        {"population": M, "enrolment": F, "pension_insurance": F, "disability_card": F, "student_aid": M},
        (F, "enrolment", 0.6, True, True),
    ),
    "three of five others are not": (
        {
            "population": M,
            "enrolment": F,
            "pension_insurance": F,
            "disability_card": F,
            "student_aid": M,
            "benefit_roll": M,
        },
        (M, "population", 0.5, False, True),
    ),
    "two others are too few": (
        {"population": M, "enrolment": F, "pension_insurance": F},
        (M, "population", 1 / 3, False, True),
    ),
    "the number's own sex goes before police's column": (
        {"id_number": F, "population": M},
        (F, "id_number", 0.5, False, True),
    ),
    "police and two more overrule the number": (
        {"id_number": F, "population": M, "enrolment": M, "disaster": M},
        (M, "population", 0.75, True, True),
    ),
    "a source nobody ranked comes last": (
        {"worker_hardship": F, "benefit_roll": M},
        (M, "benefit_roll", 0.5, False, True),
    ),
    "of two unranked ones the first by name": (
        {"worker_hardship": F, "disaster": M},
        (M, "disaster", 0.5, False, True),
    ),
    "a blank is no word": (
        {"population": None, "enrolment": F},
        (F, "enrolment", 1.0, False, False),
    ),
}


@pytest.mark.parametrize("case", EXAMPLES)
def test_whose_word_counts(case: str) -> None:
    words, (value, source, share, agreed, conflict) = EXAMPLES[case]
    (row,) = surviving_values(reports(words), SEX).to_dicts()
    assert row == {
        "person_id": "a",
        "value": value,
        "source": source,
        "source_cnt": sum(v is not None for v in words.values()),
        "agreement_share": pytest.approx(share),
        "is_agreed": agreed,
        "is_conflict": conflict,
    }


def test_residence_is_never_put_to_the_vote() -> None:
    words = {"dwelling": "A", "enrolment": "B", "elder_care": "B", "child_welfare": "B", "disaster": "B"}
    (row,) = surviving_values(reports(words), survivorship().attributes["village_code"]).to_dicts()
    assert (row["value"], row["source"], row["is_agreed"], row["is_conflict"]) == (
        "A",
        "dwelling",
        False,
        True,
    )


def test_the_rule_serves_any_column_names_too() -> None:
    words = {"enrolment": "王小娟", "benefit_roll": "王小娟", "disaster": "王小娟", "population": "王晓娟"}
    (row,) = surviving_values(reports(words), survivorship().attributes["name"]).to_dicts()
    assert (row["value"], row["source"], row["agreement_share"]) == ("王晓娟", "population", 0.25)
    listed = disagreements(
        reports(words), surviving_values(reports(words), survivorship().attributes["name"])
    )
    assert listed.filter("is_chosen")["value"].to_list() == ["王晓娟"] and listed.height == 4


def test_nobody_reported_on_has_no_surviving_value() -> None:
    empty = reports({"population": M}).clear()
    assert (
        surviving_values(empty, SEX).is_empty()
        and disagreements(empty, surviving_values(empty, SEX)).is_empty()
    )


def by_hand(words: dict[str, str], rule: SurvivorshipRule) -> tuple[str, str, bool]:
    """The rule told once more, one person at a time."""
    order = [s for s in (*rule.sources, *sorted(set(words) - set(rule.sources))) if s in words]
    first = words[order[0]]
    votes = Counter(words[s] for s in order if words[s] != first)
    for value, count in sorted(
        votes.items(), key=lambda v: (-v[1], next(order.index(s) for s in order if words[s] == v[0]))
    ):
        enough = count >= rule.agreeing_cnt and count >= (len(order) - 1) * rule.agreeing_share
        if rule.agreeing_cnt and enough:
            return value, next(s for s in order if words[s] == value), True
        break
    return first, order[0], False


@pytest.mark.parametrize("seed", range(5))
def test_many_random_persons_are_settled_as_by_hand(seed: int) -> None:
    rng = random.Random(seed)
    rule = SurvivorshipRule(("b", "d", "a"), rng.randrange(4), Decimal(rng.choice(["0", "0.5", "0.75", "1"])))
    told = {
        f"p{i}": {s: rng.choice("xyz") for s in rng.sample("abcdef", rng.randrange(1, 7))} for i in range(300)
    }
    frame = pl.concat(reports(words, person) for person, words in told.items())
    found = surviving_values(frame.sample(fraction=1.0, shuffle=True, seed=seed), rule)
    assert found.select("person_id", "value", "source", "is_agreed").rows() == [
        (person, *by_hand(told[person], rule)) for person in sorted(told)
    ]
    assert found.equals(surviving_values(frame, rule))


# ---- the reports are found wherever a contract brings the column ----


def number_of(person: str, sex: str, born: date) -> pl.DataFrame:
    return pl.DataFrame(
        {"person_id": [person], "id_birth_date": [born], "id_sex_code": [sex], "has_number": [True]}
    )


def test_each_source_speaks_once_with_its_newest_word() -> None:
    core = core_of(
        population=[
            population(resident("a", ADULT, sex_code=M)),
            population(resident("a", ADULT, sex_code=F), known=FEB),
        ],
        enrolment=[
            core_rows("enrolment", JAN, [{"person_id": "a", "sex_code": M}]),
            core_rows("enrolment", FEB, [{"person_id": "a", "sex_code": None}]),  # a blank takes nothing back
        ],
        settlement=core_rows("settlement", JAN, [{"person_id": "a"}]),  # has no such column
        person=number_of("a", F, ADULT),
    )
    found = attribute_reports(as_known(core), "sex_code", ())
    told = {(source, value, known) for _, source, value, known in found.iter_rows()}
    assert told == {("population", F, FEB), ("enrolment", M, JAN), ("id_number", F, None)}
    earlier = attribute_reports(as_known(core, JAN), "sex_code", ())
    assert {(s, v) for _, s, v, _ in earlier.iter_rows()} == {
        ("population", M),
        ("enrolment", M),
        ("id_number", F),
    }


def test_a_birth_after_the_date_is_no_birth_date() -> None:
    """Tried §1 case 44: homes may hold such rows from before they were refused; no age is negative."""
    row = resident("a", date(2050, 12, 31))
    core = core_of(population=population(row), person=number_of("a", F, date(2099, 1, 1)))
    assert attribute_reports(as_known(core), "birth_date", ()).is_empty()


def test_a_restricted_source_is_not_asked() -> None:
    """That a custody file knows of somebody would say by itself where they are."""
    held = {"person_id": "a", "sex_code": F, "village_code": VILLAGE, "custody_from_date": JAN}
    core = core_of(population=population(resident("a", ADULT)), custody=core_rows("custody", JAN, [held]))
    found = golden(core, AS_OF)
    assert (found.persons["sex_source_cnt"].to_list(), found.conflicts.height) == ([1], 0)


MOVED = "440103001001"
WHERE = [
    # dwelling in the last roll, in the newest; registered; other departments → lives in, whose word
    ("as registered", None, None, VILLAGE, None, VILLAGE, "population", False),
    ("lives elsewhere", MOVED, MOVED, VILLAGE, None, MOVED, "dwelling", False),
    ("went home again", MOVED, None, VILLAGE, None, VILLAGE, "population", False),
    ("moved away this month", None, MOVED, VILLAGE, VILLAGE, MOVED, "dwelling", True),
    ("only the benefit roll knows", None, None, None, MOVED, MOVED, "benefit_roll", False),
    ("the roll has another village", None, None, VILLAGE, MOVED, VILLAGE, "population", True),
]


@pytest.mark.parametrize(
    ("before", "now", "registered", "paid", "lives", "source", "conflict"),
    [w[1:] for w in WHERE],
    ids=[w[0] for w in WHERE],
)
def test_where_a_person_lives(
    before: str | None,
    now: str | None,
    registered: str | None,
    paid: str | None,
    lives: str,
    source: str,
    conflict: bool,
) -> None:
    def roll(dwelling: str | None, known: date) -> pl.DataFrame:
        return population(
            resident("a", ADULT, village_code=registered, dwelling_village_code=dwelling), known=known
        )

    core = core_of(population=[roll(before, JAN), roll(now, FEB)])
    if paid:
        core["benefit_roll"] = core_rows("benefit_roll", JAN, [{"person_id": "a", "village_code": paid}])
    # A number first issued far away says nothing of where its bearer lives.
    core["person"] = number_of("a", M, ADULT)
    row = golden(core, AS_OF).persons.to_dicts()[0]
    assert (row["village_code"], row["village_source"], row["has_village_conflict"]) == (
        lives,
        source,
        conflict,
    )
    assert persons(core)["a"]["village_code"] == lives and persons(core)["a"]["town_code"] == lives[:9]


def test_the_panel_takes_age_and_sex_from_what_was_surviving_values() -> None:
    core = core_of(
        population=population(resident("a", date(1968, 5, 1), sex_code=M)),
        enrolment=core_rows(
            "enrolment", JAN, [{"person_id": "b", "sex_code": F, "birth_date": date(2016, 3, 10)}]
        ),
        person=number_of("a", F, date(1986, 5, 1)),
    )
    who = persons(core)
    assert (who["a"]["age_years"], who["a"]["sex_code"]) == (39, F)  # the number against a slip of the pen
    assert (who["b"]["age_years"], who["b"]["sex_code"]) == (10, F)  # a child on no population roll


def test_conflicts_name_every_source_and_what_was_chosen() -> None:
    core = core_of(
        population=population(resident("a", ADULT, sex_code=M), resident("b", ADULT)),
        enrolment=core_rows(
            "enrolment", FEB, [{"person_id": "a", "sex_code": F}, {"person_id": "b", "sex_code": M}]
        ),
    )
    found = golden(core, AS_OF).conflicts
    assert found.rows() == [
        ("a", "sex_code", F, "enrolment", FEB, False),
        ("a", "sex_code", M, "population", JAN, True),
    ]
    assert golden(core, JAN).conflicts.is_empty()  # the insurance had not spoken yet


def test_no_identifier_is_among_the_columns() -> None:
    core = core_of(population=population(resident("a", ADULT)))
    found = golden(core, AS_OF)
    assert dict(found.persons.schema.items()) == {n: pl.Schema({n: t})[n] for n, t in GOLDEN_COLUMNS.items()}
    assert not [
        c for f in (found.persons, found.conflicts) for c in f.columns if "id_number" in c or c == "name"
    ]


# ---- precedence is a dated parameter ----


def test_precedence_changes_on_its_day() -> None:
    """Until the end of 2025 the medical insurance goes first here, from 2026 on the police."""
    shipped = parameters("identity")
    old = SurvivorshipRules.from_mapping({**shipped, "sex_code_sources": "enrolment, population"})
    new = SurvivorshipRules.from_mapping({**shipped, "sex_code_sources": "population,enrolment"})
    core = core_of(
        population=population(resident("a", ADULT, sex_code=M)),
        enrolment=core_rows("enrolment", JAN, [{"person_id": "a", "sex_code": F}]),
    )
    assert [golden(core, rules=rules).persons["sex_code"].item() for rules in (old, new)] == [F, M]


def test_the_shipped_rules_are_read_for_the_day_asked() -> None:
    shipped = load_catalogue()
    assert SurvivorshipRules.from_mapping(group(shipped, "identity", AS_OF)) == survivorship()
    with pytest.raises(ZhaorenError, match="no value on 2014-12-31"):
        group(shipped, "identity", date(2014, 12, 31))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"agreeing_share": None, "agreeing_shares": 1}, "agreeing_share, agreeing_shares"),
        ({"death_reports": "population:dead"}, "death_reports: population:dead"),
        ({"alive_roll_reports": "population.status@"}, "alive_roll_reports: population.status@"),
    ],
)
def test_a_parameter_that_does_not_fit_is_named(change: dict[str, Any], named: str) -> None:
    values = {**parameters("identity"), **change}
    values = {name: value for name, value in values.items() if value is not None}
    with pytest.raises(ZhaorenError) as caught:
        SurvivorshipRules.from_mapping(values)
    assert named in str(caught.value) and "identity.yaml" in str(caught.value)


def test_the_sources_named_are_contracts_of_ours() -> None:
    """A misspelt source would lose its place in silence."""
    ours = {"id_number", "dwelling", "death_visit"}
    rules = survivorship()
    extracts = {
        f.stem for f in (load_catalogue().root.parent / "data_contracts" / "extracts").glob("*/*.yaml")
    }
    named = {s for a in ATTRIBUTES for s in rules.attributes[a].sources} | set(rules.ignored)
    named |= {*rules.deaths.registers, *rules.deaths.followers, *rules.deaths.confirming}
    assert named <= extracts | ours
    for told in (*rules.deaths.reports, *rules.deaths.alive_events, *rules.deaths.alive_rolls):
        if told.extract not in ours:
            frame = core_rows(told.extract, JAN, [])
            assert {told.day, told.column or told.day} <= set(frame.columns), told
    assert set(rules.deaths.result_codes) <= {c.code for c in load_catalogue().result_codes}


# ---- speed ----


TELLING = [
    "population",
    "enrolment",
    "pension_insurance",
    "disability_card",
    "student_aid",
    "benefit_roll",
    "elder_care",
    "child_welfare",
    "poverty_watch",
    "housing_security",
    "unemployment",
    "disaster",
    "major_illness",
    "temporary_relief",
    "worker_hardship",
    "cremation_marriage",
]


def wide_core(size: int) -> dict[str, pl.DataFrame]:
    """Two months of every extract that tells a sex, a birth date and a village, `size` rows each."""
    n = pl.col("row_no")
    core = {}
    for extract in TELLING:
        wrong = n % 97 == len(extract)
        given = {
            "person_id": pl.format("p{}", n),
            "sex_code": pl.when(wrong).then(pl.lit(M)).otherwise(pl.lit(F)),
            "birth_date": pl.date(1950 + n % 70, 5, 1),
            "village_code": pl.when(wrong).then(pl.lit(MOVED)).otherwise(pl.lit(VILLAGE)),
            "registration_status_code": pl.lit("active"),
            "row_no": n,
        }
        schema = core_rows(extract, JAN, []).schema
        blank = {name: pl.lit(None, dtype=kind) for name, kind in schema.items()}
        rows = pl.select(row_no=pl.int_range(size)).select(
            **{**blank, **{k: given[k] for k in given if k in blank}}
        )
        months = [
            rows.with_columns(
                known_date=pl.lit(day), period_month=pl.lit(month_before(day)), delivery_id=pl.lit(str(day))
            )
            for day in (FEB, MAR)
        ]
        core[extract] = pl.concat(months)
    return core


def test_the_order_of_rows_changes_nothing() -> None:
    core = wide_core(5_000)
    found = golden(core, AS_OF)
    assert found.persons.height == 5_000 and found.conflicts.height > 100
    mixed = {name: frame.sample(fraction=1.0, shuffle=True, seed=3) for name, frame in core.items()}
    again = golden(mixed, AS_OF)
    assert again.persons.equals(found.persons) and again.conflicts.equals(found.conflicts)


def test_every_attribute_settled_has_a_rule() -> None:
    assert set(DTYPES) < set(ATTRIBUTES) == set(survivorship().attributes)
