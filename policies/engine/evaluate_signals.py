"""Signals as of a date: which households and persons show one, with the sentence for the worker."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import polars as pl

from data_contracts.registry.tables import schema
from policies.catalogue.model import Catalogue
from policies.catalogue.shapes import Entity
from policies.catalogue.signal import Level, Sentence, Signal
from policies.engine import sentences
from policies.engine.frames import RuleFrames, missing_tests, rule_frames
from policies.engine.rule_on_day import RuleOnDay
from policies.language.terms import Term

SIGNAL_SCHEMA = pl.Schema(schema("mart.signal", without=("as_of",)))
_ORDER = ("household_id", "signal_id", "person_id")


def signal_sql(signal: Signal) -> str:
    """The whole test of a signal: its condition, and its age where it fades with time.

    A sign older than `decay_days` is gone: nobody stays flagged for ever.
    """
    if signal.fact_date is None:
        return signal.condition
    return f"({signal.condition}) AND {signal.fact_date} <= {signal.decay_days}"


def evaluate_signals(
    cat: Catalogue,
    persons: pl.DataFrame,
    households: pl.DataFrame,
    as_of: date,
    *,
    unknown_of: Collection[Entity] = (),
) -> pl.DataFrame:
    """Signals in force on `as_of`, one row per signal and household (or person) where the answer is yes.

    Columns are those of SIGNAL_SCHEMA; `value` is the number compared (yuan, days or months), `fact_date`
    the day the fact happened. Signals of the entities in `unknown_of` that cannot be answered come too
    (state 'unknown', `missing_facts` named); where a source is missing that is every row of the frame, so
    the counts of `signal_unknowns` are usually what is wanted.
    Sorted by household_id, signal_id, person_id.
    """
    frames = rule_frames(cat, persons, households, cat.signals_at(as_of), as_of)
    found = []
    for day in _days(cat, as_of):
        with_unknown = day.rule.entity in unknown_of
        kept = _kept(day, frames, with_unknown)
        found += [_rows(day, kept, state) for state in (("yes", "unknown") if with_unknown else ("yes",))]
    rows = pl.concat([pl.DataFrame(schema=SIGNAL_SCHEMA), *pl.collect_all(found)])
    return rows.sort(_ORDER, nulls_last=True)


def _days(cat: Catalogue, as_of: date) -> list[RuleOnDay[Signal]]:
    return [RuleOnDay(cat, rule, as_of) for rule in cat.signals_at(as_of)]


def _kept(day: RuleOnDay[Signal], frames: RuleFrames, with_unknown: bool) -> pl.LazyFrame:
    """The rows whose `_answer` is yes (or unknown); what costs most comes last, for those still open."""
    whole = day.term(signal_sql(day.rule))
    cheap = [part for part in _conjuncts(whole) if not day.is_costly(part)]
    frame = frames.columns(day.cat, day.rule, day.as_of).lazy()
    # the cheap parts alone already rule out most rows; the whole test decides about the rest
    if day.is_costly(whole) and cheap:
        frame = frame.filter(pl.all_horizontal([day.of(part) for part in cheap]).fill_null(with_unknown))
    return frame.with_columns(_answer=day.of(whole)).filter(pl.col("_answer").fill_null(with_unknown))


def _conjuncts(term: Term) -> tuple[Term, ...]:
    """The tests that AND joins at the outermost level; itself where AND joins none."""
    return term.args if term.word == "AND" else (term,)


def signal_unknowns(
    cat: Catalogue, persons: pl.DataFrame, households: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """How often each signal could not be answered, and for want of which fact.

    One row per signal and missing fact: signal_id, queue, entity, fact, fact_zh, sources (comma text),
    unknown_cnt, total_cnt.
    """
    frames = rule_frames(cat, persons, households, cat.signals_at(as_of), as_of)
    rows = []
    for day in _days(cat, as_of):
        unknown = _kept(day, frames, True).filter(pl.col("_answer").is_null()).collect()
        rows += _unknown_counts(day, unknown, frames.of(day.rule.entity).height)
    schema = {
        "signal_id": pl.String,
        "queue": pl.String,
        "entity": pl.String,
        "fact": pl.String,
        "fact_zh": pl.String,
        "sources": pl.String,
        "unknown_cnt": pl.Int64,
        "total_cnt": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").sort("signal_id", "fact")


def _unknown_counts(day: RuleOnDay[Signal], unknown: pl.DataFrame, total_cnt: int) -> list[tuple]:
    facts, tests = day.cat.facts_of(day.rule.entity), _missing_tests(day)
    counts = unknown.select(test.sum().alias(name) for name, test in tests.items())
    rule, rows = day.rule, []
    for name, cnt in zip(tests, counts.row(0), strict=True):
        if cnt:
            fact = facts.get(name)
            zh, sources = (fact.zh, ",".join(fact.sources)) if fact else (day.name_zh(name), "")
            rows.append((rule.id, rule.queue, rule.entity, name, zh, sources, int(cnt), total_cnt))
    return rows


def _rows(day: RuleOnDay[Signal], kept: pl.LazyFrame, state: str) -> pl.LazyFrame:
    """The rows of one signal in one state, every column computed for the whole frame at once."""
    rule, known = day.rule, state == "yes"
    value = day.expr(rule.value) if rule.value else pl.lit(None)
    frame = kept.filter(pl.col("_answer") if known else pl.col("_answer").is_null())
    frame = frame.with_columns(value.cast(pl.Decimal(18, 2)).alias("value"))
    person = pl.col("person_id") if rule.entity == "person" else pl.lit(None, pl.String)
    happened = (
        pl.lit(day.as_of) - pl.duration(days=pl.col(rule.fact_date)) if rule.fact_date else pl.lit(None)
    )
    return frame.select(
        signal_id=pl.lit(rule.id),
        queue=pl.lit(rule.queue),
        entity=pl.lit(rule.entity),
        person_id=person,
        household_id=pl.col("household_id"),
        state=pl.lit(state),
        level=_level(day) if known else pl.lit(None, pl.String),
        family=pl.lit(rule.family),
        household_kind=pl.lit(rule.household_kind),
        points=pl.lit(rule.points, pl.Int64),
        is_event=pl.lit(rule.is_event),
        value=pl.col("value"),
        fact_date=happened.cast(pl.Date),
        sentence_zh=_explained(day) if known else _sentence_unknown(day),
        missing_facts=_missing(day) if not known else _texts(()),
        questions_zh=_texts(rule.questions_zh),
    ).cast(SIGNAL_SCHEMA)


def _texts(texts: tuple[str, ...]) -> pl.Expr:
    # a one-row series broadcast: a literal list would be taken for a column of its length
    return pl.lit(pl.Series([list(texts)], dtype=pl.List(pl.String))).first()


def _missing_tests(day: RuleOnDay[Signal]) -> dict[str, pl.Expr]:
    return missing_tests(day, signal_sql(day.rule), day.rule.missing)


def _missing(day: RuleOnDay[Signal]) -> pl.Expr:
    tests = _missing_tests(day).items()
    return pl.concat_list(pl.when(test).then(pl.lit(name)) for name, test in tests).list.drop_nulls()


def _sentence_unknown(day: RuleOnDay[Signal]) -> pl.Expr:
    parts = [pl.when(test).then(pl.lit(day.name_zh(name))) for name, test in _missing_tests(day).items()]
    missing = sentences.joined(parts, "、")
    return pl.format("资料不足，暂无法判断「{}」，缺：{}", pl.lit(day.rule.name_zh), missing)


def _level(day: RuleOnDay[Signal]) -> pl.Expr:
    return _choose(day, [(choice, pl.lit(choice.level)) for choice in day.rule.level])


def _sentence(day: RuleOnDay[Signal]) -> pl.Expr:
    texts = [
        (choice, sentences.sentence(day.cat, day.rule.entity, choice.zh, day.as_of))
        for choice in day.rule.sentence
    ]
    return _choose(day, texts)


def _explained(day: RuleOnDay[Signal]) -> pl.Expr:
    """The sentence and, where the answer rests on it, what was taken for the unknown."""
    parts = [
        pl.when(is_used).then(pl.lit(f"（{reason}）"))
        for reason, is_used in day.assumptions(signal_sql(day.rule))
    ]
    return pl.concat_str([_sentence(day), *parts], ignore_nulls=True)


def _choose(day: RuleOnDay[Signal], choices: Sequence[tuple[Level | Sentence, pl.Expr]]) -> pl.Expr:
    """The first choice whose test is true; an unknown test passes on to the next."""
    chosen = choices[-1][1]
    for choice, text in reversed(choices[:-1]):
        test = day.expr(choice.when or "TRUE")
        chosen = pl.when(test.fill_null(False)).then(text).otherwise(chosen)
    return chosen
