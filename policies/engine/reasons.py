"""Why a benefit is answered so, in Chinese: the tests met, the test failed, the facts to ask for.

Expressions over a frame that holds a rule's tests as `_c0`, `_c1` … and `_receiving`.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from policies.engine import sentences, sql
from policies.engine.frames import asked_facts, told
from policies.engine.rule_on_day import RuleOnDay


def missing_names(rule: RuleOnDay) -> pl.Expr:
    """Names of the facts that are missing, comma text."""
    return _missing(rule, lambda name: name, ",")


def _missing(rule: RuleOnDay, name_of: Callable[[str], str], separator: str) -> pl.Expr:
    """Facts whose absence leaves a test open, each once, in the order of the tests."""
    users: dict[str, list[pl.Expr]] = {}
    for i, condition in enumerate(rule.benefit.who):
        is_open = pl.col(f"_c{i}").is_null()
        asked = asked_facts(rule.facts(condition.sql), condition.missing)
        asked |= {name: pl.lit(True) for name in _valueless(rule, condition.sql)}
        for name, test in asked.items():
            users.setdefault(name, []).append(is_open & test)
    return told([(name_of(name), pl.any_horizontal(tests)) for name, tests in users.items()], separator)


def _valueless(rule: RuleOnDay, text: str) -> list[str]:
    """Parameters the test needs that have no value on the day."""
    return [f"${n}" for n in sql.parameters_in(text) if rule.cat.parameter(n).at(rule.as_of) is None]


def met(rule: RuleOnDay) -> pl.Expr:
    """Why, in Chinese: the tests met, and what is still open."""
    shown = [i for i, c in enumerate(rule.benefit.who) if not (c.is_quiet or c.is_exclusion)]
    met = sentences.joined([_says(rule, i) for i in shown], "；")
    return pl.concat_str([met, _caveats(rule)], ignore_nulls=True)


def failed(rule: RuleOnDay) -> pl.Expr:
    """The tests that do not hold."""
    tests = [(c.zh, ~pl.col(f"_c{i}")) for i, c in enumerate(rule.benefit.who)]
    return pl.format("不符合：{}", told(tests, "、"))


def asks(rule: RuleOnDay) -> pl.Expr:
    """The facts to be asked for."""
    return pl.format("尚缺：{}", _missing(rule, lambda name: _zh(rule, name), "、"))


def _says(rule: RuleOnDay, i: int) -> pl.Expr:
    condition = rule.benefit.who[i]
    if condition.says is None:
        return pl.lit(condition.zh)
    return sentences.sentence(rule.cat, rule.benefit.entity, condition.says, rule.as_of)


def _caveats(rule: RuleOnDay) -> pl.Expr:
    notes: list[pl.Expr] = []
    if rule.benefit.on_application:
        checks = f"；申请时需核实：{'、'.join(rule.benefit.on_application)}"
        notes.append(pl.when(~pl.col("_receiving").fill_null(False)).then(pl.lit(checks)))
    if unverified := rule.unverified_zh():
        notes.append(pl.lit(f"；以当地现行文件为准，尚未核实：{'、'.join(unverified)}"))
    return sentences.joined(notes, "")


def _zh(rule: RuleOnDay, name: str) -> str:
    if name.startswith("$"):
        return f"{rule.cat.parameter(name[1:]).zh}（当期标准未录入）"
    return rule.cat.facts_of(rule.benefit.entity)[name].short_zh
