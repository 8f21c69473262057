"""What the test looks at, and how it is fitted: every household that was found, and a share of the others."""

from __future__ import annotations

import polars as pl
import polars_hash as plh

from models.learners.learner import Learner, fit
from models.learners.sample import Sample
from models.ranking.fitting import Model
from zhaoren.errors import ZhaorenError

KIND = "means"
# What a family is like, does and pays. Left out is what follows from being on a roll: pay, tier, premiums
# paid by the state, watch list; who has it is known already, and no unknown household could be found by it.
FEATURES = (
    *("member_cnt", "adult_cnt", "elder_cnt", "child_cnt", "is_elder_only", "youngest_years", "oldest_years"),
    *("worker_cnt", "worker_previous_cnt", "worker_lost_cnt", "unemployed_cnt", "unemployed_days_min"),
    *("unemployment_left_days", "pension_yuan_month", "elder_allowance_yuan_month"),
    *("disabled_cnt", "severe_disabled_cnt", "major_illness_cnt", "illness_days_min", "care_needed_cnt"),
    *("card_issued_days_min", "card_left_days_min", "living_alone_cnt"),
    *("burden_12m_yuan", "burden_1m_yuan", "burden_median_yuan_month", "burden_month_cnt"),
    *("burden_member_yuan", "burden_rise_yuan", "burden_person_max_yuan", "rigid_spend_12m_yuan"),
    *("education_cost_yuan_year", "student_cnt", "dropout_cnt", "uninsured_cnt", "insured_left_days"),
    *("disaster_days", "disaster_loss_yuan", "house_damage_level", "house_grade_level", "place_level"),
    *("breadwinner_died_days", "parent_dead_max", "parent_unable_max", "rent_arrears_month_cnt"),
    *("benefit_stopped_days", "relief_12m_yuan", "relief_refused_days", "relief_approved_days"),
)
# Where sense demands a direction: another wage or pension never makes a low income likelier.
DIRECTIONS = {"worker_cnt": -1, "pension_yuan_month": -1, "worker_lost_cnt": 1, "unemployed_cnt": 1}
# A line learned from fewer says nothing. With 432 found trees ordered hardly better than a line (area 0.681
# and 0.666, 0.30 of the first 290 below the line with either) and took five times as long.
LEAST_FOUND, TREES_FOUND = 40, 1_000
# Others for each one found: thirty told nothing that ten did not, and a province has a thousand.
_OTHERS_EACH, _OTHERS_LEAST = 10, 3_000


def chosen(labelled: pl.DataFrame) -> pl.DataFrame:
    """Of `found_incomes`: all that were found and a fixed draw of the others, `weight` making up for it.

    Who is drawn follows from ids and dates alone, so the same rows are drawn whatever their order.
    """
    found, others = labelled.filter("label"), labelled.filter(~pl.col("label"))
    wanted = max(_OTHERS_LEAST, _OTHERS_EACH * found.height)
    if others.height <= wanted:
        return labelled.with_columns(weight=pl.lit(1.0))
    ticket = plh.concat_str(pl.col("household_id"), pl.col("as_of").cast(pl.String), separator="|")
    drawn = others.sort(ticket.chash.sha2_256(), "household_id", "as_of").head(wanted)
    drawn = drawn.with_columns(weight=pl.lit(others.height / wanted))
    both = pl.concat([found.with_columns(weight=pl.lit(1.0)), drawn])
    return both.sort("as_of", "household_id")


def sample_of(rows: pl.DataFrame) -> Sample:
    """What the test learns from: `chosen`'s rows with their features as of their own date."""
    features = tuple(name for name in FEATURES if name in rows.columns)
    monotone = {name: way for name, way in DIRECTIONS.items() if name in features}
    return Sample(rows, "label", features, monotone=monotone, entity="household_id", weight="weight")


def refuse_few(rows: pl.DataFrame) -> None:
    """Raise ZhaorenError (too_few_found) where too few were found to learn from."""
    found = int(rows["label"].sum())
    if found < LEAST_FOUND:
        raise ZhaorenError(
            f"too few incomes were found to learn from: {found}",
            "proxy means test",
            f"at least {LEAST_FOUND} households whose income was unknown must have been found below the line",
            "deliver rolls for more months; until then nobody is asked for an income by it",
            code="too_few_found",
        )


def fit_means(rows: pl.DataFrame, seed: int) -> Model:
    """The fitted test; its chance is that of being found within the span, not yet that of a low income.

    Raises ZhaorenError (too_few_found).
    """
    refuse_few(rows)
    kind = "boosting" if int(rows["label"].sum()) >= TREES_FOUND else "logistic"
    learner: Learner = fit(kind, sample_of(rows), seed)
    return Model(KIND, learner.features, learner)
