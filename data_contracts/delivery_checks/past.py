"""What is known of an extract's earlier deliveries when a new one is checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl


@dataclass(frozen=True)
class Past:
    """The extract's earlier deliveries; all of it may be unknown.

    previous_rows, previous_profile: of the last accepted delivery (profile.profile_of's columns).
    known_date: this delivery's. promised_date: the last day it was due, grace included; where unknown it
    is computed from last_known_date, the last accepted delivery's. delivered_parts: parts of the same
    period that are here already.
    """

    previous_rows: int | None = None
    previous_profile: pl.DataFrame | None = None
    known_date: date | None = None
    promised_date: date | None = None
    last_known_date: date | None = None
    delivered_parts: tuple[str, ...] = ()


UNKNOWN = Past()
