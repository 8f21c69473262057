"""Entitlements as of a date: who may have which benefit, how much, and what they already get."""

from __future__ import annotations

from datetime import date
from itertools import chain

import polars as pl

from data_contracts.registry.tables import schema
from policies.catalogue.benefit import ENTITLED, UNKNOWN_AMOUNT, Benefit
from policies.catalogue.model import Catalogue
from policies.engine import reasons
from policies.engine.exclusive_benefits import best_choices
from policies.engine.frames import rule_frames
from policies.engine.rule_on_day import RuleOnDay
from policies.language.dates import months_between

BENEFIT_SCHEMA = schema("mart.entitlement")
_ORDER = ("household_id", "benefit_id", "person_id")
_MONEY = pl.Decimal(18, 2)
_LARGEST = 10**15


def evaluate_benefits(
    cat: Catalogue, persons: pl.DataFrame, households: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """One row per benefit and person (or household, person_id null), columns of BENEFIT_SCHEMA.

    eligible: 'yes' every test holds and every parameter used is verified; 'likely' the tests hold but a
    parameter is unverified or something can only be checked on application; 'unknown_amount' the tests hold
    and nobody knows the sum; 'unknown' a fact is missing (of either kind named in missing_facts, comma text);
    'no' a test fails. Rows 'no' and not receiving (month by month) are left out. gap_yuan_month is what
    the entitlement is above what is paid, null when either
    is unknown; gaps may be summed. amount_status: how far the sum may be relied on ('verified', 'unverified',
    'borrowed': another place's stands in), by the weakest parameter in it at the household's place;
    is_minimum_amount: the place may give more. amount_once_yuan is a sum paid once, or once a year; a service
    has no amount. missed_month_cnt: whole months since the right began (the rule's `since`), of those known
    not to have it; null where that day is not known. Sorted by household_id, benefit_id, person_id.
    """
    # only here, over all benefits: what is owed of one depends on the others it excludes
    rows = best_choices(_answers(cat, persons, households, as_of), cat.benefits_at(as_of))
    return rows.sort(_ORDER, nulls_last=True)


def _answers(cat: Catalogue, persons: pl.DataFrame, households: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Each benefit by itself; the columns worked out for it are gone before the rows are put in order."""
    rules = cat.benefits_at(as_of)
    frames = rule_frames(cat, persons, households, rules, as_of)
    days = [RuleOnDay(cat, rule, as_of) for rule in rules]
    parts = [_rows(day, _kept(day, frames.columns(cat, day.rule, as_of).lazy())) for day in days]
    return pl.concat([pl.DataFrame(schema=BENEFIT_SCHEMA), *pl.collect_all(chain(*parts))])


def _kept(day: RuleOnDay[Benefit], frame: pl.LazyFrame) -> pl.LazyFrame:
    """The few rows worth writing out, with every test as `_c0`, `_c1` … and all of them as `_who`.

    What costs most (values by place or case, multiplied) is computed last, for those whom the rest leaves.
    """
    tests = {f"_c{i}": condition.sql for i, condition in enumerate(day.rule.who)}
    costly = [name for name, text in tests.items() if day.is_costly(day.term(text))]
    cheap = [name for name in tests if name not in costly]
    frame = frame.with_columns(_receiving=_receiving(day))
    for names in (cheap, costly):
        frame = frame.with_columns(day.expr(tests[name]).alias(name) for name in names)
        frame = frame.filter(_is_shown(day.rule, names)) if names else frame
    # three-valued: one test that fails settles it, even beside one that is unknown
    frame = frame.with_columns(_who=pl.all_horizontal(list(tests)) if tests else pl.lit(True))
    return frame.with_columns(_amount=_amount(day)).with_columns(_state=_state(day))


def _rows(day: RuleOnDay[Benefit], frame: pl.LazyFrame) -> list[pl.LazyFrame]:
    """The rows of one benefit, by kind of answer: each kind has its own way of giving the reason."""
    who = pl.col("_who")
    return [
        _written(day, frame.filter(who), reasons.missing_for_amount(day), reasons.reason_met(day)),
        _written(day, frame.filter(~who), pl.lit(""), reasons.reason_failed(day)),
        _written(day, frame.filter(who.is_null()), reasons.missing_names(day), reasons.reason_unknown(day)),
    ]


def _written(day: RuleOnDay[Benefit], frame: pl.LazyFrame, missing: pl.Expr, reason: pl.Expr) -> pl.LazyFrame:
    benefit = day.rule
    return frame.select(
        as_of=pl.lit(day.as_of),
        benefit_id=pl.lit(benefit.id),
        eligible=pl.col("_state"),
        person_id=pl.col("person_id") if benefit.entity == "person" else pl.lit(None, pl.String),
        household_id=pl.col("household_id"),
        missing_facts=missing,
        amount_yuan_month=_paid(benefit.amount_sql),
        amount_once_yuan=_paid(benefit.amount_once_sql),
        is_receiving=pl.col("_receiving"),
        gap_yuan_month=_gap(day),
        missed_month_cnt=_missed(day),
        reason_zh=reason,
        **_vouched(day),
    ).select(pl.col(n).cast(t) for n, t in BENEFIT_SCHEMA.items())


def _vouched(day: RuleOnDay[Benefit]) -> dict[str, pl.Expr]:
    """How far the sum may be relied on at the row's place; empty where there is no sum."""
    status, is_minimum = reasons.amount_status(day)
    has_sum = (
        pl.lit(day.rule.service_zh is None)
        & pl.col("_state").is_in(ENTITLED)
        & pl.col("_amount").is_not_null()
    )
    return {
        "amount_status": pl.when(has_sum).then(status),
        "is_minimum_amount": pl.when(has_sum).then(is_minimum),
    }


def _receiving(day: RuleOnDay[Benefit]) -> pl.Expr:
    """Without a roll that lists the recipients, nobody knows."""
    text = day.rule.receiving_sql
    return day.expr(text) if text else pl.lit(None, pl.Boolean)


def _missed(day: RuleOnDay[Benefit]) -> pl.Expr:
    """Since the right began, but not since before the rule did."""
    if day.rule.since is None:
        return pl.lit(None, pl.Int64)
    days = day.expr(day.rule.since)
    began = (pl.lit(day.as_of) - pl.duration(days=days)).cast(pl.Date)
    began = pl.when(days.is_not_null()).then(pl.max_horizontal(began, pl.lit(day.rule.valid_from)))
    is_missed = pl.col("_state").is_in(ENTITLED) & ~pl.col("_receiving")
    return pl.when(is_missed).then(months_between(began, pl.lit(day.as_of)))


def _is_shown(benefit: Benefit, tests: list[str]) -> pl.Expr:
    """Who may be eligible; and who is paid month by month without being so (a past one-off sum is past)."""
    may_be = pl.all_horizontal(tests).fill_null(True) if tests else pl.lit(True)
    if not benefit.is_monthly:
        return may_be
    return may_be | pl.col("_receiving").fill_null(False)


def _amount(day: RuleOnDay[Benefit]) -> pl.Expr:
    """The entitlement in yuan, exact, rounded once at the end.

    A sum that does not fit a column of money is no sum of anybody's: unknown, in its own row.
    """
    exact = day.expr(reasons.amount_text(day.rule)).cast(pl.Decimal(38, 8))
    exact = pl.when(exact.abs() < _LARGEST).then(exact)
    if day.rule.rounding == "up_to_yuan":
        return exact.ceil().cast(_MONEY)
    return exact.round(2, mode="half_away_from_zero").cast(_MONEY)


def _state(day: RuleOnDay[Benefit]) -> pl.Expr:
    """Who is already paid has passed what is checked on application; for the others it stays open."""
    good = pl.lit("yes")
    if unchecked := reasons.doubts(day):
        good = (
            pl.when(pl.any_horizontal(test for _, test in unchecked)).then(pl.lit("likely")).otherwise(good)
        )
    if day.rule.on_application:
        good = pl.when(pl.col("_receiving").fill_null(False)).then(good).otherwise(pl.lit("likely"))
    if day.rule.service_zh is None:
        good = pl.when(pl.col("_amount").is_null()).then(pl.lit(UNKNOWN_AMOUNT)).otherwise(good)
    who = pl.col("_who")
    return pl.when(who.is_null()).then(pl.lit("unknown")).when(who).then(good).otherwise(pl.lit("no"))


def _paid(amount_sql: str | None) -> pl.Expr:
    has = pl.col("_state").is_in(ENTITLED)
    return pl.when(has).then(pl.col("_amount")) if amount_sql else pl.lit(None, _MONEY)


def _gap(day: RuleOnDay[Benefit]) -> pl.Expr:
    """The unpaid are owed the whole amount; the paid the rest, where what they are paid is known."""
    if day.rule.amount_sql is None:
        return pl.lit(None, _MONEY)
    short = pl.lit(0, _MONEY)
    if day.rule.received_sql:
        short = pl.col("_amount") - day.expr(day.rule.received_sql).cast(_MONEY)
        # More paid than owed is no debt of the household's: a gap is never negative.
        short = pl.when(short < 0).then(pl.lit(0, _MONEY)).otherwise(short)
    gap = pl.when(pl.col("_receiving")).then(short).when(~pl.col("_receiving")).then(pl.col("_amount"))
    return pl.when(pl.col("_state").is_in(ENTITLED)).then(gap)
