"""Why an answer came out as it did: every test of a rule for every person or household, and what it read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from policies.analysis.near_misses import shortfall
from policies.catalogue.benefit import Benefit
from policies.catalogue.model import KEYS, Catalogue, Rule
from policies.engine.evaluate_signals import signal_sql
from policies.engine.frames import rule_frames
from policies.engine.rule_on_day import RuleOnDay
from policies.values.options import options
from zhaoren.errors import ZhaorenError

_ANSWERS = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True)
class FactUsed:
    """A fact a test read: its Chinese name, its value as text (「不详」 when unknown), its extracts."""

    name: str
    zh: str
    value: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class ParameterUsed:
    """A parameter a test used: its value for the row, since when, whether verified, where it is from.

    is_own: the home set it in the place of the shipped value.
    """

    name: str
    zh: str
    value: str
    valid_from: date | None
    status: str
    source: str
    is_own: bool = False


@dataclass(frozen=True)
class RuleStep:
    """One test of one rule for one person (or household, person_id None).

    `answer` is yes, no or unknown; `missed_zh` says by how much a failed comparison is missed, else it is "".
    """

    rule_id: str
    person_id: str | None
    household_id: str | None
    zh: str
    clause: str
    answer: str
    missed_zh: str
    sql: str
    facts: tuple[FactUsed, ...]
    parameters: tuple[ParameterUsed, ...]


def trace(
    cat: Catalogue,
    persons: pl.DataFrame,
    households: pl.DataFrame,
    as_of: date,
    rule_ids: Iterable[str] | None = None,
) -> list[RuleStep]:
    """The steps of the rules (default: all in force on the day) for every row of the frames.

    In the order of the rules, then the rows, then the tests; meant for one household and its members.
    Raises ZhaorenError when one of the rules is not in force.
    """
    in_force = {rule.id: rule for rule in cat.rules_at(as_of)}
    wanted = list(in_force if rule_ids is None else rule_ids)
    for rule_id in wanted:
        # an empty answer would read as "nothing to explain"
        if rule_id not in in_force:
            known = ", ".join(in_force)
            raise ZhaorenError(
                f"no rule {rule_id} is in force on {as_of}", "policies", "", f"name one of {known}"
            )
    rules = tuple(in_force[rule_id] for rule_id in wanted)
    frames = rule_frames(cat, persons, households, rules, as_of)
    days = [RuleOnDay(cat, rule, as_of) for rule in rules]
    return [step for day in days for step in _steps(day, frames.columns(cat, day.rule, as_of))]


def _tests(rule: Rule) -> list[tuple[str, str, str]]:
    """(Chinese text, clause, SQL) of each test."""
    if isinstance(rule, Benefit):
        return [(c.zh, c.clause, c.sql) for c in rule.who]
    return [(rule.name_zh, rule.source.document or rule.source.url or "", signal_sql(rule))]


def _steps(day: RuleOnDay, frame: pl.DataFrame) -> Iterator[RuleStep]:
    rule, tests = day.rule, _tests(day.rule)
    answers = {f"_c{i}": day.expr(text) for i, (_, _, text) in enumerate(tests)}
    measures = {}
    if isinstance(rule, Benefit):
        found = [shortfall(day, condition) for condition in rule.who]
        measures = {f"_m{i}": m.text_zh() for i, m in enumerate(found) if m is not None}
    used = dict.fromkeys(name for _, _, text in tests for name in day.term(text).parameters())
    # the value for each row's own place or case, and which entry it is, under names that no fact can have
    values = {f"_p.{name}": day.expr(f"${name}").cast(pl.String) for name in used}
    values |= {f"_q.{name}": day.option(name) for name in used}
    for row in frame.with_columns(**answers).with_columns(**measures, **values).iter_rows(named=True):
        for i, (zh, clause, text) in enumerate(tests):
            answer = _ANSWERS[row[f"_c{i}"]]
            missed = row.get(f"_m{i}") or "" if answer == "no" else ""
            yield RuleStep(
                rule_id=rule.id,
                person_id=row["person_id"] if rule.entity == "person" else None,
                household_id=row["household_id"],
                zh=zh,
                clause=clause,
                answer=answer,
                missed_zh=missed,
                sql=text,
                facts=tuple(_facts(day, text, row)),
                parameters=tuple(_parameter(day, n, row) for n in day.term(text).parameters()),
            )


def _facts(day: RuleOnDay, text: str, row: dict) -> Iterator[FactUsed]:
    known = day.cat.facts_of(day.rule.entity)
    for name in day.term(text).facts():
        if name not in KEYS:
            fact = known[name]
            labels = day.cat.labels.get(fact.name, {})
            yield FactUsed(name, fact.short_zh, _value_zh(row[name], labels), fact.sources)


def _value_zh(value: object, labels: dict[str, str]) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "不详" if value is None else labels.get(str(value), str(value))


def _parameter(day: RuleOnDay, name: str, row: dict) -> ParameterUsed:
    """The value for the row's own place or case, and where it is from."""
    chosen = options(day.cat, name, day.as_of, day.rule.entity).listed[row[f"_q.{name}"]]
    origin, amount = chosen.origin, row[f"_p.{name}"]
    return ParameterUsed(
        name=name,
        zh=day.cat.parameter(name).zh,
        value="当期未录入" if origin is None else amount or "不详（地区或类别不详）",
        valid_from=origin.valid_from if origin else None,
        status=chosen.status if origin else "",
        source=origin.source.document or origin.source.url or "" if origin else "",
        is_own=origin in day.cat.own.of(name),
    )
