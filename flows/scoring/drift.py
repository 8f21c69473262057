"""What moved since the models of a date were trained, and whether they keep what they promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from data_contracts.registry.tables import schema
from flows.context import parameters
from flows.context.site import Site
from flows.scoring.shards.work import MODEL_COUNTS
from flows.scoring.shards.world import Scorer, World
from models.features.labels import known_labels, labels
from models.ranking.drift import SCORE, moves
from models.ranking.kept_promise import Promise, first_half, kept_promise
from warehouse.as_of import outcomes
from warehouse.database.partitions import as_of_dates, partition, rows_of_households
from warehouse.shards.store import ShardStore

ROWS = schema("ops.model_drift", without=("as_of",))


@dataclass(frozen=True)
class DriftRules:
    """When somebody must look (policies/parameters/ranking.yaml)."""

    score_psi_max: float
    feature_psi_max: float
    unknown_rise_max: float
    promise_least_cnt: int


def model_drift(site: Site, as_of: date, world: World, store: ShardStore) -> pl.DataFrame:
    """The date's rows of ops.model_drift, of the model in use and of the one in the shadow."""
    values = parameters.group(site.catalogue, "ranking", as_of)
    rules = DriftRules(
        float(values["score_psi_max"]),
        float(values["feature_psi_max"]),
        float(values["unknown_rise_max"]),
        int(values["promise_least_cnt"]),
    )
    counted = store.results(MODEL_COUNTS, world.sharding.count).collect()
    rows: list[dict[str, Any]] = []
    stands = {one.model_id: name for name, one in (("shadow", world.shadow), ("in_use", world.in_use)) if one}
    for scorer in filter(None, (world.in_use, world.shadow)):
        rows += [{"model_id": scorer.model_id, **row} for row in _moved(scorer, counted, rules)]
    # Each promise is that of the model that ordered, or would have ordered, the list before.
    for (model_id,), visited in _visited(site, as_of).partition_by("model_id", as_dict=True).items():
        rows += [{"model_id": model_id, **row} for row in _promises(visited, rules)]
    told = [{**row, "stands": stands.get(row["model_id"], "former")} for row in rows]
    told = [{**row, "is_alarm": row["is_alarm"] and row["stands"] == "in_use"} for row in told]
    return pl.DataFrame(told, schema=ROWS).sort("model_id", "measure", "column_name")


def _moved(scorer: Scorer, counted: pl.DataFrame, rules: DriftRules) -> list[dict[str, Any]]:
    own = counted.filter(model_id=scorer.model_id)
    rows = []
    for row in moves(scorer.baseline, own).iter_rows(named=True):
        name = row["column_name"]
        limit = rules.score_psi_max if name == SCORE else rules.feature_psi_max
        psi, before, now = row["psi"], row["unknown_before"], row["unknown_now"]
        same = {"column_name": name, "cnt": row["cnt"]}
        rows.append({**same, "measure": "psi", "value": psi, "is_alarm": psi is not None and psi > limit})
        risen = row["cnt"] > 0 and now - before > rules.unknown_rise_max
        rows.append({**same, "measure": "unknown", "value": now, "expected": before, "is_alarm": risen})
    return rows


def _promises(visited: pl.DataFrame, rules: DriftRules) -> list[dict[str, Any]]:
    whole = kept_promise(visited)
    half, by_points = first_half(visited)
    return [
        _promise("promise", whole, whole.promised, rules.promise_least_cnt),
        _promise("first_half", half, by_points, rules.promise_least_cnt),
    ]


def _promise(measure: str, kept: Promise, expected: float | None, least: int) -> dict[str, Any]:
    """Below the least number of visits: not estimable, which is no alarm."""
    row: dict[str, Any] = {"measure": measure, "column_name": "", "cnt": kept.cnt, "is_alarm": False}
    if kept.cnt < least:
        return row
    short = expected is not None and kept.high is not None and kept.high < expected
    return row | {
        "value": kept.found, "low": kept.low, "high": kept.high, "expected": expected, "is_alarm": short,
    }  # fmt: skip


def _visited(site: Site, as_of: date) -> pl.DataFrame:
    """Lines of the list before that were visited by the date: model_id, household_id, score, points, label.

    Once for each model that scored them then.
    """
    before = [day for day in as_of_dates(site.con) if day < as_of][-1:]
    if not before:
        return pl.DataFrame(schema=_VISITED)
    alerts = partition(site.con, "mart.alert", before[0])
    codes = {code.code: code.is_verified_need for code in site.catalogue.result_codes}
    told = known_labels(labels(outcomes(site.con, as_of), alerts, codes), as_of)
    columns = ("model_id", "household_id", "score")
    scores = pl.concat(
        rows_of_households(site.con, table, before[0], told, *columns)
        for table in ("mart.score", "mart.shadow_score")
    )
    points = alerts.filter(queue="need").select("alert_id", "points")
    found = told.join(scores, on="household_id").join(points, on="alert_id", how="left")
    return found.select(list(_VISITED)).cast(_VISITED).sort("model_id", "household_id")


_VISITED = pl.Schema(
    {
        "model_id": pl.String,
        "household_id": pl.String,
        "score": pl.Float64,
        "points": pl.Int64,
        "label": pl.Boolean,
    }
)
