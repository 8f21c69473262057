"""The SQL texts of a rule, where each stands in its file, and the types of the facts they read."""

from __future__ import annotations

from collections.abc import Iterator

from data_contracts.loading.declared_facts import FACT_DTYPES
from policies.catalogue.benefit import Benefit
from policies.catalogue.model import Catalogue
from policies.catalogue.signal import Level, Sentence, Signal
from policies.catalogue.yaml_source import Key, YamlFile

DTYPES = dict(FACT_DTYPES)
Rule = Benefit | Signal


def rule_file(cat: Catalogue, rule: Rule) -> YamlFile:
    """The file a rule was read from."""
    folder = "benefits" if isinstance(rule, Benefit) else "signals"
    return cat.files[f"{folder}/{rule.id}@{rule.valid_from}"]


def rule_texts(rule: Rule) -> Iterator[tuple[Key, str, str]]:
    """Every SQL text of a rule: its place in the file, the text, what it must give (boolean, yuan, days)."""
    if isinstance(rule, Benefit):
        for i, condition in enumerate(rule.who):
            yield ("who", i, "sql"), condition.sql, "boolean"
        if rule.receiving_sql:
            yield ("receiving_sql",), rule.receiving_sql, "boolean"
        for key in ("amount_sql", "amount_once_sql", "received_sql", "since"):
            if getattr(rule, key):
                yield (key,), getattr(rule, key), "days" if key == "since" else "yuan"
        return
    yield ("condition",), rule.condition, "boolean"
    if rule.value:
        yield ("value",), rule.value, "yuan"
    chosen: tuple[tuple[str, tuple[Level | Sentence, ...]], ...] = (
        ("level", rule.level),
        ("sentence", rule.sentence),
    )
    for name, choices in chosen:
        for i, choice in enumerate(choices):
            if choice.when:
                yield (name, i, "when"), choice.when, "boolean"
