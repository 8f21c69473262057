"""Made-up lists, visits and outcomes with a planted cause of need, for the tests of the ranking.

The planted cause: need comes from rigid spending that swallows the income. The rules' points only see it
dimly, so a ranking that learns must put more verified needs on the lists than the points do.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl

from data_contracts.registry.column_types import DTYPES
from models.evaluation.group_gates import GroupRules
from models.evaluation.group_rates import LeastCounts
from models.features.household_features import rule_points
from models.features.training_frame import Panel
from models.ranking.training import Owed, TrainingSettings
from policies.loading import load_catalogue

# Panels, alerts, outcomes, and the training frame made of them.
Made = tuple[list[Panel], pl.DataFrame, pl.DataFrame, pl.DataFrame]
CODES = {"20": True, "30": True, "40": False, "41": False, "60": None}
DATES = [date(2025, 9, 5), date(2025, 10, 5), date(2025, 11, 5), date(2025, 12, 5), date(2026, 1, 5)]
TODAY = date(2026, 2, 5)
TOWNS = 16
# Wide gates: these made-up towns are there to show what is learned, not whom it serves.
OWED = Owed(GroupRules(0.0, 0.0, 100.0, 1.0), LeastCounts(30, 10))
# Few made-up visits, so that trees may be tried at all.
SETTINGS = TrainingSettings(min_rows=100, boosting_rows=100)


def empty_facts(entity: str) -> dict[str, pl.DataType]:
    """Every fact of the dictionary for persons or households, with its polars type."""
    facts = load_catalogue().facts.values()
    return {fact.name: DTYPES[fact.type] for fact in facts if fact.entity == entity}


def frame_of(entity: str, values: dict[str, object]) -> pl.DataFrame:
    """A frame holding every fact of an entity: those given, the others unknown."""
    given = pl.DataFrame(values)
    facts = empty_facts(entity)
    return given.with_columns(
        (pl.col(name).cast(dtype) if name in given.columns else pl.lit(None, dtype).alias(name))
        for name, dtype in facts.items()
    )


def yuan(values: np.ndarray) -> pl.Series:
    return pl.Series(np.round(values * 100).astype("int64")).cast(pl.Decimal(18, 2)) / Decimal(100)


def panel(as_of: date, count: int = 900) -> tuple[date, pl.DataFrame, pl.DataFrame, pl.DataFrame, np.ndarray]:
    """One date of the made-up watch list, and which households truly are in need."""
    rng = np.random.default_rng(as_of.toordinal())
    ids = [f"h{i:04d}" for i in range(count)]
    income, spend = rng.gamma(3, 400, count), rng.gamma(1.2, 9000, count)
    members = rng.integers(1, 6, count)
    squeeze = spend / (income * 12 * members + 1)
    need = rng.random(count) < 1 / (1 + np.exp(-4 * (squeeze - 0.9)))
    income_known = rng.random(count) < 0.8
    households = frame_of(
        "household",
        {
            "household_id": ids,
            "town_code": [f"44010000{i % TOWNS:x}" for i in range(count)],
            "as_of": [as_of] * count,
            "member_cnt": members,
            "disabled_cnt": rng.integers(0, 2, count),
            "tier_code": rng.choice(["none", "dibao", "watch"], count),
            "place_tier_code": rng.choice(["t1", "t4_urban", "t4_rural"], count),
            "is_rural": rng.random(count) < 0.5,
            "income_yuan_month": pl.select(
                pl.when(pl.Series(income_known)).then(yuan(income).cast(pl.Decimal(18, 2)))
            ).to_series(),
            "rigid_spend_12m_yuan": yuan(spend),
        },
    )
    persons = frame_of(
        "person",
        {
            "person_id": [f"p{i:04d}" for i in range(count)],
            "household_id": ids,
            "relation_code": ["head"] * count,
            "sex_code": rng.choice(["1", "2"], count),
            "age_years": rng.integers(19, 90, count),
            "is_alive": [True] * count,
            "pension_yuan_month": yuan(rng.gamma(2, 200, count)),
        },
    )
    fired = rng.random((count, 3)) < np.column_stack(
        [0.2 + 0.25 * need, np.full(count, 0.3), np.full(count, 0.2)]
    )
    rows, which = np.nonzero(fired)
    signals = pl.DataFrame(
        {
            "signal_id": [f"I0{w + 1}" for w in which],
            "household_id": [ids[r] for r in rows],
            "queue": ["need"] * len(rows),
            "state": ["yes"] * len(rows),
            "points": [3 - int(w) for w in which],
            "level": ["orange"] * len(rows),
            "is_event": [False] * len(rows),
        }
    )
    return as_of, households, persons, signals, need


def world(dates: list[date] = DATES) -> tuple[list[Panel], pl.DataFrame, pl.DataFrame]:
    """Panels, the alerts listed (twelve by points and two at random per town), and what visits found."""
    panels, alerts, outcomes = [], [], []
    for as_of in dates:
        _, households, persons, signals, need = panel(as_of)
        panels.append((as_of, households, persons, signals))
        truth = pl.DataFrame({"household_id": households["household_id"], "need": need})
        points = rule_points(signals)
        listed = (
            households.select("as_of", "household_id", "town_code")
            .join(points, on="household_id", how="left")
            .join(truth, on="household_id")
            .sort(
                "town_code",
                pl.col("rule_points").fill_null(0),
                "household_id",
                descending=[False, True, False],
            )
            .with_columns(place=pl.int_range(pl.len()).over("town_code"))
            .filter((pl.col("place") < 12) | pl.col("place").is_between(40, 41))
            .with_columns(
                alert_id=pl.format("{}-{}", "as_of", "household_id"),
                arm=pl.when(pl.col("place") < 12).then(pl.lit("rule")).otherwise(pl.lit("audit")),
                queue=pl.lit("need"),
                is_listed=pl.lit(True),
            )
        )
        alerts.append(listed.drop("need", "rule_points", "place"))
        code = (
            pl.when(pl.col("place") == 3)
            .then(pl.lit("60"))
            .when("need")
            .then(pl.lit("20"))
            .otherwise(pl.lit("40"))
        )
        found = listed.select(
            "alert_id",
            result_code=code,
            found_date=pl.col("as_of") + timedelta(days=12),
            known_date=pl.col("as_of") + timedelta(days=20),
        )
        outcomes.append(found)
    return panels, pl.concat(alerts), pl.concat(outcomes)


def no_signals() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "signal_id": pl.String,
            "household_id": pl.String,
            "queue": pl.String,
            "state": pl.String,
            "points": pl.Int64,
            "level": pl.String,
            "is_event": pl.Boolean,
        }
    )
