"""Why one household stands where a model puts it: the facts that raised it most."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl

from flows.actions.learning import BASELINE_HOUSEHOLDS
from flows.actions.model_use import model_named
from flows.context.run import ordering_of
from flows.context.site import Site
from models.features.feature_list import SIGNAL
from models.features.household_features import household_features
from models.ranking.fitting import Model
from models.ranking.registry import ModelEntry, list_models, load
from models.ranking.use_log import RULES
from models.reasons.reasons import reasons_of
from models.reasons.usual import usual_of
from transforms.sharding import Sharding
from warehouse.database.catalogue import columns_of
from warehouse.database.partitions import as_of_dates, rows_of_shard
from warehouse.queries.households import household_rows, last_household
from zhaoren.errors import ZhaorenError

_TABLES = ("panel.household", "panel.person", "mart.signal")


@dataclass(frozen=True)
class Why:
    """A household's facts, the strongest first, by a model on a date.

    stands: in use, shadow, named, or rules. is_learned: false where rules order, of which no facts are
    named. refused: why the model that a person put into use was not asked.
    """

    as_of: date
    model_id: str
    stands: str
    is_learned: bool
    facts: tuple[str, ...] = ()
    refused: str = ""

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return asdict(self)


def why(site: Site, household_id: str, *, as_of: date | None = None, model_id: str | None = None) -> Why:
    """The facts that raised a household most on the date (the newest by default).

    By the named model, else the one in use then, else the one in the shadow. Raises ZhaorenError (code) where
    the date was not run (no_such_date), has no such household (no_such_household), or the home has no model
    (no_model, no_such_model).
    """
    day = _day(site, as_of)
    households, persons, signals = (household_rows(site.con, t, household_id, day) for t in _TABLES)
    if not households.height:
        raise ZhaorenError(
            "There is no such household.", household_id, f"No household of {day} has this id.",
            "Take the id from a list line: 20260205-H000000534-N is of household H000000534.",
            code="no_such_household",
        )  # fmt: skip
    ordering = ordering_of(site, day)
    entry, stands = _asked(site, model_id, ordering.model, ordering.shadow)
    model = None if entry is None else load(entry)
    if entry is None or model is None or model.learner is None:
        return Why(
            day, entry.model_id if entry else RULES, stands, is_learned=False, refused=ordering.refused
        )
    features = household_features(households, persons, signals, _signals(model))
    facts = tuple(reasons_of(model, features, _usual(site, day, signals))["text_zh"].to_list())
    return Why(day, entry.model_id, stands, is_learned=True, facts=facts, refused=ordering.refused)


def _day(site: Site, as_of: date | None) -> date:
    dates = as_of_dates(site.con)
    if not dates or (as_of is not None and as_of not in dates):
        raise ZhaorenError(
            f"There are no lists of {as_of}." if as_of else "Nothing was run in this home yet.",
            str(site.home.root), "", "`zhaoren status` shows the dates; `zhaoren run` makes them.",
            code="no_such_date",
        )  # fmt: skip
    return as_of or dates[-1]


def _asked(
    site: Site, model_id: str | None, in_use: ModelEntry | None, shadow: ModelEntry | None
) -> tuple[ModelEntry | None, str]:
    if model_id == RULES:
        return None, RULES
    if model_id is not None:
        return model_named(site, model_id), "named"
    if in_use is not None:
        return in_use, "in use"
    if shadow is not None:
        return shadow, "shadow"
    if not list_models(site.home.models):
        raise ZhaorenError(
            "This home has no trained model.", str(site.home.models),
            "The rules order its lists; each line's own sentence says why it is there.",
            "Run `zhaoren train` when visits have come back.",
            code="no_model",
        )  # fmt: skip
    return None, RULES  # none of them has won


def _signals(model: Model) -> list[str]:
    return [name.removeprefix(SIGNAL) for name in model.features if name.startswith(SIGNAL)]


def _usual(site: Site, day: date, signals: pl.DataFrame) -> dict[str, float | None]:
    """What a usual household of the date has; of a large province one shard's, as for the drift."""
    part = (Sharding.of_size(last_household(site.con), BASELINE_HOUSEHOLDS), 0)
    households, persons = (
        rows_of_shard(site.con, table, day, part, *columns_of(site.con, table)) for table in _TABLES[:2]
    )
    # what fired is no fact about a family: none is read
    return usual_of(household_features(households, persons, signals.clear(), ()))
