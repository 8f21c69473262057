"""The frames that rules are answered over: each rule's own columns, every fact of its type, nothing
guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from policies.catalogue.model import KEYS, Catalogue, Rule
from policies.catalogue.rule_texts import rule_texts
from policies.catalogue.shapes import Entity
from policies.engine import sentences
from policies.engine.rule_facts import rule_facts
from policies.engine.rule_on_day import RuleOnDay
from policies.values.endings import refuse_ended
from policies.values.names import meaning_of
from policies.values.workspace import Workspace

HOUSEHOLD_KEYS = ("household_id", "town_code", "village_code")


@dataclass(frozen=True)
class RuleFrames:
    """What rules may ask of the persons and the households of one date."""

    space: Workspace

    def of(self, entity: Entity) -> pl.DataFrame:
        """The rows of an entity, as they were given."""
        return self.space.given[entity]

    def columns(self, cat: Catalogue, rule: Rule, as_of: date) -> pl.DataFrame:
        """The frame of the rule's entity with its keys and only the columns it reads (no copy is made); of
        rows whose place has a text of its own only those that are this rule's.
        """
        keys = KEYS if rule.entity == "person" else HOUSEHOLD_KEYS
        frame = self.space.frame(rule.entity, [*keys, *self.columns_of(cat, rule, as_of)])
        mine, others = cat.places_of(rule, as_of)
        return frame.filter(self.answered(cat, rule, as_of)) if mine or others else frame

    def answered(self, cat: Catalogue, rule: Rule, as_of: date) -> pl.Series:
        """Which rows are this rule's: all, but for those whose place has another text under its id.

        Whose place nobody knows is answered by the text for everywhere: no list of a place shows them.
        """
        mine, others = cat.places_of(rule, as_of)
        if not mine and not others:
            return pl.repeat(True, self.of(rule.entity).height, eager=True)
        lives = self.space.column(rule.entity, "town_code").fill_null("")
        found = lives.str.starts_with(mine)
        for place in others:
            found &= ~lives.str.starts_with(place)
        return found

    def columns_of(self, cat: Catalogue, rule: Rule, as_of: date) -> Iterator[str]:
        """Every column a rule reads: its facts, its parameters that differ by row, its words about
        members.
        """
        for text in rule_texts(rule):
            yield from self.space.columns_of(rule.entity, meaning_of(cat, text.sql, rule.entity))
        for _, template in sentences.templates(rule):
            for parameter in sentences.parameters_in(template):
                yield from self.space.of_parameter(rule.entity, parameter)
        yield from rule_facts(cat, rule, as_of)


def rule_frames(
    cat: Catalogue, persons: pl.DataFrame, households: pl.DataFrame, rules: Sequence[Rule], as_of: date
) -> RuleFrames:
    """The frames for these rules. A fact without a column was never delivered: it is null, unknown.

    ZhaorenError where a rule needs a parameter that has ended: an answer without it would be of no law.
    """
    refuse_ended(cat, rules, as_of)
    return RuleFrames(Workspace(cat, persons, households, as_of))


def missing_tests(day: RuleOnDay, text: str, missing: tuple[str, ...]) -> dict[str, pl.Expr]:
    """Which facts to ask for when a test is unknown: fact name -> whether this row lacks it.

    Without `missing` every null fact the test names; of those asked last only where the facts beside them
    are known. With it, only those listed; when none of them is null either (one registered parent, for
    instance), the first. For a derived fact, the departments' facts behind it (behind.py).
    """
    names, last = list(missing) or day.facts(text), day.asked_last(text)
    tests: dict[str, pl.Expr] = {}
    for name in names:
        before = [pl.col(other).is_not_null() for other in last.get(name, ())]
        for each, lacks in day.lacking(name).items():
            test = pl.all_horizontal(lacks, *before) if before else lacks
            tests[each] = tests[each] | test if each in tests else test
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
