"""A rule's text read once: names, parameters, parts, and where a text that is no rule goes wrong."""

from __future__ import annotations

import pytest

from policies.language.mistakes import Mistake
from policies.language.parsing import parsed
from policies.lint.conditions import not_in_conditions
from policies.lint.expressions import loose_numbers


def test_names_stand_in_the_order_of_the_text_each_once() -> None:
    found = parsed("b < $g.second * a AND NOT b IN ('c', '$g.third') AND a > $g.first")
    assert found.columns == ("b", "a")
    assert found.parameters == ("g.second", "g.first")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a >", "at “>”"),
        ("a AND (b", "bracket is not closed"),
        ("a = 'x", "opened and not closed"),
        ("", "to its end"),
        ("a > 0 -- always", "comments"),
        ("a; b", "one test"),
        ("a > $foo", "$ begins a parameter"),
        ("a > $ g.n", "$ begins a parameter"),
        ("a > ?", "$ begins a parameter"),
    ],
)
def test_a_text_that_is_no_rule_is_refused_with_the_place(text: str, why: str) -> None:
    with pytest.raises(Mistake) as caught:
        parsed(text)
    assert why in caught.value.what and "\n" not in caught.value.what
    assert caught.value.todo


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a / 2 > b", ["/"]),
        ("a IS TRUE OR b IS NOT FALSE", ["IS TRUE", "IS FALSE"]),
        ("SUM(a) > 0", ["SUM"]),
        ("a > (SELECT 1)", ["SELECT"]),
        ("RANDOM() > a", ["RANDOM"]),
        ("d > d2 + INTERVAL '1 month'", ["INTERVAL"]),
        ("EXTRACT(year FROM d) = a", ["FROM"]),
        ("a IS DISTINCT FROM b AND sum_yuan > 0 AND c = 'a / b -- SUM(c)'", []),
        ("a IS NOT NULL AND GREATEST(a, b) BETWEEN 0 AND 1", []),
    ],
)
def test_a_condition_on_a_department_s_rows_holds_only_what_both_engines_answer_alike(
    text: str, words: list[str]
) -> None:
    assert sorted(not_in_conditions(parsed(text))) == sorted(words)


def test_a_number_that_is_policy_belongs_in_a_parameter() -> None:
    text = "a > 18 AND b * 12 >= $g.n60 AND c IN ('390', 2) AND ROUND_UP(d, 10) < 0.5"
    assert [mistake.what.split()[2] for mistake in loose_numbers(parsed(text))] == ["18", "0.5"]
