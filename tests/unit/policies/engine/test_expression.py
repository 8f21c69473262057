"""A rule's SQL read once: names, parameters, parts, and what a rule may not hold."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from policies.catalogue.rule_texts import Rule, rule_texts
from policies.catalogue.shapes import Entity
from policies.engine.sql import columns_read, compiled, with_parameters
from policies.language.parsing import parsed
from policies.lint.expressions import loose_numbers, refused_words
from policies.loading import load_catalogue
from zhaoren.errors import ZhaorenError

CATALOGUE = load_catalogue()
RULES: list[Rule] = [*CATALOGUE.benefits, *CATALOGUE.signals]
TEXTS = sorted({t.sql for rule in RULES for t in rule_texts(rule)})


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a AND b", ["a", "b"]),
        ("a BETWEEN 1 AND 2 AND b", ["a BETWEEN 1 AND 2", "b"]),
        ("(a OR b) AND c", ["(a OR b)", "c"]),
        ("(a AND b) AND c", ["(a AND b)", "c"]),
        ("a AND b OR c", ["a AND b OR c"]),
        ("CASE WHEN a AND b THEN c ELSE d END AND e", ["CASE WHEN a AND b THEN c ELSE d END", "e"]),
        ("a = 'x AND y' AND b", ["a = 'x AND y'", "b"]),
        ("a < $g.n AND b", ["a < $g.n", "b"]),
        ("a", ["a"]),
    ],
)
def test_a_test_is_taken_apart_only_where_all_parts_must_hold(text: str, parts: list[str]) -> None:
    assert [part.text for part in parsed(text).conjuncts] == parts


def test_names_stand_in_the_order_of_the_text_each_once() -> None:
    found = parsed("b < $g.second * a AND NOT b IN ('c', '$g.third') AND a > $g.first")
    assert found.columns == ("b", "a")
    assert found.parameters == ("g.second", "g.first")


@pytest.mark.parametrize("text", TEXTS)
def test_the_tree_reads_the_columns_that_polars_reads(text: str) -> None:
    plain = text
    for name in sorted(parsed(text).parameters, key=len, reverse=True):  # one name may begin another
        plain = plain.replace(f"${name}", "NULL")
    assert set(parsed(text).columns) == set(compiled(plain).meta.root_names())


def test_values_go_into_the_places_of_parameters_and_nowhere_else() -> None:
    """A parameter whose name begins another's, text that looks like a parameter, Chinese before it."""
    text = "x = '汉字 $dibao.edge_multiple' AND  y <= $dibao.edge_multiple"
    day = date(2025, 9, 5)
    put = with_parameters(CATALOGUE, text, day, "household")
    assert put.startswith("x = '汉字 $dibao.edge_multiple' AND  y <= CAST(") and "$" not in put[30:]


@pytest.mark.parametrize(
    ("entity", "column"), [("household", "place_tier_code"), ("person", "household_place_tier_code")]
)
def test_what_a_parameter_differs_by_is_read_too(entity: Entity, column: str) -> None:
    text = "household_id IS NOT NULL AND $minimum_wage.standard_yuan_month > 0"
    day = date(2025, 9, 5)
    read = columns_read(CATALOGUE, text, day, entity)
    assert read == ["household_id", "town_code", column]
    assert read == list(parsed(with_parameters(CATALOGUE, text, day, entity)).columns)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a >", "at “>”"),
        ("a AND (b", "at “b”"),
        ("a = 'x", "to its end"),
        ("", "to its end"),
        ("a > $foo", "$ begins a parameter"),
        ("a > $ g.n", "$ begins a parameter"),
        ("a > ?", "$ begins a parameter"),
    ],
)
def test_a_text_that_is_no_rule_is_refused_with_the_place(text: str, why: str) -> None:
    with pytest.raises(ZhaorenError) as caught:
        parsed(text)
    assert why in caught.value.why and "\n" not in caught.value.why


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a / 2 > b", ["/"]),
        ("a IS TRUE OR b IS NOT FALSE", ["IS TRUE", "IS FALSE"]),
        ("SUM(a) > 0", ["SUM"]),
        ("a > (SELECT 1)", ["SELECT"]),
        ("RANDOM() > a", ["RANDOM"]),
        ("d > d2 + INTERVAL '1 month'", ["INTERVAL"]),
        ("a > 0 -- always", ["--"]),
        ("a; b", [";"]),
        ("EXTRACT(year FROM d) = a", ["FROM"]),
        ("a IS DISTINCT FROM b AND sum_yuan > 0 AND c = 'a / b -- SUM(c)'", []),
        ("a IS NOT NULL AND GREATEST(a, b) BETWEEN 0 AND 1", []),
    ],
)
def test_what_the_engines_answer_differently_is_refused(text: str, words: list[str]) -> None:
    assert sorted(refused_words(parsed(text))) == sorted(words)


def test_a_number_that_is_policy_belongs_in_a_parameter() -> None:
    text = "a > 18 AND b * 12 >= $g.n60 AND c IN ('390', 2) AND CAST(d AS DECIMAL(18, 2)) < 0.5"
    assert loose_numbers(parsed(text)) == ["18", "0.5"]


def test_no_shipped_rule_holds_either() -> None:
    assert [
        (t, refused_words(parsed(t)), loose_numbers(parsed(t)))
        for t in TEXTS
        if refused_words(parsed(t)) or loose_numbers(parsed(t))
    ] == []


def test_only_choices_and_products_take_long() -> None:
    costly = {
        t: parsed(t).has_choice_or_product
        for t in ("a * 2 > b", "CASE WHEN a THEN b END", "a = '*'", "a + b > c")
    }
    assert list(costly.values()) == [True, True, False, False]


def test_parts_written_from_the_tree_run_on_polars() -> None:
    frame = pl.DataFrame({"a": [1, None, 3], "b": ["x", "y", None]})
    for text in ("a IS NOT NULL AND b NOT IN ('x')", "a NOT BETWEEN 2 AND 4 AND b IS DISTINCT FROM 'y'"):
        parts = [compiled(part.text) for part in parsed(text).conjuncts]
        whole = frame.select(compiled(text).alias("x"))["x"].to_list()
        assert frame.select(pl.all_horizontal(parts).alias("x"))["x"].to_list() == whole
