"""A made-up panel for the bench: persons and households with plausible facts, a few of them unknown.

    panel(cat, persons, households) -> the two frames that rules are asked about

Every fact of the catalogue that some extract brings is a column. Codes are those the rules compare with;
most people have none of them, so that few in a hundred qualify for anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import polars as pl

from data_contracts.registry.column_types import DTYPES
from policies.catalogue.fact import Fact
from policies.catalogue.model import Catalogue
from policies.catalogue.rule_texts import Rule, rule_texts

# Shares of what nobody could tell; most counts of days are null because the thing never happened, and of half
# the households no office knows the income.
UNKNOWN, NEVER, NO_INCOME = 0.01, 0.95, 0.5
# What most people have; of any other text most have 'none', of any other yes or no most have no.
USUAL_CODES = {"registration_status_code": "active", "pension_type_code": "resident"}
USUALLY = {"is_alive": 0.99, "is_enrolled_medical": 0.95, "is_rural": 0.4}
UNUSUAL = 0.05
MEANS = {
    "member_cnt": 1.5,
    "adult_cnt": 1.4,
    "worker_cnt": 1.0,
    "worker_previous_cnt": 1.0,
    "parent_known_cnt": 1.8,
}
# none with values of its own, which the formulas beside ours do not know
TOWNS = ["445202001", "440205004", "440983002", "441900010"]


def panel(
    cat: Catalogue, persons: int, households: int, seed: int = 7, *, all_known: bool = False
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Persons and households; every household has a person, the other persons live anywhere."""
    rng = np.random.default_rng(seed)
    home = pl.DataFrame(
        {"household_id": _ids("H", households), "town_code": rng.choice(TOWNS, households)}
    ).with_columns(village_code=pl.col("town_code") + "001")
    lives = np.concatenate([np.arange(households), rng.integers(0, households, persons - households)])
    lives.sort()
    own = home[lives].with_columns(person_id=_ids("P", persons))
    return (
        own.with_columns(_facts(cat, "person", persons, rng, all_known)),
        home.with_columns(_facts(cat, "household", households, rng, all_known)),
    )


def _ids(letter: str, count: int) -> pl.Series:
    return letter + pl.Series(np.arange(count)).cast(pl.String).str.zfill(9)


def _facts(
    cat: Catalogue, entity: str, rows: int, rng: np.random.Generator, all_known: bool
) -> Iterator[pl.Series]:
    codes = _codes(cat)
    for fact in cat.panel_facts():
        if fact.entity == entity:
            values = _values(fact, codes.get(fact.name, []), rows, rng)
            is_lost = rng.random(rows) < (0 if all_known else _unknown(fact))
            known = pl.Series(values).zip_with(pl.Series(~is_lost), pl.Series([None], dtype=values.dtype))
            yield known.alias(fact.name).cast(DTYPES[fact.type])


def _unknown(fact: Fact) -> float:
    if fact.unit == "days":
        return NEVER
    return NO_INCOME if fact.name.startswith("income_") else UNKNOWN


def _codes(cat: Catalogue) -> dict[str, list[str]]:
    """Text fact -> the codes that rules compare it with, and that parameters differ by."""
    found: dict[str, set[str]] = {}
    rules: tuple[Rule, ...] = (*cat.benefits, *cat.signals)
    texts = [text for rule in rules for _, text, _ in rule_texts(rule)]
    for text in texts:
        for name, words in re.findall(r"(\w+)\s*(?:=|<>|(?:NOT )?IN)\s*\(?((?:'[^']*'(?:, )?)+)", text):
            found.setdefault(name.removeprefix("household_"), set()).update(re.findall("'([^']*)'", words))
    for parameter in cat.parameters.values():
        for value in parameter.values:
            if value.places:
                tiers = {place for place in value.places if not place.isdigit()}
                found.setdefault("place_tier_code", set()).update(tiers)
            if value.cases:
                found.setdefault(value.cases.fact, set()).update(value.cases.of)
    return {name: sorted(codes) for name, codes in found.items()}


def _values(fact: Fact, codes: list[str], rows: int, rng: np.random.Generator) -> pl.Series:
    if fact.type == "text":
        return _texts(fact, codes, rows, rng)
    if fact.type == "boolean":
        return pl.Series(rng.random(rows) < USUALLY.get(fact.name, UNUSUAL))
    if fact.type == "date":
        return pl.Series(rng.integers(18_000, 20_300, rows).astype(np.int32)).cast(pl.Date)
    if fact.type == "integer":
        return pl.Series(_integers(fact, rows, rng))
    # Incomes everybody has; sums paid or spent few, of all sizes.
    fen = rng.lognormal(12.6, 0.7, rows) * (fact.name.startswith("income_") or rng.random(rows) < UNUSUAL)
    return pl.Series(fen.astype(np.int64)).cast(pl.Decimal(18, 2)) * pl.Series(["0.01"]).cast(
        pl.Decimal(18, 2)
    )


def _texts(fact: Fact, codes: list[str], rows: int, rng: np.random.Generator) -> pl.Series:
    if fact.name == "place_tier_code":
        return pl.Series(rng.choice(codes, rows))
    usual = USUAL_CODES.get(fact.name, "none")
    others = [code for code in codes if code != usual] or ["other"]
    drawn = np.where(rng.random(rows) < UNUSUAL, rng.integers(1, len(others) + 1, rows), 0)
    return pl.Series([usual, *others]).gather(drawn)


def _integers(fact: Fact, rows: int, rng: np.random.Generator) -> np.ndarray:
    if fact.unit == "years":
        return np.clip(rng.normal(38, 22, rows), 0, 104).astype(np.int64)
    if fact.unit == "grade":
        return rng.integers(1, 5, rows)
    if fact.unit == "days":
        return rng.integers(-100 if fact.name.endswith("_left") else 0, 1500, rows)
    return rng.poisson(MEANS.get(fact.name, UNUSUAL), rows) + (fact.name == "member_cnt")
