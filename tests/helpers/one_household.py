"""One household by hand, over facts and rules of a test's own, for the product's engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from data_contracts.registry.column_types import DTYPES
from policies.catalogue.definition import Definition
from policies.catalogue.fact import Fact
from policies.catalogue.model import Catalogue
from policies.catalogue.parameter import Parameter
from policies.values.columns import HOUSEHOLD_OF
from policies.values.workspace import Workspace

_SAID = {"zh": "x", "unit": ""}
_KEYS = ("town_code", "village_code")


def catalogue_of(
    kinds: Mapping[str, Mapping[str, str]],
    *,
    never: Mapping[tuple[str, str], str] | None = None,
    definitions: Sequence[Definition] = (),
    parameters: Sequence[Parameter] = (),
) -> Catalogue:
    """The facts by entity and type, and what rests on them."""
    facts = {}
    named = [(entity, name, kind) for entity, of in kinds.items() for name, kind in of.items()]
    for entity, name, kind in [*named, *((d.entity, d.name, d.type) for d in definitions)]:
        known_by = (never or {}).get((entity, name))
        more = {"never": {"known_by": known_by}} if known_by else {}
        said = {**_SAID, "entity": entity, "name": name, "type": kind, "sources": ("x",), **more}
        facts[f"{entity}.{name}"] = Fact.model_validate(said)
    return Catalogue(
        facts,
        {f"g.{p.name}": p for p in parameters},
        benefits=(),
        signals=(),
        result_codes=(),
        labels={},
        definitions={d.key: d for d in definitions},
    )


def frozen(given: Any) -> Any:
    """As the product's reader hands it on: lists as tuples, numbers exact."""
    if isinstance(given, float):
        return Decimal(str(given))
    if isinstance(given, Mapping):
        return {key: frozen(value) for key, value in given.items()}
    return tuple(map(frozen, given)) if isinstance(given, list) else given


def workspace_of(
    cat: Catalogue, as_of: date, people: Sequence[Mapping[str, Any]], household: Mapping[str, Any]
) -> Workspace:
    """The people of one household, and it; a fact that nobody states is null."""
    ids = dict.fromkeys(HOUSEHOLD_OF.values(), "h")
    persons = [{"person_id": str(i), **ids, **person} for i, person in enumerate(people)]
    keys = ["person_id", *ids]
    return Workspace(
        cat,
        _frame(cat, "person", persons, keys),
        _frame(cat, "household", [{"household_id": "h", **household}], ["household_id"]),
        as_of,
        given_first=True,
    )


def _frame(cat: Catalogue, entity: str, rows: Sequence[Mapping[str, Any]], keys: list[str]) -> pl.DataFrame:
    columns = [pl.Series(key, [row.get(key) for row in rows], dtype=pl.String) for key in (*keys, *_KEYS)]
    stated = dict.fromkeys(name for row in rows for name in row if name not in (*keys, *_KEYS))
    for name in stated:
        dtype = DTYPES[cat.facts[f"{entity}.{name}"].type]
        values = [row.get(name) for row in rows]
        if dtype.is_decimal():
            values = [None if value is None else Decimal(str(value)) for value in values]
        columns.append(pl.Series(name, values, dtype=dtype))
    return pl.DataFrame(columns)
