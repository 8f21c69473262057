"""What a station's list and its county's page say of the station's hands, in one or two sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange.words import words


def hands_line(station: Mapping[str, Any]) -> str:
    """The sentences; `station`: a row of mart.station. Nothing is said that is not known."""
    text: Mapping[str, str] = words("hands")["said"]
    known = station["hours_month"] is not None
    parts = [text["hours" if known else "no_hours"]]
    parts += [text["waits"]] if station["key_due_cnt"] > station["key_planned_cnt"] else []
    parts += [text["untold"]] if station["key_unknown_cnt"] else []
    parts += [text["next_ten"]] if station["next_ten_need_cnt"] is not None else []
    shown = {**station, "hours_month": _plain(station["hours_month"])}
    shown["next_ten_need_cnt"] = _plain(station["next_ten_need_cnt"])
    shown["wait_cnt"] = station["key_due_cnt"] - station["key_planned_cnt"]
    return "".join(parts).format(**shown)


def _plain(number: Any) -> str:
    """A number without zeros that say nothing: 120, 120.5."""
    return "" if number is None else f"{float(number):.1f}".removesuffix(".0")
