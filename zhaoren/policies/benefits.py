"""Entitlements as of a date: who may have which benefit, how much, and what they already get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import chain

import polars as pl

from zhaoren.policies import sentences, sql
from zhaoren.policies.catalogue import KEYS, Catalogue
from zhaoren.policies.choices import best_choices
from zhaoren.policies.dates import months_between
from zhaoren.policies.frames import asked_facts, is_costly, rule_frames, told
from zhaoren.policies.schema import Benefit

BENEFIT_SCHEMA = {
    "as_of": pl.Date(),
    "person_id": pl.String(),
    "household_id": pl.String(),
    "benefit_id": pl.String(),
    "eligible": pl.String(),
    "missing_facts": pl.String(),
    "amount_yuan_month": pl.Decimal(18, 2),
    "amount_once_yuan": pl.Decimal(18, 2),
    "is_receiving": pl.Boolean(),
    "gap_yuan_month": pl.Decimal(18, 2),
    "missed_month_cnt": pl.Int64(),
    "reason_zh": pl.String(),
}
_ORDER = ("household_id", "benefit_id", "person_id")
_MONEY = pl.Decimal(18, 2)


def evaluate_benefits(
    cat: Catalogue, persons: pl.DataFrame, households: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """One row per benefit and person (or household, person_id null), columns of BENEFIT_SCHEMA.

    eligible: 'yes' every test holds and every parameter used is verified; 'likely' the tests hold but a
    parameter is unverified or something can only be checked on application; 'unknown' a fact is
    missing (named in missing_facts, comma text); 'no' a test fails. Rows 'no' and not receiving (month
    by month) are left out. gap_yuan_month is what the entitlement is above what is paid, null when either
    is unknown; gaps may be summed. amount_once_yuan is a sum paid once, or once a year; a service
    has no amount. missed_month_cnt: whole months since the right began (the rule's `since`), of those known
    not to have it; null where that day is not known. Sorted by household_id, benefit_id, person_id.
    """
    rules = cat.benefits_at(as_of)
    frames = rule_frames(cat, persons, households, rules, as_of)
    asked = [_Rule(cat, rule, as_of) for rule in rules]
    parts = [_rows(rule, _kept(rule, frames.columns(cat, rule.benefit, as_of).lazy())) for rule in asked]
    rows = pl.concat([pl.DataFrame(schema=BENEFIT_SCHEMA), *pl.collect_all(chain(*parts))])
    return best_choices(rows, rules).sort(_ORDER, nulls_last=True)


@dataclass(frozen=True)
class _Rule:
    """One benefit on one day, its texts compiled."""

    cat: Catalogue
    benefit: Benefit
    as_of: date

    def text(self, rule: str) -> str:
        return sql.with_parameters(self.cat, rule, self.as_of, self.benefit.entity)

    def expr(self, rule: str) -> pl.Expr:
        return sql.compiled(self.text(rule))

    def facts(self, rule: str) -> list[str]:
        return [name for name in sql.columns_in(self.text(rule)) if name not in KEYS]

    def is_verified(self) -> bool:
        """Whether the rule and all parameters it uses have been checked against their source."""
        tests = [c for c in self.benefit.who if not (c.is_exclusion and c.status == "unverified")]
        texts = [c.sql for c in tests] + [self.amount_sql]
        values = [self.cat.parameter(n).at(self.as_of) for t in texts for n in sql.parameters_in(t)]
        statuses = [self.benefit.status, *(c.status for c in tests), *(v.status for v in values if v)]
        return None not in values and all(status == "verified" for status in statuses)

    @property
    def amount_sql(self) -> str:
        return self.benefit.amount_sql or self.benefit.amount_once_sql or "0"


def _kept(rule: _Rule, frame: pl.LazyFrame) -> pl.LazyFrame:
    """The few rows worth writing out, with every test as `_c0`, `_c1` … and all of them as `_who`.

    What costs most (values by place or case, multiplied) is asked last, of those whom the rest leaves.
    """
    tests = {f"_c{i}": rule.text(c.sql) for i, c in enumerate(rule.benefit.who)}
    costly = [name for name, text in tests.items() if is_costly(text)]
    cheap = [name for name in tests if name not in costly]
    frame = frame.with_columns(_receiving=_receiving(rule))
    for names in (cheap, costly):
        frame = frame.with_columns(sql.compiled(tests[name]).alias(name) for name in names)
        frame = frame.filter(_is_shown(rule, names)) if names else frame
    frame = frame.with_columns(_who=pl.all_horizontal(list(tests)))
    return frame.with_columns(_amount=_amount(rule), _state=_state(rule))


def _rows(rule: _Rule, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
    """The rows of one benefit, by kind of answer: each has a reason of its own to be put into words."""
    who, missing = pl.col("_who"), _missing(rule, lambda name: name, ",")
    return [
        _written(rule, frame.filter(who), pl.lit(""), _met(rule)),
        _written(rule, frame.filter(~who), pl.lit(""), _failed(rule)),
        _written(rule, frame.filter(who.is_null()), missing, _asks(rule)),
    ]


def _written(rule: _Rule, frame: pl.LazyFrame, missing: pl.Expr, reason: pl.Expr) -> pl.LazyFrame:
    return frame.select(
        as_of=pl.lit(rule.as_of),
        benefit_id=pl.lit(rule.benefit.id),
        eligible=pl.col("_state"),
        person_id=pl.col("person_id") if rule.benefit.entity == "person" else pl.lit(None, pl.String),
        household_id=pl.col("household_id"),
        missing_facts=missing,
        amount_yuan_month=_paid(rule.benefit.amount_sql),
        amount_once_yuan=_paid(rule.benefit.amount_once_sql),
        is_receiving=pl.col("_receiving"),
        gap_yuan_month=_gap(rule),
        missed_month_cnt=_missed(rule),
        reason_zh=reason,
    ).select(pl.col(n).cast(t) for n, t in BENEFIT_SCHEMA.items())


def _receiving(rule: _Rule) -> pl.Expr:
    """Without a roll that tells, nobody knows."""
    text = rule.benefit.receiving_sql
    return rule.expr(text) if text else pl.lit(None, pl.Boolean)


def _missed(rule: _Rule) -> pl.Expr:
    if rule.benefit.since is None:
        return pl.lit(None, pl.Int64)
    began = (pl.lit(rule.as_of) - pl.duration(days=pl.col(rule.benefit.since))).cast(pl.Date)
    is_missed = pl.col("_state").is_in(["yes", "likely"]) & ~pl.col("_receiving")
    return pl.when(is_missed).then(months_between(began, pl.lit(rule.as_of)))


def _is_shown(rule: _Rule, tests: list[str]) -> pl.Expr:
    """Who may be eligible; and who is paid month by month without being so (a past one-off sum is past)."""
    may_be = pl.all_horizontal(tests).fill_null(True)
    if not rule.benefit.is_monthly:
        return may_be
    return may_be | pl.col("_receiving").fill_null(False)


def _amount(rule: _Rule) -> pl.Expr:
    """The entitlement in yuan, exact, rounded once at the end."""
    exact = rule.expr(rule.amount_sql)
    if rule.benefit.rounding == "up_to_yuan":
        return exact.cast(pl.Decimal(38, 6)).ceil().cast(_MONEY)
    return exact.cast(pl.Decimal(38, 6)).round(2, mode="half_away_from_zero").cast(_MONEY)


def _state(rule: _Rule) -> pl.Expr:
    """Who is already paid has passed what is checked on application; for the others it stays open."""
    good = pl.lit("yes") if rule.is_verified() else pl.lit("likely")
    if rule.benefit.on_application:
        good = pl.when(pl.col("_receiving").fill_null(False)).then(good).otherwise(pl.lit("likely"))
    who = pl.col("_who")
    return pl.when(who.is_null()).then(pl.lit("unknown")).when(who).then(good).otherwise(pl.lit("no"))


def _paid(amount_sql: str | None) -> pl.Expr:
    has = pl.col("_state").is_in(["yes", "likely"])
    return pl.when(has).then(pl.col("_amount")) if amount_sql else pl.lit(None, _MONEY)


def _gap(rule: _Rule) -> pl.Expr:
    """The unpaid are owed the whole amount; the paid the rest, where what they are paid is known."""
    if rule.benefit.amount_sql is None:
        return pl.lit(None, _MONEY)
    short = pl.lit(0, _MONEY)
    if rule.benefit.received_sql:
        short = pl.col("_amount") - rule.expr(rule.benefit.received_sql).cast(_MONEY)
        short = pl.when(short < 0).then(pl.lit(0, _MONEY)).otherwise(short)
    gap = pl.when(pl.col("_receiving")).then(short).when(~pl.col("_receiving")).then(pl.col("_amount"))
    return pl.when(pl.col("_state").is_in(["yes", "likely"])).then(gap)


def _missing(rule: _Rule, name_of: Callable[[str], str], separator: str) -> pl.Expr:
    """Facts whose absence leaves a test open, each once, in the order of the tests."""
    users: dict[str, list[pl.Expr]] = {}
    for i, condition in enumerate(rule.benefit.who):
        is_open = pl.col(f"_c{i}").is_null()
        asked = asked_facts(rule.facts(condition.sql), condition.missing)
        asked |= {name: pl.lit(True) for name in _valueless(rule, condition.sql)}
        for name, test in asked.items():
            users.setdefault(name, []).append(is_open & test)
    return told([(name_of(name), pl.any_horizontal(tests)) for name, tests in users.items()], separator)


def _valueless(rule: _Rule, text: str) -> list[str]:
    """Parameters the test needs that have no value on the day."""
    return [f"${n}" for n in sql.parameters_in(text) if rule.cat.parameter(n).at(rule.as_of) is None]


def _met(rule: _Rule) -> pl.Expr:
    """Why, in Chinese: the tests met, and what is still open."""
    shown = [i for i, c in enumerate(rule.benefit.who) if not (c.is_quiet or c.is_exclusion)]
    met = sentences.joined([_says(rule, i) for i in shown], "；")
    return pl.concat_str([met, _caveats(rule)], ignore_nulls=True)


def _failed(rule: _Rule) -> pl.Expr:
    tests = [(c.zh, ~pl.col(f"_c{i}")) for i, c in enumerate(rule.benefit.who)]
    return pl.format("不符合：{}", told(tests, "、"))


def _asks(rule: _Rule) -> pl.Expr:
    return pl.format("尚缺：{}", _missing(rule, lambda name: _zh(rule, name), "、"))


def _says(rule: _Rule, i: int) -> pl.Expr:
    condition = rule.benefit.who[i]
    if condition.says is None:
        return pl.lit(condition.zh)
    return sentences.sentence(rule.cat, rule.benefit.entity, condition.says, rule.as_of)


def _caveats(rule: _Rule) -> pl.Expr:
    notes: list[pl.Expr] = []
    if rule.benefit.on_application:
        checks = f"；申请时需核实：{'、'.join(rule.benefit.on_application)}"
        notes.append(pl.when(~pl.col("_receiving").fill_null(False)).then(pl.lit(checks)))
    if not rule.is_verified():
        notes.append(pl.lit("；金额或条件以当地现行文件为准"))
    return sentences.joined(notes, "")


def _zh(rule: _Rule, name: str) -> str:
    if name.startswith("$"):
        return f"{rule.cat.parameter(name[1:]).zh}（当期标准未录入）"
    return rule.cat.facts_of(rule.benefit.entity)[name].short_zh
