"""What a new version of a folder of rules would change for the people in a file of facts, or of a home."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from flows.context.site import Site
from flows.queries.facts_file import read_facts
from flows.queries.whatif import panel_date
from policies.analysis.effects import Side, effects
from policies.catalogue.model import Catalogue
from policies.engine.evaluate_all import known_columns, split_facts, texts_of
from policies.engine.unanswerable import refuse_no_rules
from policies.values.workspace import with_definitions
from warehouse.database.partitions import partition


def effects_on_file(old: Catalogue, new: Catalogue, path: Path, as_of: date) -> pl.DataFrame:
    """`effects` for the rows of a file; a column that only one version knows is read by that one.

    ZhaorenError as for `policies eval`, and where neither version has a rule in force.
    """
    rows = read_facts(path, {*texts_of(old), *texts_of(new)})
    return effects(_side(old, rows, new, as_of), _side(new, rows, old, as_of), as_of)


def _side(cat: Catalogue, rows: pl.DataFrame, other: Catalogue, as_of: date) -> Side:
    if not other.rules_at(as_of):
        refuse_no_rules(cat, as_of)
    mine, others = known_columns(cat), known_columns(other)
    kept = rows.select(name for name in rows.columns if name in mine or name not in others)
    persons, households = split_facts(cat, kept)
    return Side(cat, *with_definitions(cat, persons, households, as_of, given_first=True))


def effects_on_home(site: Site, old: Catalogue, new: Catalogue, as_of: date) -> pl.DataFrame:
    """`effects` for everybody in a home's panel of the date."""
    day = panel_date(site, as_of)
    persons, households = (partition(site.con, f"panel.{name}", day) for name in ("person", "household"))
    # What the panel holds of definitions was worked out by the rules in force, not by either version.
    sides = []
    for cat in (old, new):
        derived = {entity: _derived(cat, entity) for entity in ("person", "household")}
        sides.append(
            Side(
                cat,
                persons.drop(derived["person"], strict=False),
                households.drop(derived["household"], strict=False),
            )
        )
    return effects(sides[0], sides[1], day)


def _derived(cat: Catalogue, entity: str) -> list[str]:
    return [d.name for d in cat.definitions.values() if d.entity == entity]
