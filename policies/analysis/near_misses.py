"""Near misses: of the benefits that answer no, which one is missed by least, and by how much.

    shortfall(day, condition) -> Shortfall | None     how far from holding
    nearest_missed(cat, persons, households, as_of, within) -> DataFrame     one row per household

Only a condition that is one comparison of numbers can be measured (`income_yuan_month < $dibao.standard…`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl
from sqlglot import exp

from policies.catalogue.benefit import Benefit, Condition
from policies.catalogue.model import KEYS, Catalogue
from policies.engine.frames import rule_frames
from policies.engine.rule_on_day import RuleOnDay
from policies.engine.sentences import yuan_text
from policies.language.parsing import parsed, text_of

NEAREST_SCHEMA = {
    "household_id": pl.String(),
    "person_id": pl.String(),
    "benefit_id": pl.String(),
    "condition_id": pl.String(),
    "failed_cnt": pl.Int64(),
    "distance": pl.Decimal(18, 2),
    "unit": pl.String(),
    "nearest_zh": pl.String(),
}
UNITS_ZH = {"yuan": "元", "years": "岁", "days": "天", "months": "个月", "persons": "人", "grade": "级"}
_MONEY = pl.Decimal(18, 2)
# Which comparison it is says on which side of the line the fact should be.
_UPPER = (exp.LT, exp.LTE)  # the fact has to stay below
_LOWER = (exp.GT, exp.GTE)
# What grows as time goes on, or with a paper renewed: such a line is reached from below, never from above.
_TIME = ("days", "months")


@dataclass(frozen=True)
class Shortfall:
    """How far a condition is from holding: an amount in `unit`, and the line it is held against."""

    amount: pl.Expr
    line: pl.Expr
    unit: str
    fact_zh: str
    is_above: bool

    @property
    def is_reachable(self) -> bool:
        """Whether a family, or a policy, could close it: money either way, months or days still to come.

        Nobody can be older, another sex, born elsewhere, more in number or more disabled than they are; and
        what happened too long ago does not come nearer.
        """
        return self.unit == "yuan" or (self.unit in _TIME and not self.is_above)

    def text_zh(self) -> pl.Expr:
        """「家庭人均收入高出37元」, 「周岁还差2岁」; 「恰为界线」 where it is missed by nothing."""
        start = pl.lit(self.fact_zh + ("高出" if self.is_above else "还差"))
        amount = pl.format(
            "{}{}{}", start, yuan_text(self.amount.cast(_MONEY)), pl.lit(UNITS_ZH.get(self.unit, ""))
        )
        return pl.when(self.amount == 0).then(pl.lit(f"{self.fact_zh}恰为界线")).otherwise(amount)


def shortfall(day: RuleOnDay[Benefit], condition: Condition) -> Shortfall | None:
    """The measure of a condition that is a single comparison of numbers; None of any other."""
    expression = parsed(condition.sql)
    facts = [day.cat.facts_of(day.rule.entity)[n] for n in expression.columns if n not in KEYS]
    is_number = bool(facts) and facts[0].type in ("integer", "yuan", "number")
    tree = expression.tree
    if not isinstance(tree, _UPPER + _LOWER) or not is_number:
        return None
    left, right = day.expr(text_of(tree.this)), day.expr(text_of(tree.expression))
    is_above = isinstance(tree, _UPPER)
    amount = left - right if is_above else right - left
    # "yuan/month" and "yuan/month per head" are both said in 元.
    unit = facts[0].unit.split("/")[0].split(" ")[0]
    return Shortfall(amount, right, unit, facts[0].short_zh, is_above)


def nearest_missed(
    cat: Catalogue, persons: pl.DataFrame, households: pl.DataFrame, as_of: date, within: Decimal
) -> pl.DataFrame:
    """For each household the benefit that it, or a living member, misses by least.

    `within`: only what is missed by at most this share of its line is worth telling. Only what a family could
    reach counts: an income, a sum, months of insurance, a card's validity; not an age, a grade or a number of
    persons. Columns of NEAREST_SCHEMA; a household without a near miss has no row. A benefit that is out
    of question (a quiet test or an exclusion fails: already covered) is not missed. Money comes before
    anything else, for that is what a policy can move; then fewest failed tests, smallest share of the line,
    id. A service that is missed by something else than money has no row.
    """
    rules = cat.benefits_at(as_of)
    # a member who has died misses nothing any more; one of unknown state might
    living = persons.filter(pl.col("is_alive").fill_null(True)) if "is_alive" in persons.columns else persons
    frames = rule_frames(cat, living, households, rules, as_of)
    found = [pl.DataFrame(schema={**NEAREST_SCHEMA, "_share": pl.Float64(), "_is_money": pl.Boolean()})]
    for rule in rules:
        found += _missed(RuleOnDay(cat, rule, as_of), frames.columns(cat, rule, as_of))
    order = ["household_id", "_is_money", "failed_cnt", "_share", "benefit_id", "condition_id", "person_id"]
    near = pl.concat(found).drop_nulls("household_id").filter(pl.col("_share") <= float(within))
    rows = near.sort(order, descending=[name == "_is_money" for name in order], nulls_last=True)
    return rows.unique("household_id", keep="first", maintain_order=True).select(*NEAREST_SCHEMA)


def _missed(day: RuleOnDay[Benefit], frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Rows of those whom only open tests of the rule keep out, one per failed test that can be measured."""
    rule = day.rule
    frame = frame.with_columns(day.expr(c.sql).alias(f"_c{i}") for i, c in enumerate(rule.who))
    # quiet tests (alive, has members) and exclusions (covered already) are no line that one could be near
    out_of_question = [i for i, c in enumerate(rule.who) if c.is_quiet or c.is_exclusion]
    failed = pl.sum_horizontal((~pl.col(f"_c{i}")).cast(pl.Int64) for i in range(len(rule.who)))
    frame = frame.with_columns(_failed=failed).filter(
        pl.col("_failed") > 0, *(pl.col(f"_c{i}").fill_null(True) for i in out_of_question)
    )
    for i, condition in enumerate(rule.who):
        measure = shortfall(day, condition)
        if measure is None or i in out_of_question:
            continue
        # of a service, only a line in money is one that a policy would move
        if measure.is_reachable and (measure.unit == "yuan" or rule.service_zh is None):
            yield _row(rule, frame.filter(~pl.col(f"_c{i}")), condition, measure)


def _row(rule: Benefit, frame: pl.DataFrame, condition: Condition, measure: Shortfall) -> pl.DataFrame:
    return frame.select(
        household_id=pl.col("household_id"),
        person_id=pl.col("person_id") if rule.entity == "person" else pl.lit(None, pl.String),
        benefit_id=pl.lit(rule.id),
        condition_id=pl.lit(condition.id),
        failed_cnt=pl.col("_failed"),
        distance=measure.amount.cast(_MONEY),
        unit=pl.lit(measure.unit),
        nearest_zh=pl.format("{}：{}", pl.lit(rule.name_zh), measure.text_zh()),
        # only to order near misses of different units; never stored
        _share=measure.amount.cast(pl.Float64) / measure.line.cast(pl.Float64),
        _is_money=pl.lit(measure.unit == "yuan"),
    )
