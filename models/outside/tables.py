"""The tables of a judged frame: rankings, capacities, groups, predictions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import polars as pl

from models.evaluation.group_rates import LeastCounts, group_rates
from models.outside.compare import RANDOM, RANKINGS, Tested
from models.outside.measures import (
    Capacity,
    Judged,
    at_capacity,
    auc,
    average_precision,
    brier,
    calibration_line,
    listed_part,
)
from models.outside.prepare import Prepared
from models.outside.roles import ENTITY, GROUP, TIME, WEIGHT

_CHANCES = ("logistic", "boosting")
ALL = "all"


def judged(ready: Prepared, one: Tested, ranking: str) -> Judged:
    """The tested rows of one split with a ranking's scores; random has the same for all."""
    rows = one.rows
    score = np.zeros(len(rows)) if ranking == RANDOM else one.scores[ranking]
    weight = ready.rows[WEIGHT].to_numpy()[rows]
    return Judged(ready.label[rows] == one.class_no, score, weight, ready.entity[rows])


def ranking_table(ready: Prepared, tested: list[Tested], rankings: Iterable[str] = RANKINGS) -> pl.DataFrame:
    """One row per class, ranking and split, and one for all splits together.

    Columns: class, ranking, split, row_cnt, found_cnt (rows with the answer), auc, average_precision, brier,
    slope, intercept. Over all splits AUC and average precision are the splits' means (scores of different
    fits have no common order), the others are of all tested rows; auc_low and auc_high are the lowest and
    highest split.
    """
    rows = []
    for k, parts in _by_class(tested):
        for ranking in rankings:
            each = [(one.split, judged(ready, one, ranking)) for one in parts]
            measured = [_measured(j, ranking) for _, j in each]
            shown = [{"split": name, **m} for (name, _), m in zip(each, measured, strict=True)]
            whole = _measured(_pooled([j for _, j in each]), ranking)
            for name in ("auc", "average_precision"):
                whole[name] = _mean([m[name] for m in measured])
            spread = {"auc_low": min(m["auc"] for m in measured), "auc_high": max(m["auc"] for m in measured)}
            both = [{"split": ALL, **whole, **spread}, *shown]
            rows += [{"class": ready.classes[k], "ranking": ranking, **row} for row in both]
    return _rounded(pl.DataFrame(rows, infer_schema_length=None))


def capacity_table(
    ready: Prepared, tested: list[Tested], capacities: list[Capacity], rankings: Iterable[str] = RANKINGS
) -> pl.DataFrame:
    """One row per class, ranking, capacity and split, and one for all splits together.

    Columns: class, ranking, capacity, split, listed (weight), listed_rows, hits, precision, recall, each
    with _low and _high (95 %), and lift (precision over random's).
    """
    rows = []
    for k, parts in _by_class(tested):
        for ranking in rankings:
            for capacity in capacities:
                for name, found in _per_split(ready, parts, ranking, capacity):
                    keys = {"class": ready.classes[k], "ranking": ranking, "capacity": capacity.name}
                    rows.append(keys | {"split": name} | found)
    return _rounded(pl.DataFrame(rows, infer_schema_length=None))


def group_table(
    ready: Prepared, tested: list[Tested], capacities: list[Capacity], ranking: str, least: LeastCounts
) -> pl.DataFrame:
    """`group_rates` of one ranking's lists over all splits; class and capacity stand first."""
    groups = {c: c.removeprefix(GROUP) for c in ready.rows.columns if c.startswith(GROUP)}
    tables = []
    for k, parts in _by_class(tested) if groups else ():
        for capacity in capacities:
            frame = pl.concat([_flagged(ready, one, ranking, capacity) for one in parts]).rename(groups)
            score = "score" if _is_chance(judged(ready, parts[0], ranking), ranking) else None
            rates = group_rates(
                frame, list(groups.values()), least, weight=WEIGHT, entity=ENTITY, score=score
            )
            tables.append(
                rates.select(
                    pl.lit(ready.classes[k]).alias("class"), pl.lit(capacity.name).alias("capacity"), pl.all()
                )
            )
    return pl.concat(tables) if tables else pl.DataFrame()


def predictions(ready: Prepared, tested: list[Tested]) -> pl.DataFrame:
    """One row per tested row and class: split, entity, time, class, answer, weight, a score per ranking."""
    names = [c for c in (ENTITY, TIME, WEIGHT) if c in ready.rows.columns]
    parts = []
    for one in tested:
        keys = ready.rows.select(names)[one.rows].rename({c: c.removeprefix("zr:") for c in names})
        answer = pl.Series("answer", ready.label[one.rows] == one.class_no)
        scores = [pl.Series(name, one.scores[name]) for name in sorted(one.scores)]
        said = [pl.lit(one.split).alias("split"), pl.lit(ready.classes[one.class_no]).alias("class")]
        parts.append(keys.with_columns(*said, answer, *scores))
    return pl.concat(parts)


def _by_class(tested: list[Tested]) -> Iterator[tuple[int, list[Tested]]]:
    for k in sorted({one.class_no for one in tested}):
        yield k, [one for one in tested if one.class_no == k]


def _measured(rows: Judged, ranking: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "row_cnt": len(rows.label),
        "found_cnt": int(rows.label.sum()),
        "auc": auc(rows),
        "average_precision": average_precision(rows),
    }
    chance = _is_chance(rows, ranking)
    slope, intercept = calibration_line(rows) if chance else (None, None)
    return found | {"brier": brier(rows) if chance else None, "slope": slope, "intercept": intercept}


def _is_chance(rows: Judged, ranking: str) -> bool:
    """Ours are; somebody else's score is one where all of it lies between 0 and 1."""
    within = bool((rows.score >= 0).all() and (rows.score <= 1).all())
    return ranking in _CHANCES or (ranking == "score" and within)


def _pooled(each: list[Judged]) -> Judged:
    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(j, name) for j in each])

    return Judged(joined("label"), joined("score"), joined("weight"), joined("entity"))


def _per_split(
    ready: Prepared, parts: list[Tested], ranking: str, capacity: Capacity
) -> Iterator[tuple[str, dict[str, Any]]]:
    each = [(one.split, judged(ready, one, ranking)) for one in parts]
    # each split lists its own highest; together they are the rows that were listed anywhere
    taken = [listed_part(rows, capacity) for _, rows in each]
    pooled = _pooled([rows for _, rows in each])
    named = [
        (ALL, pooled, np.concatenate(taken)),
        *((n, r, t) for (n, r), t in zip(each, taken, strict=True)),
    ]
    for name, rows, part in named:
        found = at_capacity(rows, part)
        base = float(np.average(rows.label, weights=rows.weight))
        lift = found["precision"] / base if found["precision"] is not None and base else None
        yield name, found | {"lift": lift}


def _flagged(ready: Prepared, one: Tested, ranking: str, capacity: Capacity) -> pl.DataFrame:
    rows = judged(ready, one, ranking)
    keys = [c for c in ready.rows.columns if c in (ENTITY, WEIGHT) or c.startswith(GROUP)]
    return ready.rows.select(keys)[one.rows].with_columns(
        label=pl.Series(rows.label),
        flagged=pl.Series(listed_part(rows, capacity)),
        score=pl.Series(rows.score),
    )


def _mean(values: list[float]) -> float:
    return float(np.mean(values))


def _rounded(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(pl.col(pl.Float64).round(6))
