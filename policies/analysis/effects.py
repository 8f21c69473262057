"""Whom a new version of the rules concerns: who is newly entitled, who no longer, whose sum changes.

effects(old, new, as_of) -> one row per person or household and rule that is answered otherwise
by_rule(rows)            -> one row per rule: counts, and the yuan a month they are about
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import polars as pl

from policies.catalogue.benefit import ENTITLED
from policies.catalogue.model import Catalogue
from policies.engine.evaluate_benefits import evaluate_benefits
from policies.engine.evaluate_signals import evaluate_signals

_KEY = ["household_id", "person_id", "rule_id"]
_MONEY = pl.Decimal(18, 2)
_SUMS = ("amount_yuan_month", "amount_once_yuan")


class Side(NamedTuple):
    """One version of the rules and the facts as it reads them."""

    cat: Catalogue
    persons: pl.DataFrame
    households: pl.DataFrame


def effects(old: Side, new: Side, as_of: date) -> pl.DataFrame:
    """One row per rule and person or household (person_id null) that the two answer differently.

    answer_before, answer_after (yes likely unknown_amount no unknown); change_yuan_month and
    change_once_yuan: what the entitlement is more or less, nothing counting for who has none; null where
    either side knows no sum. kind: newly, no_longer, amount, unclear (unknown on one side), status (likely
    for yes). Sorted by its key.
    """
    before, after = (_answers(side, as_of) for side in (old, new))
    both = before.join(after, on=_KEY, how="full", coalesce=True, nulls_equal=True, suffix="_after")
    both = both.rename({name: f"{name}_before" for name in ("answer", *_SUMS)}).with_columns(
        pl.col("answer_before", "answer_after").fill_null("no")
    )
    rows = both.select(
        *_KEY, "answer_before", "answer_after",
        change_yuan_month=_change("amount_yuan_month"), change_once_yuan=_change("amount_once_yuan"),
    )  # fmt: skip
    return rows.with_columns(kind=_kind()).filter(pl.col("kind").is_not_null()).sort(_KEY, nulls_last=True)


def by_rule(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per rule: newly_cnt, no_longer_cnt, amount_cnt, unclear_cnt, status_cnt; of the known changes
    of a monthly sum the total, the median and the largest (by size).
    """
    change = pl.col("change_yuan_month")
    moved = change.filter(change != 0)
    counts = {f"{kind}_cnt": (pl.col("kind") == kind).sum() for kind in KINDS}
    return (
        rows.group_by("rule_id")
        .agg(
            **counts,
            total_yuan_month=change.sum(),
            median_yuan_month=moved.cast(pl.Float64).median().round(2),
            largest_yuan_month=moved.sort_by(moved.abs()).last(),
        )
        .sort("rule_id")
    )


KINDS = ("newly", "no_longer", "amount", "unclear", "status")


def _answers(side: Side, as_of: date) -> pl.DataFrame:
    benefits = evaluate_benefits(side.cat, side.persons, side.households, as_of)
    signals = evaluate_signals(
        side.cat, side.persons, side.households, as_of, unknown_of=("person", "household")
    )
    return pl.concat(
        [
            benefits.select("household_id", "person_id", *_SUMS, rule_id="benefit_id", answer="eligible"),
            signals.select("household_id", "person_id", rule_id="signal_id", answer="state"),
        ],
        how="diagonal",
    )


def _change(name: str) -> pl.Expr:
    sides = []
    for side in ("before", "after"):
        answer = pl.col(f"answer_{side}")
        # what nobody knows is null; who is not entitled has nothing
        known = pl.when(answer.is_in(ENTITLED)).then(pl.col(f"{name}_{side}"))
        sides.append(known.when(answer == "no").then(pl.lit(0, _MONEY)))
    return (sides[1] - sides[0]).cast(_MONEY)


def _kind() -> pl.Expr:
    before, after = pl.col("answer_before"), pl.col("answer_after")
    was, is_ = before.is_in(ENTITLED), after.is_in(ENTITLED)
    moved = pl.any_horizontal(pl.col("change_yuan_month", "change_once_yuan").fill_null(0) != 0)
    open_ = (before == "unknown") != (after == "unknown")
    return (
        pl.when(open_).then(pl.lit("unclear"))
        .when(is_ & ~was).then(pl.lit("newly"))
        .when(was & ~is_).then(pl.lit("no_longer"))
        .when(was & is_ & moved).then(pl.lit("amount"))
        .when(before != after).then(pl.lit("status"))
    )  # fmt: skip
