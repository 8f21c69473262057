"""Hand-made signals, gaps, households and visits for tests of the alerts, and one call that builds them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from transforms.alerts.alerts import ALERT_SCHEMA, build_alerts
from transforms.alerts.inputs import BANDS, AlertInputs, Operations
from transforms.alerts.texts import missing_benefits

AS_OF, NEXT = date(2026, 3, 5), date(2026, 4, 5)
TOWN, OTHER = "440512001", "440511002"
BENEFITS = pl.DataFrame(
    [
        ("living_subsidy_disabled", "困难残疾人生活补贴", "一次性"),
        ("elder_allowance", "高龄津贴", "一次性"),
        ("temporary_relief", "临时救助", "一次性"),
        ("premium_subsidy", "资助参保", "每年"),
        ("legal_aid", "法律援助", "一次性"),
    ],
    schema=["benefit_id", "benefit_zh", "period_zh"],
    orient="row",
).with_columns(is_sum=pl.col("benefit_id") != "legal_aid")
COOLDOWNS = pl.DataFrame(
    [("10", 180), ("40", 90), ("90", None), ("70", 90)], schema=["result_code", "cooldown_days"], orient="row"
)
# By need alone and nobody asked, unless a test says otherwise.
_SHARES = {
    "value_growth_share": "0.5",
    "audit_likely_share": "0.1",
    "yuan_line_share": "0",
    "ask_chance_min": "0.2",
}
_BANDS = {
    f"audit_band_{band}": share for band, share in zip(BANDS, ("0.2", "0.3", "0.1", "0.4"), strict=True)
}


def operations(lines: int = 12, audit_share: str = "0.08", **shares: str) -> Operations:
    values = {"station_lines_month": lines, "audit_share": audit_share, **_SHARES, **_BANDS, **shares}
    return Operations.from_values(values)


OPERATIONS, NO_AUDIT = operations(), operations(audit_share="0")
DUE_DAYS = {"red": 2, "orange": 10, "yellow": 28, "blue": 42}
SIGNALS: dict[str, pl.DataType | type[pl.DataType]] = {
    "signal_id": pl.String,
    "queue": pl.String,
    "entity": pl.String,
    "person_id": pl.String,
    "household_id": pl.String,
    "state": pl.String,
    "level": pl.String,
    "family": pl.String,
    "household_kind": pl.String,
    "points": pl.Int64,
    "is_event": pl.Boolean,
    "value": pl.Decimal(18, 2),
    "fact_date": pl.Date,
    "sentence_zh": pl.String,
    "missing_facts": pl.List(pl.String),
    "questions_zh": pl.List(pl.String),
}
ENTITLEMENTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "as_of": pl.Date,
    "person_id": pl.String,
    "household_id": pl.String,
    "benefit_id": pl.String,
    "eligible": pl.String,
    "missing_facts": pl.String,
    "amount_yuan_month": pl.Decimal(18, 2),
    "amount_once_yuan": pl.Decimal(18, 2),
    "is_receiving": pl.Boolean,
    "gap_yuan_month": pl.Decimal(18, 2),
    "amount_status": pl.String,
    "is_minimum_amount": pl.Boolean,
    "missed_month_cnt": pl.Int64,
    "reason_zh": pl.String,
}


def signal(
    household: str | None = "H1", name: str = "I01", level: str = "orange", **more: Any
) -> dict[str, Any]:
    base = {
        "signal_id": name,
        "queue": "need",
        "entity": "household",
        "household_id": household,
        "state": "yes",
        "level": level,
        "family": name,
        "household_kind": "hukou",
        "points": 3,
        "is_event": False,
        "missing_facts": [],
        "sentence_zh": f"{name}：近12个月自付医疗费12000元。",
        "questions_zh": ["现在还在治疗吗？"],
    }
    return {**dict.fromkeys(SIGNALS), **base, **more}


def gap(
    household: str = "H1", benefit: str = "living_subsidy_disabled", amount: str = "217", **more: Any
) -> dict:
    base = {
        "household_id": household,
        "benefit_id": benefit,
        "eligible": "likely",
        "is_receiving": False,
        "gap_yuan_month": Decimal(amount),
        "amount_status": "verified",
    }
    return {**dict.fromkeys(ENTITLEMENTS), **base, **more}


def homes(names: Iterable[str], town: str = TOWN) -> pl.DataFrame:
    rows = [(name, town, f"{town}00{i % 3}", 2) for i, name in enumerate(names)]
    return pl.DataFrame(
        rows, schema=["household_id", "town_code", "village_code", "member_cnt"], orient="row"
    )


def run(
    signals: Iterable[dict[str, Any]],
    gaps: Iterable[dict[str, Any]] = (),
    *,
    households: pl.DataFrame | None = None,
    previous: pl.DataFrame | None = None,
    previous_signals: pl.DataFrame | None = None,
    outcomes: pl.DataFrame | None = None,
    scores: pl.DataFrame | None = None,
    means: pl.DataFrame | None = None,
    capacity: int | None = None,
    operations: Operations = NO_AUDIT,
    as_of: date = AS_OF,
) -> pl.DataFrame:
    households = homes(["H1", "H2"]) if households is None else households
    stations = pl.DataFrame(
        {"town_code": [TOWN], "capacity": [capacity]}, schema_overrides={"capacity": pl.Int64}
    )
    inputs = AlertInputs(
        as_of=as_of,
        signals=pl.DataFrame(list(signals), schema=SIGNALS, orient="row"),
        missing=missing_benefits(
            pl.DataFrame(list(gaps), schema=ENTITLEMENTS, orient="row"), BENEFITS, as_of
        ),
        households=households,
        stations=stations,
        operations=operations,
        due_dates={level: as_of + timedelta(days=days) for level, days in DUE_DAYS.items()},
        cooldowns=COOLDOWNS,
        previous_alerts=previous,
        previous_signals=previous_signals,
        outcomes=outcomes,
        scores=scores,
        means=means,
    )
    alerts = build_alerts(inputs)
    assert alerts.schema == ALERT_SCHEMA
    return alerts


def one(alerts: pl.DataFrame) -> dict[str, Any]:
    (row,) = alerts.to_dicts()
    return row


def visit(result: str, found: date, alert: str = "20260305-H1-N", known: date | None = None) -> pl.DataFrame:
    row = {"alert_id": alert, "result_code": result, "found_date": found, "known_date": known or found}
    return pl.DataFrame([row])


def kept(*signals: dict[str, Any], as_of: date = AS_OF) -> pl.DataFrame:
    """This date's signals as the warehouse keeps them for later."""
    return pl.DataFrame(list(signals), schema=SIGNALS, orient="row").with_columns(as_of=pl.lit(as_of))


def many(levels: str, **more: Any) -> list[dict[str, Any]]:
    names = {"r": "red", "o": "orange", "y": "yellow"}
    return [signal(f"H{i:03}", level=names[c], **more) for i, c in enumerate(levels)]


def listed(alerts: pl.DataFrame) -> list[str]:
    return alerts.filter("is_listed").sort("list_rank")["household_id"].to_list()
