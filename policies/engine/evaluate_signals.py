"""Signals as of a date: which households and persons show a sign of need, and what to tell the worker."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from policies.catalogue.model import KEYS, Catalogue
from policies.catalogue.shapes import Entity
from policies.catalogue.signal import Level, Sentence, Signal
from policies.engine import sentences, sql
from policies.engine.frames import RuleFrames, asked_facts, conjuncts, is_costly, rule_frames

SIGNAL_SCHEMA = pl.Schema(
    {
        "signal_id": pl.String(),
        "queue": pl.String(),
        "entity": pl.String(),
        "person_id": pl.String(),
        "household_id": pl.String(),
        "state": pl.String(),
        "level": pl.String(),
        "family": pl.String(),
        "household_kind": pl.String(),
        "points": pl.Int64(),
        "is_event": pl.Boolean(),
        "value": pl.Decimal(18, 2),
        "fact_date": pl.Date(),
        "sentence_zh": pl.String(),
        "missing_facts": pl.List(pl.String()),
        "questions_zh": pl.List(pl.String()),
    }
)
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
    rules = cat.signals_at(as_of)
    frames = rule_frames(cat, persons, households, rules, as_of)
    found = []
    for rule in rules:
        kept = _kept(cat, rule, frames, as_of, rule.entity in unknown_of)
        states = ("yes", "unknown") if rule.entity in unknown_of else ("yes",)
        found += [_rows(cat, rule, kept, state, as_of) for state in states]
    rows = pl.concat([pl.DataFrame(schema=SIGNAL_SCHEMA), *pl.collect_all(found)])
    return rows.sort(_ORDER, nulls_last=True)


def _kept(cat: Catalogue, rule: Signal, frames: RuleFrames, as_of: date, with_unknown: bool) -> pl.LazyFrame:
    """The rows whose `_answer` is yes (or unknown); what costs most is asked last, of those still open."""
    text = sql.with_parameters(cat, signal_sql(rule), as_of, rule.entity)
    cheap = [part for part in conjuncts(text) if not is_costly(part)]
    frame = frames.columns(cat, rule, as_of).lazy()
    if is_costly(text) and cheap:
        frame = frame.filter(pl.all_horizontal(map(sql.compiled, cheap)).fill_null(with_unknown))
    return frame.with_columns(_answer=sql.compiled(text)).filter(pl.col("_answer").fill_null(with_unknown))


def signal_unknowns(
    cat: Catalogue, persons: pl.DataFrame, households: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """How often each signal could not be answered, and for want of which fact.

    One row per signal and missing fact: signal_id, queue, entity, fact, fact_zh, sources (comma text),
    unknown_cnt, total_cnt.
    """
    rules = cat.signals_at(as_of)
    frames = rule_frames(cat, persons, households, rules, as_of)
    rows = []
    for rule in rules:
        unknown = _kept(cat, rule, frames, as_of, True).filter(pl.col("_answer").is_null()).collect()
        rows += _unknown_counts(cat, rule, unknown, frames.of(rule.entity).height, as_of)
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


def _unknown_counts(
    cat: Catalogue, rule: Signal, unknown: pl.DataFrame, total_cnt: int, as_of: date
) -> list[tuple]:
    facts = cat.facts_of(rule.entity)
    asked = _asked(cat, rule, as_of)
    counts = unknown.select(test.sum().alias(name) for name, test in asked.items())
    return [
        (
            rule.id,
            rule.queue,
            rule.entity,
            name,
            facts[name].zh,
            ",".join(facts[name].sources),
            int(cnt),
            total_cnt,
        )
        for name, cnt in zip(asked, counts.row(0), strict=True)
        if cnt
    ]


def _rows(cat: Catalogue, rule: Signal, kept: pl.LazyFrame, state: str, as_of: date) -> pl.LazyFrame:
    """The rows of one signal in one state, every column computed for the whole frame at once."""
    value = (
        sql.compiled(sql.with_parameters(cat, rule.value, as_of, rule.entity)) if rule.value else pl.lit(None)
    )
    known = state == "yes"
    frame = kept.filter(pl.col("_answer") if known else pl.col("_answer").is_null())
    frame = frame.with_columns(value.cast(pl.Decimal(18, 2)).alias("value"))
    person = pl.col("person_id") if rule.entity == "person" else pl.lit(None, pl.String)
    happened = pl.lit(as_of) - pl.duration(days=pl.col(rule.fact_date)) if rule.fact_date else pl.lit(None)
    return frame.select(
        signal_id=pl.lit(rule.id),
        queue=pl.lit(rule.queue),
        entity=pl.lit(rule.entity),
        person_id=person,
        household_id=pl.col("household_id"),
        state=pl.lit(state),
        level=_level(cat, rule, as_of) if known else pl.lit(None, pl.String),
        family=pl.lit(rule.family),
        household_kind=pl.lit(rule.household_kind),
        points=pl.lit(rule.points, pl.Int64),
        is_event=pl.lit(rule.is_event),
        value=pl.col("value"),
        fact_date=happened.cast(pl.Date),
        sentence_zh=_sentence(cat, rule, as_of) if known else _asks_for(cat, rule, as_of),
        missing_facts=_missing(cat, rule, as_of) if not known else _texts(()),
        questions_zh=_texts(rule.questions_zh),
    ).cast(SIGNAL_SCHEMA)


def _texts(texts: tuple[str, ...]) -> pl.Expr:
    return pl.lit(pl.Series([list(texts)], dtype=pl.List(pl.String))).first()


def _asked(cat: Catalogue, rule: Signal, as_of: date) -> dict[str, pl.Expr]:
    names = sql.columns_in(sql.with_parameters(cat, signal_sql(rule), as_of, rule.entity))
    return asked_facts([name for name in names if name not in KEYS], rule.missing)


def _missing(cat: Catalogue, rule: Signal, as_of: date) -> pl.Expr:
    asked = _asked(cat, rule, as_of).items()
    return pl.concat_list(pl.when(test).then(pl.lit(name)) for name, test in asked).list.drop_nulls()


def _asks_for(cat: Catalogue, rule: Signal, as_of: date) -> pl.Expr:
    facts = cat.facts_of(rule.entity)
    parts = [
        pl.when(test).then(pl.lit(facts[name].short_zh)) for name, test in _asked(cat, rule, as_of).items()
    ]
    return pl.format(
        "资料不足，暂无法判断「{}」，缺：{}", pl.lit(rule.name_zh), sentences.joined(parts, "、")
    )


def _level(cat: Catalogue, rule: Signal, as_of: date) -> pl.Expr:
    return _choose(cat, rule, [(choice, pl.lit(choice.level)) for choice in rule.level], as_of)


def _sentence(cat: Catalogue, rule: Signal, as_of: date) -> pl.Expr:
    texts = [(choice, sentences.sentence(cat, rule.entity, choice.zh, as_of)) for choice in rule.sentence]
    return _choose(cat, rule, texts, as_of)


def _choose(cat: Catalogue, rule: Signal, choices: list[tuple], as_of: date) -> pl.Expr:
    """The first choice whose test is true; an unknown test passes on to the next."""
    chosen: pl.Expr = choices[-1][1]
    for choice, text in reversed(choices[:-1]):
        test = sql.compiled(sql.with_parameters(cat, _when(choice), as_of, rule.entity))
        chosen = pl.when(test.fill_null(False)).then(text).otherwise(chosen)
    return chosen


def _when(choice: Level | Sentence) -> str:
    return choice.when or "TRUE"
