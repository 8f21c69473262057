"""What one date's alerts are made from: the rules' answers, earlier lists and visits, the stations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl

# The bands that random lines are drawn in, from the likeliest to the least; see random_lines.py.
BANDS = ("edge", "sign", "likely", "quiet")


@dataclass(frozen=True)
class Operations:
    """How much a station can visit in a period, how much of it is drawn at random, what counts as growth."""

    station_lines_month: int
    audit_share: Decimal
    value_growth_share: Decimal
    audit_band_shares: Mapping[str, Decimal]
    audit_likely_share: Decimal
    yuan_line_share: Decimal
    ask_chance_min: Decimal

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Operations:
        """From the parameter group `operations`, by name (others, such as due days, are read elsewhere)."""
        names = (
            *("audit_share", "value_growth_share", "audit_likely_share"),
            *("yuan_line_share", "ask_chance_min"),
        )
        shares = {name: Decimal(str(values[name])) for name in names}
        bands = {band: Decimal(str(values[f"audit_band_{band}"])) for band in BANDS}
        return cls(station_lines_month=int(values["station_lines_month"]), audit_band_shares=bands, **shares)

    def audit_mean(self, capacity: int) -> float:
        """The audit arm's lines: the share rounded half up (0.08 of 10 or 12 is 1, of 20 is 2).

        What rounds to none stays a part of a line: of 3 lines 0.24, one in every fourth list or so.
        """
        part = self.audit_share * capacity
        whole = part.quantize(Decimal(1), ROUND_HALF_UP)
        return float(whole or part)


@dataclass(frozen=True, kw_only=True)
class Past:
    """What a date knows of earlier lists and their visits.

    cooldowns         result_code, cooldown_days (null: does not close the case); both queues' codes
    previous_alerts   lines of earlier lists: of cases with a sign now, on a list of this month, at rest, or
                      drawn and not due yet; of mart.alert alert_id, as_of, queue, level, signal_ids,
                      benefit_gap_yuan_month, due_date, rest_until, arm, is_listed; or None
    outcomes          alert_id, result_code, found_date, known_date, or None
    """

    as_of: date
    cooldowns: pl.DataFrame
    previous_alerts: pl.DataFrame | None = None
    outcomes: pl.DataFrame | None = None


@dataclass(frozen=True, kw_only=True)
class AlertInputs(Past):
    """Everything the alerts of `as_of` follow from, beside the past.

    signals           of this date: signal_id, queue, person_id, household_id, state, level, family, points,
                      is_event, value, fact_date, sentence_zh, questions_zh (policies.engine.evaluate_signals)
    missing           benefits that households miss on this date, one row each (texts.missing_benefits)
    households        household_id, town_code, village_code, and member_cnt where known
    stations          town_code, and capacity (lines a period) where a station has its own
    due_dates         level -> the day by which a new alert of it is due
    previous_signals  signals of those lists' dates and cases at rest, with as_of, or None (then growth cannot
                      be seen)
    scores            household_id, score, or None: only then does a model order the list
    means             household_id, chance_below_line, expected_yuan_month, or None: only then is an income
                      asked for
    """

    signals: pl.DataFrame
    missing: pl.DataFrame
    households: pl.DataFrame
    stations: pl.DataFrame
    operations: Operations
    due_dates: Mapping[str, date]
    previous_signals: pl.DataFrame | None = None
    scores: pl.DataFrame | None = None
    means: pl.DataFrame | None = None
