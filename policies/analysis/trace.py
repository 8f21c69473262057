"""Why an answer came out as it did: every test of a rule for every person or household, and what it read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from policies.analysis.causes import Missing, causes
from policies.analysis.near_misses import shortfall
from policies.analysis.readings import (
    ANSWERS,
    FactUsed,
    MembersUsed,
    ParameterUsed,
    Readings,
    in_words,
)
from policies.catalogue.benefit import Benefit
from policies.catalogue.model import Catalogue, Rule
from policies.engine.evaluate_signals import signal_sql
from policies.engine.frames import RuleFrames, rule_frames
from policies.engine.reasons import amount_text
from policies.engine.rule_on_day import RuleOnDay
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class RuleStep:
    """One test of one rule for one person (or household, person_id None), or what its amount comes to.

    answer     yes, no or unknown; of an amount the yuan, or unknown
    missed_zh  by how much a failed comparison is missed, else ""
    assumed    the reasons of IF_UNKNOWN on which the answer rests
    missing    what is missing where it is unknown, through definitions and members
    is_amount  shown where every test holds; `zh` is then 「金额」
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
    members: tuple[MembersUsed, ...] = ()
    assumed: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    is_amount: bool = False
    place: str | None = None  # whose own text answered; None: the one for everywhere


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
    rules = wanted(cat, as_of, rule_ids)
    frames = rule_frames(cat, persons, households, rules, as_of)
    days = [RuleOnDay(cat, rule, as_of) for rule in rules]
    read = Readings(frames.space)
    return [step for day in days for step in _steps(day, frames, read)]


def wanted(cat: Catalogue, as_of: date, rule_ids: Iterable[str] | None = None) -> tuple[Rule, ...]:
    """The rules of the ids, by default all in force. ZhaorenError when one of them is not in force."""
    in_force: dict[str, list[Rule]] = {}
    for rule in cat.rules_at(as_of):
        in_force.setdefault(rule.id, []).append(rule)
    ids = list(dict.fromkeys(in_force if rule_ids is None else rule_ids))
    for rule_id in ids:
        # an empty answer would read as "nothing to explain"
        if rule_id not in in_force:
            known = ", ".join(in_force)
            raise ZhaorenError(
                f"no rule {rule_id} is in force on {as_of}", "policies", "", f"name one of {known}"
            )
    return tuple(rule for rule_id in ids for rule in in_force[rule_id])


def _tests(rule: Rule) -> list[tuple[str, str, str]]:
    """(Chinese text, clause, SQL) of each test."""
    if isinstance(rule, Benefit):
        return [(c.zh, c.clause, c.sql) for c in rule.who]
    return [(rule.name_zh, rule.source.document or rule.source.url or "", signal_sql(rule))]


def _steps(day: RuleOnDay, frames: RuleFrames, read: Readings) -> Iterator[RuleStep]:
    rule, tests = day.rule, _tests(day.rule)
    frame = frames.columns(day.cat, rule, day.as_of)
    places = frames.answered(day.cat, rule, day.as_of).arg_true().to_list()
    measures = {}
    if isinstance(rule, Benefit):
        found = [shortfall(day, condition) for condition in rule.who]
        measures = {f"_m{i}": m.text_zh() for i, m in enumerate(found) if m is not None}
    for place, row in zip(places, frame.with_columns(**measures).iter_rows(named=True), strict=True):
        answers = []
        for i, (zh, clause, text) in enumerate(tests):
            answers.append(ANSWERS[read.value(rule.entity, day.term(text), place)])
            missed = row.get(f"_m{i}") or "" if answers[-1] == "no" else ""
            step = _step(day, read, place, text)
            yield replace(step, zh=zh, clause=clause, answer=answers[-1], missed_zh=missed)
        if isinstance(rule, Benefit) and rule.service_zh is None and set(answers) <= {"yes"}:
            value = read.value(rule.entity, day.term(amount_text(rule)), place)
            answer = "unknown" if value is None else in_words(value)
            yield replace(
                _step(day, read, place, amount_text(rule)), zh="金额", answer=answer, is_amount=True
            )


def _step(day: RuleOnDay, read: Readings, row: int, text: str) -> RuleStep:
    """A text of the rule with what it read in a row; its answer and its name come to it."""
    entity, term = day.rule.entity, day.term(text)
    found = read.read(entity, term, row)
    return RuleStep(
        rule_id=day.rule.id,
        person_id=read.key(entity, "person_id", row) if entity == "person" else None,
        household_id=read.key(entity, "household_id", row),
        zh="",
        clause="",
        answer="",
        missed_zh="",
        sql=text,
        facts=found.facts,
        parameters=found.parameters,
        members=found.members,
        assumed=found.assumed,
        missing=causes(read, entity, term, row),
        place=day.rule.place,
    )
