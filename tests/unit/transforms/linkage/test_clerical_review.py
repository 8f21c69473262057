"""Which doubtful pairs are asked, and what answers about several pairs mean together."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from transforms.linkage.clerical_review import (
    cases,
    cases_to_review,
    confirmed_links,
    contradictions,
    overruled_links,
)

AS_OF = date(2025, 9, 5)
NUMBERED = pl.Series(["K1", "K2", "K3"])


def asked(*pairs: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(pairs, schema=["person_id", "other_person_id"], orient="row")


def answers(*told: tuple[str, str, str], on: date = AS_OF) -> pl.DataFrame:
    """Answers (person, person, decision); the case is named by the two."""
    rows = [(f"{one}-{other}", one, other, decision, on) for one, other, decision in told]
    schema = dict.fromkeys(("case_id", "person_id", "other_person_id", "decision"), pl.String)
    return pl.DataFrame(rows, schema=schema | {"decided_date": pl.Date}, orient="row")


# ---- cases ----


def test_a_case_is_named_by_its_two_persons_alone() -> None:
    one = cases(asked(("P2", "K1"), ("P1", "K1")).with_columns(reason_zh=pl.lit("a")))
    other = cases(asked(("K1", "P1"), ("K1", "P2"), ("P2", "K1")).with_columns(reason_zh=pl.lit("b")))
    assert one.drop("reason_zh").rows() == other.drop("reason_zh").rows()
    assert one.select("person_id", "other_person_id").rows() == [("K1", "P1"), ("K1", "P2")]
    assert one["case_id"].n_unique() == 2
    assert one["case_id"].str.contains("^Q[0-9a-f]{10}$").all()


def test_what_is_decided_is_not_asked_again() -> None:
    open_cases = cases(asked(("K1", "P1"), ("K1", "P2"), ("K1", "P3")))
    names = open_cases["case_id"].to_list()
    told = pl.DataFrame(
        {"case_id": names[:2], "decision": ["same", "different"], "decided_date": [date(2020, 1, 1)] * 2}
    )
    assert cases_to_review(open_cases, told, AS_OF, 90)["case_id"].to_list() == names[2:]


@pytest.mark.parametrize(("days_ago", "is_asked"), [(89, False), (90, True), (400, True)])
def test_what_nobody_could_decide_is_asked_again_after_a_while(days_ago: int, is_asked: bool) -> None:
    open_cases = cases(asked(("K1", "P1")))
    day = date.fromordinal(AS_OF.toordinal() - days_ago)
    told = open_cases.select("case_id", decision=pl.lit("unsure"), decided_date=pl.lit(day))
    assert cases_to_review(open_cases, told, AS_OF, 90).height == is_asked


# ---- contradictions ----


def test_answers_that_can_all_be_true_are_let_be() -> None:
    told = answers(
        ("K1", "P1", "same"), ("K1", "P2", "same"), ("K2", "P1", "different"), ("K2", "P3", "unsure")
    )
    assert contradictions(told, NUMBERED).to_list() == []
    assert contradictions(told.clear(), NUMBERED).to_list() == []


def test_one_with_two_who_are_told_apart_is_a_contradiction_wherever_it_was_said() -> None:
    told = answers(
        ("P1", "P2", "same"), ("P2", "P3", "same"), ("P1", "P3", "different"),
        ("K1", "P9", "same"), ("P3", "P8", "different"), ("P4", "P5", "different"),
    )  # fmt: skip
    assert contradictions(told, NUMBERED).to_list() == ["P1-P2", "P1-P3", "P2-P3"]


def test_nobody_has_two_numbers() -> None:
    told = answers(("K1", "P1", "same"), ("K2", "P1", "same"), ("K3", "P2", "same"))
    assert contradictions(told, NUMBERED).to_list() == ["K1-P1", "K2-P1"]
    chain = answers(("K1", "P1", "same"), ("P1", "P2", "same"), ("K2", "P2", "same"))
    assert contradictions(chain, NUMBERED).to_list() == ["K1-P1", "K2-P2", "P1-P2"]
    assert contradictions(chain, NUMBERED.head(1)).to_list() == []


def test_unless_somebody_says_it_of_the_two_numbers_themselves() -> None:
    told = answers(("K1", "P1", "same"), ("K2", "P1", "same"), ("K1", "K2", "same"))
    assert contradictions(told, NUMBERED).to_list() == []
    third = pl.concat([told, answers(("K3", "P1", "same"))])
    assert contradictions(third, NUMBERED).to_list() == ["K1-K2", "K1-P1", "K2-P1", "K3-P1"]


# ---- what answers do to links ----


def links(*told: tuple[str, str, str]) -> pl.DataFrame:
    names = ("person_id", "other_person_id", "decided_by")
    return pl.DataFrame(told, schema=dict.fromkeys(names, pl.String), orient="row")


def ended(held: pl.DataFrame, told: pl.DataFrame) -> list[tuple[str, str]]:
    return overruled_links(held, told, NUMBERED, "review").rows()


def test_of_a_reviewed_pair_the_one_without_a_number_is_the_one_found() -> None:
    told = answers(
        ("K1", "P1", "same"), ("P2", "K2", "same"), ("P3", "P4", "same"), ("K1", "P5", "different")
    )
    assert confirmed_links(told, NUMBERED).rows() == [("P1", "K1"), ("P2", "K2"), ("P3", "P4")]


def test_links_end_between_those_told_apart() -> None:
    held = links(("P1", "K1", "rules"), ("P2", "K2", "rules"))
    assert ended(held, answers(("K1", "P1", "different"))) == [("P1", "K1")]
    assert ended(held, answers(("K1", "P1", "unsure"))) == []
    assert ended(held, answers()) == []


def test_a_persons_word_goes_before_what_rules_found() -> None:
    held = links(("P1", "K1", "rules"), ("P2", "K1", "rules"))
    assert ended(held, answers(("K2", "P1", "same"))) == [("P1", "K1")]
    assert ended(held, answers(("K1", "P1", "same"))) == []
    assert ended(held, answers(("P1", "P3", "same"))) == []  # no number is spoken of


def test_an_answer_that_is_taken_back_takes_its_link_back() -> None:
    held = links(("P1", "K1", "review"), ("P2", "K2", "review"))
    assert ended(held, answers(("K1", "P1", "unsure"), ("K2", "P2", "same"))) == [("P1", "K1")]
