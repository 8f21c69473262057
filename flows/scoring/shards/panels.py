"""The persons and the households of a date with every fact that rules may name: delivered, declared, derived.

    panels(cat, core, golden, places) -> (persons, households)      see transforms/panel/panel.py

transforms puts delivered facts together; what follows from them by law is worked out from the definitions
(policies/definitions), once, so that whoever asks later takes the columns as they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import polars as pl

from flows.context import parameters
from policies.catalogue.model import Catalogue
from policies.values.workspace import with_definitions, with_person_definitions
from transforms.core_as_of import CoreAsOf
from transforms.panel.panel import NEEDED, panel_households, panel_persons


def panels(
    cat: Catalogue,
    core: CoreAsOf,
    golden: pl.DataFrame,
    places: pl.DataFrame,
    *,
    within: Callable[[pl.DataFrame], pl.DataFrame] = lambda persons: persons,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both panels; `within` keeps the persons that are asked for, once those they rest on were looked at."""
    as_of = core.as_of
    definitions = parameters.definitions(cat, as_of)
    derived = partial(with_person_definitions, cat, as_of=as_of, names=NEEDED)
    persons = within(panel_persons(core, golden, definitions, derived, cat.declared))
    households = panel_households(
        core,
        persons,
        definitions,
        places=places,
        declared=cat.declared,
    )
    return with_definitions(cat, persons, households, as_of)
