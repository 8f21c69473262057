"""The SQL texts of a rule, where each is in its file, and the types of the facts they read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from policies.catalogue.benefit import Benefit
from policies.catalogue.model import Catalogue, Rule
from policies.catalogue.signal import Level, Sentence
from zhaoren.yaml_lines import Place, YamlFile


def rule_file(cat: Catalogue, rule: Rule) -> YamlFile:
    """The file a rule was read from."""
    return cat.files[rule_key(rule)]


def rule_key(rule: Rule) -> str:
    """How the catalogue calls the file of a rule's version."""
    folder = "benefits" if isinstance(rule, Benefit) else "signals"
    return f"{folder}/{rule.id}@{rule.valid_from}" + (f"@{rule.place}" if rule.place else "")


class RuleText(NamedTuple):
    """One SQL text of a rule: its place in the file, the text, and what it must give."""

    key: Place
    sql: str
    gives: Literal["boolean", "yuan", "days"]


def rule_texts(rule: Rule) -> Iterator[RuleText]:
    """Every SQL text of a rule, in the order of its file."""
    if isinstance(rule, Benefit):
        for i, condition in enumerate(rule.who):
            yield RuleText(("who", i, "sql"), condition.sql, "boolean")
        if rule.receiving_sql:
            yield RuleText(("receiving_sql",), rule.receiving_sql, "boolean")
        for key in ("amount_sql", "amount_once_sql", "received_sql", "since"):
            if getattr(rule, key):
                yield RuleText((key,), getattr(rule, key), "days" if key == "since" else "yuan")
        return
    yield RuleText(("condition",), rule.condition, "boolean")
    if rule.value:
        yield RuleText(("value",), rule.value, "yuan")
    chosen: tuple[tuple[str, tuple[Level | Sentence, ...]], ...] = (
        ("level", rule.level),
        ("sentence", rule.sentence),
    )
    for name, choices in chosen:
        for i, choice in enumerate(choices):
            if choice.when:
                yield RuleText((name, i, "when"), choice.when, "boolean")
