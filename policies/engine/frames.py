"""Person and household frames made ready for rules: every fact a column of its type, nothing guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from data_contracts.registry.column_types import DTYPES
from policies.catalogue.benefit import Benefit
from policies.catalogue.fact import Fact
from policies.catalogue.model import KEYS, Catalogue, Rule
from policies.catalogue.rule_texts import rule_texts
from policies.catalogue.shapes import Entity
from policies.engine import sentences, sql

HOUSEHOLD_KEYS = ("household_id", "town_code", "village_code")


@dataclass(frozen=True)
class RuleFrames:
    """Two frames: `person` (one row per person, with the facts of the household) and `household`."""

    person: pl.DataFrame
    household: pl.DataFrame

    def of(self, entity: Entity) -> pl.DataFrame:
        """The frame of a rule's entity."""
        return self.person if entity == "person" else self.household

    def columns(self, cat: Catalogue, rule: Rule, as_of: date) -> pl.DataFrame:
        """The frame of the rule's entity with its keys and only the facts it reads (no copy is made)."""
        frame = self.of(rule.entity)
        keys = [key for key in KEYS if key in frame.columns]
        return frame.select(*keys, *(n for n in columns_of(rule, cat, as_of) if n not in KEYS))


def rule_frames(
    cat: Catalogue, persons: pl.DataFrame, households: pl.DataFrame, rules: Sequence[Rule], as_of: date
) -> RuleFrames:
    """The columns these rules read. A fact without a column was never delivered: it is null, unknown."""
    needed = {
        entity: _needed(cat, [r for r in rules if r.entity == entity], as_of)
        for entity in ("person", "household")
    }
    own = {n: f for n, f in needed["person"].items() if f.entity == "person"}
    borrowed = {n: f for n, f in needed["person"].items() if f.entity == "household"}
    # the household's facts are copied to its members only where a person rule reads them
    of_household = households.select(
        "household_id", *(_column(households, f).alias(n) for n, f in borrowed.items())
    )
    person = persons.select(*_keys(persons, KEYS), *(_column(persons, f).alias(n) for n, f in own.items()))
    person = person.join(of_household, on="household_id", how="left", maintain_order="left")
    facts = (_column(households, fact).alias(name) for name, fact in needed["household"].items())
    household = households.select(*_keys(households, HOUSEHOLD_KEYS), *facts)
    # In one piece: of a frame in several, every rule would make a copy of its own.
    return RuleFrames(person.rechunk(), household.rechunk())


def columns_of(rule: Rule, cat: Catalogue, as_of: date) -> list[str]:
    """Every column a rule reads, through its conditions, amounts, levels and sentences."""
    names: list[str] = []
    for _, text, _ in rule_texts(rule):
        names += sql.columns_read(cat, text, as_of, rule.entity)
    for _, template in sentences.templates(rule):
        names += sentences.facts_in(template)
        for parameter in sentences.parameters_in(template):
            names += sql.parameter_columns(cat, parameter, as_of, rule.entity)
    if isinstance(rule, Benefit):
        names += [name for condition in rule.who for name in condition.missing]
    else:
        names += [*rule.missing, *([rule.fact_date] if rule.fact_date else [])]
    return list(dict.fromkeys(names))


def missing_tests(named: list[str], missing: tuple[str, ...]) -> dict[str, pl.Expr]:
    """Which facts to ask for when a test is unknown: fact name -> whether this row lacks it.

    Without `missing` every null fact the test names. With it, only those listed; when none of them is
    null either (one registered parent, for instance), the first.
    """
    names = list(missing) or named
    tests = {name: pl.col(name).is_null() for name in names}
    if missing:
        tests[names[0]] = tests[names[0]] | ~pl.any_horizontal(list(tests.values()))
    return tests


def texts_that_hold(parts: list[tuple[str, pl.Expr]], separator: str) -> pl.Expr:
    """The texts (62 at most: each is a bit of one integer) whose test holds, joined.

    Few combinations occur, so each is written once and not row by row.
    """
    bits = [pl.when(test).then(1 << i).otherwise(0).cast(pl.Int64) for i, (_, test) in enumerate(parts)]

    def written(codes: pl.Series) -> pl.Series:
        found = codes.unique()
        texts = [separator.join(t for i, (t, _) in enumerate(parts) if code >> i & 1) for code in found]
        return codes.replace_strict(found, texts, return_dtype=pl.String).cast(pl.String)

    # a null test counts as false: what is not known to hold is not in the reason
    return pl.sum_horizontal(bits).map_batches(written, return_dtype=pl.String) if bits else pl.lit("")


def _needed(cat: Catalogue, rules: list[Rule], as_of: date) -> dict[str, Fact]:
    names = dict.fromkeys(name for rule in rules for name in columns_of(rule, cat, as_of))
    known = cat.facts_of(rules[0].entity) if rules else {}
    return {name: known[name] for name in names if name in known}


def _keys(frame: pl.DataFrame, keys: tuple[str, ...]) -> list[pl.Expr]:
    return [
        pl.col(k).cast(pl.String) if k in frame.columns else pl.lit(None, pl.String).alias(k) for k in keys
    ]


def _column(frame: pl.DataFrame, fact: Fact) -> pl.Expr:
    dtype = DTYPES[fact.type]
    return pl.col(fact.name).cast(dtype) if fact.name in frame.columns else pl.lit(None, dtype)
