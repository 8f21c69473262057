"""The reason for a benefit's answer, in Chinese: the tests met, the tests failed, or the facts missing.

Expressions over a frame that holds a rule's tests as `_c0`, `_c1` … and `_receiving`.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from policies.catalogue.benefit import Benefit
from policies.engine import sentences
from policies.engine.expression import parsed
from policies.engine.frames import missing_tests, texts_that_hold
from policies.engine.rule_on_day import RuleOnDay


def amount_text(benefit: Benefit) -> str:
    """The SQL of the sum it gives, monthly or once; nothing for a service."""
    return benefit.amount_sql or benefit.amount_once_sql or "0"


def unverified_zh(day: RuleOnDay[Benefit]) -> list[str]:
    """What of a benefit has not been checked against its source, in Chinese; empty when all has.

    The text of the rule, its tests and the parameters they and the sum use; a parameter without a value
    on the day too. An unverified exclusion does not count: who is not excluded is eligible without it.
    """
    benefit = day.rule
    tests = [c for c in benefit.who if not (c.is_exclusion and c.status == "unverified")]
    found = ["条款原文"] if benefit.status != "verified" else []
    found += [f"“{c.zh}”" for c in tests if c.status != "verified"]
    texts = [*(c.sql for c in tests), amount_text(benefit)]
    for name in dict.fromkeys(n for text in texts for n in parsed(text).parameters):
        value = day.cat.parameter(name).at(day.as_of)
        if value is None or value.status != "verified":
            found.append(day.cat.parameter(name).zh)
    return found


def missing_names(day: RuleOnDay[Benefit]) -> pl.Expr:
    """Names of the facts that are missing, comma text."""
    return _missing(day, lambda name: name, ",")


def reason_met(day: RuleOnDay[Benefit]) -> pl.Expr:
    """The tests met, what is only checked on application, and what is not verified yet."""
    shown = [i for i, c in enumerate(day.rule.who) if not (c.is_quiet or c.is_exclusion)]
    met = sentences.joined([_condition(day, i) for i in shown], "；")
    return pl.concat_str([met, _caveats(day)], ignore_nulls=True)


def reason_failed(day: RuleOnDay[Benefit]) -> pl.Expr:
    """The tests that do not hold."""
    tests = [(c.zh, ~pl.col(f"_c{i}")) for i, c in enumerate(day.rule.who)]
    return pl.format("不符合：{}", texts_that_hold(tests, "、"))


def reason_unknown(day: RuleOnDay[Benefit]) -> pl.Expr:
    """The facts that are missing, by their Chinese names."""
    return pl.format("尚缺：{}", _missing(day, lambda name: _zh(day, name), "、"))


def _missing(day: RuleOnDay[Benefit], name_of: Callable[[str], str], separator: str) -> pl.Expr:
    """Facts whose absence leaves a test open, each once, in the order of the tests."""
    users: dict[str, list[pl.Expr]] = {}
    for i, condition in enumerate(day.rule.who):
        is_open = pl.col(f"_c{i}").is_null()
        lacks = missing_tests(day.facts(condition.sql), condition.missing)
        lacks |= {f"${name}": pl.lit(True) for name in day.unset_parameters(condition.sql)}
        for name, test in lacks.items():
            users.setdefault(name, []).append(is_open & test)
    named = [(name_of(name), pl.any_horizontal(tests)) for name, tests in users.items()]
    return texts_that_hold(named, separator)


def _condition(day: RuleOnDay[Benefit], i: int) -> pl.Expr:
    condition = day.rule.who[i]
    if condition.says is None:
        return pl.lit(condition.zh)
    return sentences.sentence(day.cat, day.rule.entity, condition.says, day.as_of)


def _caveats(day: RuleOnDay[Benefit]) -> pl.Expr:
    notes: list[pl.Expr] = []
    if day.rule.on_application:
        checks = f"；申请时需核实：{'、'.join(day.rule.on_application)}"
        # Who receives it already has passed these checks.
        notes.append(pl.when(~pl.col("_receiving").fill_null(False)).then(pl.lit(checks)))
    if unverified := unverified_zh(day):
        notes.append(pl.lit(f"；以当地现行文件为准，尚未核实：{'、'.join(unverified)}"))
    return sentences.joined(notes, "")


def _zh(day: RuleOnDay[Benefit], name: str) -> str:
    if name.startswith("$"):
        return f"{day.cat.parameter(name[1:]).zh}（当期标准未录入）"
    return day.cat.facts_of(day.rule.entity)[name].short_zh
