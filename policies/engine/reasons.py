"""The reason for a benefit's answer, in Chinese: the tests met, the tests failed, or the facts missing.

Expressions over a frame that holds a rule's tests as `_c0`, `_c1` … and `_receiving`.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from policies.catalogue.benefit import Benefit
from policies.engine import sentences
from policies.engine.frames import missing_tests, texts_that_hold
from policies.engine.rule_on_day import RuleOnDay
from policies.values.options import STATUSES


def amount_text(benefit: Benefit) -> str:
    """The SQL of the sum it gives, monthly or once; nothing for a service."""
    return benefit.amount_sql or benefit.amount_once_sql or "0"


def doubts(day: RuleOnDay[Benefit]) -> list[tuple[str, pl.Expr]]:
    """What of a benefit may not have been checked against its source, in Chinese, and for which rows not.

    The text of the rule, its tests and the parameters they and the sum use, as they hold at the row's place;
    a parameter without a value on the day too. An unverified exclusion does not count: who is not excluded is
    eligible without it.
    """
    benefit = day.rule
    tests = [c for c in benefit.who if not (c.is_exclusion and c.status == "unverified")]
    found = ["条款原文"] if benefit.status != "verified" else []
    found += [f"“{c.zh}”" for c in tests if c.status != "verified"]
    static = [(text, pl.lit(True)) for text in found]
    texts = [*(c.sql for c in tests), amount_text(benefit)]
    names = dict.fromkeys(n for text in texts for n in day.term(text).parameters())
    # a row whose value is not even known is no better off than one whose value was not checked
    return [*static, *((day.cat.parameter(n).zh, (day.status(n) > 0).fill_null(True)) for n in names)]


def amount_status(day: RuleOnDay[Benefit]) -> tuple[pl.Expr, pl.Expr]:
    """How far the sum is vouched for (the weakest of its parameters), and whether the place may give more."""
    names = day.term(amount_text(day.rule)).parameters()
    if not names:
        return pl.lit(STATUSES[0]), pl.lit(False)
    weakest = pl.max_horizontal(day.status(name) for name in names)
    status = weakest.replace_strict(dict(enumerate(STATUSES)), return_dtype=pl.String)
    return status, pl.any_horizontal(day.is_minimum(name) for name in names)


def missing_names(day: RuleOnDay[Benefit]) -> pl.Expr:
    """Names of the facts that are missing, comma text."""
    return _missing(day, lambda name: name, ",")


def missing_for_amount(day: RuleOnDay[Benefit]) -> pl.Expr:
    """Names of what is missing where every test holds and the sum is unknown, comma text; else nothing."""
    return _missing_amount(day, lambda name: name, ",")


def reason_met(day: RuleOnDay[Benefit]) -> pl.Expr:
    """The tests met, the sum that nobody knows, what is only checked on application or not verified yet."""
    shown = [i for i, c in enumerate(day.rule.who) if not (c.is_quiet or c.is_exclusion)]
    met = sentences.joined([_condition(day, i) for i in shown], "；")
    texts = [*(c.sql for c in day.rule.who), amount_text(day.rule)]
    parts = [met, assumed_zh(day, texts), _caveats(day)]
    if day.rule.service_zh is None:
        missing = _missing_amount(day, day.name_zh, "、")
        lacking = pl.format("；金额不详，尚缺：{}", missing)
        parts.insert(1, pl.when(pl.col("_amount").is_null()).then(lacking))
    return pl.concat_str(parts, ignore_nulls=True)


def reason_failed(day: RuleOnDay[Benefit]) -> pl.Expr:
    """The tests that do not hold."""
    tests = [(c.zh, ~pl.col(f"_c{i}")) for i, c in enumerate(day.rule.who)]
    failed = pl.format("不符合：{}", texts_that_hold(tests, "、"))
    return pl.concat_str([failed, assumed_zh(day, [c.sql for c in day.rule.who])], ignore_nulls=True)


def assumed_zh(day: RuleOnDay[Benefit], texts: list[str]) -> pl.Expr:
    """「；没有综合评估的，按登记的收入」: what was taken for the unknown, where the answer rests on it."""
    found: dict[str, list[pl.Expr]] = {}
    for reason, is_used in (each for text in texts for each in day.assumptions(text)):
        found.setdefault(reason, []).append(is_used)
    named = [(reason, pl.any_horizontal(tests)) for reason, tests in found.items()]
    if not named:
        return pl.lit(None, pl.String)
    is_any = pl.any_horizontal(test for _, test in named)
    return pl.when(is_any).then(pl.format("；{}", texts_that_hold(named, "；")))


def reason_unknown(day: RuleOnDay[Benefit]) -> pl.Expr:
    """The facts that are missing, by their Chinese names."""
    return pl.format("尚缺：{}", _missing(day, day.name_zh, "、"))


def _missing(day: RuleOnDay[Benefit], name_of: Callable[[str], str], separator: str) -> pl.Expr:
    """Facts whose absence leaves a test open, each once, in the order of the tests."""
    users: dict[str, list[pl.Expr]] = {}
    for i, condition in enumerate(day.rule.who):
        is_open = pl.col(f"_c{i}").is_null()
        lacks = missing_tests(day, condition.sql, condition.missing)
        lacks |= {f"${name}": pl.lit(True) for name in day.unset_parameters(condition.sql)}
        for name, test in lacks.items():
            users.setdefault(name, []).append(is_open & test)
    named = [(name_of(name), pl.any_horizontal(tests)) for name, tests in users.items()]
    return texts_that_hold(named, separator)


def _missing_amount(day: RuleOnDay[Benefit], name_of: Callable[[str], str], separator: str) -> pl.Expr:
    if day.rule.service_zh is not None:
        return pl.lit("")
    text = amount_text(day.rule)
    lacks = missing_tests(day, text, ())
    lacks |= {f"${name}": pl.lit(True) for name in day.unset_parameters(text)}
    unknown = pl.col("_amount").is_null()
    return texts_that_hold([(name_of(name), unknown & test) for name, test in lacks.items()], separator)


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
    if unchecked := doubts(day):
        is_any = pl.any_horizontal(test for _, test in unchecked)
        text = pl.format("；以当地现行文件为准，尚未核实：{}", texts_that_hold(unchecked, "、"))
        notes.append(pl.when(is_any).then(text))
    return sentences.joined(notes, "")
