"""Why an answer came out as it did: every test of a rule for one person or household, and what it saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from zhaoren.errors import ZhaorenError
from zhaoren.policies import sql
from zhaoren.policies.catalogue import KEYS, Catalogue
from zhaoren.policies.frames import rule_frames
from zhaoren.policies.schema import Benefit, Signal
from zhaoren.policies.signals import signal_sql


@dataclass(frozen=True)
class RuleStep:
    """One test: its Chinese text and clause, the answer (yes, no, unknown), and the facts and values it saw.

    `values` maps a fact's Chinese name to its value as text, 「不详」 when it is not known; `parameters`
    maps a parameter's Chinese name to its value, status and source.
    """

    rule_id: str
    zh: str
    clause: str
    answer: str
    sql: str
    values: dict[str, str]
    parameters: dict[str, str]


def trace(
    cat: Catalogue, persons: pl.DataFrame, households: pl.DataFrame, as_of: date, rule_id: str
) -> list[RuleStep]:
    """The steps of one benefit or signal in force on the day, for a one-person or one-household frame.

    Raises ZhaorenError when no such rule is in force or the rule's frame does not hold exactly one row.
    """
    rules: tuple[Benefit | Signal, ...] = (*cat.benefits_at(as_of), *cat.signals_at(as_of))
    rule = next((r for r in rules if r.id == rule_id), None)
    if rule is None:
        raise ZhaorenError(
            f"no rule {rule_id} is in force on {as_of}", "policies", "", "check the id and the date"
        )
    frame = rule_frames(cat, persons, households, (rule,), as_of).of(rule.entity)
    if frame.height != 1:
        raise ZhaorenError(
            f"{rule_id} is traced for one {rule.entity} at a time, {frame.height} were given", "policies"
        )
    return [_step(cat, rule, frame, as_of, *test) for test in _tests(rule)]


def _tests(rule: Benefit | Signal) -> list[tuple[str, str, str]]:
    """(Chinese text, clause, SQL) of each test."""
    if isinstance(rule, Benefit):
        return [(c.zh, c.clause, c.sql) for c in rule.who]
    return [(rule.name_zh, rule.source.document or rule.source.url or "", signal_sql(rule))]


def _step(
    cat: Catalogue, rule: Benefit | Signal, frame: pl.DataFrame, as_of: date, zh: str, clause: str, text: str
) -> RuleStep:
    answer = frame.select(sql.compiled(sql.with_parameters(cat, text, as_of, rule.entity)).alias("x")).item()
    facts = cat.facts_of(rule.entity)
    values = frame.row(0, named=True)
    seen = {facts[n].short_zh: _word(values[n]) for n in sql.columns_in(text) if n not in KEYS}
    used = {cat.parameter(n).zh: _value(cat, n, as_of) for n in sql.parameters_in(text)}
    return RuleStep(rule.id, zh, clause, {True: "yes", False: "no"}.get(answer, "unknown"), text, seen, used)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "不详" if value is None else str(value)


def _value(cat: Catalogue, name: str, as_of: date) -> str:
    value = cat.parameter(name).at(as_of)
    if value is None:
        return "当期未录入"
    forms = (value.value, value.places, value.cases.of if value.cases else None)
    amount = next(form for form in forms if form is not None)
    return f"{amount}（{value.status}，{value.source.document or value.source.url}）"
