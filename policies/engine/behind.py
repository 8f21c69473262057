"""What to ask for where a derived fact is unknown: the departments' facts that its formula cannot do without.

    lacking(cat, "person", "is_severe_disabled", as_of)
        -> {"is_disabled": is it what this row lacks?, …, "is_severe_disabled": nothing of its own is lacking}

Followed are facts that a formula needs whatever the others say. What stands in a CASE or before a fallback
would do in another's stead, and what members lack is not the row's own: there the definition itself is
named.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from policies.catalogue.definition import Definition
from policies.catalogue.model import HOUSEHOLD, KEYS, Catalogue
from policies.catalogue.shapes import Entity
from policies.language.terms import FACT, MEMBER_WORDS, PARAMETER, Term
from policies.values.names import meaning_of
from policies.values.options import options

_DOES_WITHOUT = ("CASE", "IF_UNKNOWN", "NEVER", *MEMBER_WORDS)


def lacking(cat: Catalogue, entity: Entity, name: str, as_of: date) -> dict[str, pl.Expr]:
    """Name -> whether it is what a row lacks of the fact: itself, or what stands behind it.

    `$group.name`: a parameter without a value on the day.
    """
    if name.startswith("$"):
        return {name: pl.lit(True)}
    found: dict[str, pl.Expr] = {}
    is_null = pl.col(name).is_null()
    for part in _parts(cat, entity, name, as_of):
        for each, test in lacking(cat, entity, part, as_of).items():
            found[each] = found[each] | test if each in found else test
    if not found:
        return {name: is_null}
    behind = {each: is_null & test for each, test in found.items()}
    return behind | {name: is_null & ~pl.any_horizontal(list(found.values()))}


def columns_behind(cat: Catalogue, entity: Entity, name: str, as_of: date) -> Iterator[str]:
    """The columns that `lacking` asks, beside the fact's own."""
    for part in _parts(cat, entity, name, as_of):
        if not part.startswith("$"):
            yield part
            yield from columns_behind(cat, entity, part, as_of)


def _parts(cat: Catalogue, entity: Entity, name: str, as_of: date) -> tuple[str, ...]:
    """What a definition's formula cannot do without, as a rule of the entity calls it; of a fact nothing."""
    key = ("behind", entity, name, as_of)
    if key not in cat.computed:
        fact = cat.facts_of(entity).get(name)
        definition = cat.definitions.get(f"{fact.entity}.{fact.name}") if fact else None
        prefix = HOUSEHOLD if definition and definition.entity != entity else ""
        found = dict.fromkeys(_needed(cat, definition, as_of)) if definition else {}
        cat.computed[key] = tuple(n if n.startswith("$") else f"{prefix}{n}" for n in found)
    parts: tuple[str, ...] = cat.computed[key]
    return parts


def _needed(cat: Catalogue, definition: Definition, as_of: date) -> Iterator[str]:
    version = definition.at(as_of)
    for part in _strict(meaning_of(cat, version.formula, definition.entity)) if version else ():
        if part.word == FACT and part.name not in KEYS:
            yield part.name
        if part.word == PARAMETER:
            columns = options(cat, part.name, as_of, definition.entity).all_columns
            yield from (column for column in columns if column not in KEYS)
            value = cat.value_at(part.name, as_of)
            if value is None or value.is_unknown:
                yield f"${part.name}"


def _strict(term: Term) -> Iterator[Term]:
    """The parts that are always needed."""
    if term.word not in _DOES_WITHOUT:
        yield term
        for arg in term.args:
            yield from _strict(arg)
