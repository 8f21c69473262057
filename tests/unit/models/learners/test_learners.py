"""Learners on frames whose chances are known, and what they refuse."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.learners.leaks import area, refuse_leaks
from models.learners.learner import KINDS, Learner, fit
from models.learners.sample import Sample
from zhaoren.errors import ZhaorenError

FEATURES = ("spend", "income", "town", "noise", "flag")


def frame(count: int = 3_000, seed: int = 1) -> pl.DataFrame:
    """Rows whose true chance is in `truth`: it rises with spend, falls with income, and differs by town."""
    rng = np.random.default_rng(seed)
    spend, income = rng.gamma(2, 1, count), rng.gamma(2, 1, count)
    town = rng.integers(0, 6, count)
    chance = 1 / (1 + np.exp(-(1.5 * np.log(spend / income) + np.array([-1, 0, 1, -1, 0, 1])[town] - 1)))
    cells = pl.DataFrame({"spend": spend, "income": income, "truth": chance, "noise": rng.random(count)})
    return cells.with_columns(
        income=pl.when(pl.Series(rng.random(count) < 0.8)).then(pl.col("income").cast(pl.Decimal(18, 2))),
        town=pl.Series([f"t{t}" for t in town]),
        flag=pl.Series(rng.random(count) < 0.3),
        label=pl.Series(rng.random(count) < chance),
        house=pl.Series([f"h{i // 2}" for i in range(count)]),
    )


def sample(cells: pl.DataFrame, **given: Any) -> Sample:
    return Sample(cells, "label", **{"features": FEATURES, "entity": "house"} | given)


@pytest.mark.parametrize("kind", KINDS)
def test_chances_are_near_the_true_ones(kind: str) -> None:
    learner, fresh = fit(kind, sample(frame()), 0), frame(seed=2)
    chance = learner.chance(fresh)
    true = area(fresh["truth"].to_numpy(), fresh["label"].to_numpy())
    assert area(chance, fresh["label"].to_numpy()) > true - 0.04
    assert abs(chance.mean() - fresh["label"].mean()) < 0.03
    assert np.abs(chance - fresh["truth"].to_numpy()).mean() < 0.09
    order = np.argsort(learner.score(fresh), kind="stable")
    assert (np.diff(chance[order]) >= 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_shuffled_rows_give_the_same_learner(kind: str) -> None:
    cells = frame(900)
    shuffled = cells.sample(fraction=1, shuffle=True, seed=9)
    first, again = (fit(kind, sample(f), 3).chance(cells) for f in (cells, shuffled))
    assert (first == again).all()


@pytest.mark.parametrize("kind", KINDS)
def test_cells_that_are_no_numbers_are_unknown_and_counted(kind: str) -> None:
    endless = pl.when(pl.int_range(pl.len()) % 100 == 0).then(float("inf"))
    odd = endless.when(pl.int_range(pl.len()) % 100 == 1).then(float("nan")).otherwise(pl.col("spend"))
    cells = frame(900).with_columns(spend=odd)
    learner = fit(kind, sample(cells), 0)
    assert learner.unknown_cells == {"spend": 18}
    same = fit(kind, sample(cells.with_columns(pl.when(pl.col("spend").is_finite()).then("spend"))), 0)
    fresh = frame(50).with_columns(spend=pl.lit(-float("inf")), town=pl.lit("a town nobody met"))
    unknown = fresh.with_columns(spend=pl.lit(None, pl.Float64), town=pl.lit(None, pl.String))
    assert np.isfinite(learner.chance(fresh)).all()
    assert (learner.chance(fresh) == same.chance(unknown)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_demanded_direction_holds_against_the_answers(kind: str) -> None:
    learner = fit(kind, sample(frame(900), monotone={"spend": -1}), 0)
    row = frame(1)
    rising = pl.concat([row.with_columns(spend=pl.lit(float(s))) for s in range(12)])
    assert (np.diff(learner.chance(rising)) <= 1e-12).all()


def test_categories_are_names_whatever_their_numbers() -> None:
    cells = frame().with_columns(town=pl.col("town").str.slice(1).cast(pl.Int64) * 3 % 7)
    named = fit("logistic", sample(cells, features=("town",), categories=("town",)), 0)
    as_number = fit("logistic", sample(cells, features=("town",)), 0)
    label = cells["label"].to_numpy()
    assert area(named.chance(cells), label) > area(as_number.chance(cells), label) + 0.05
    # the same code written as 3 and as 3.0 is the same category
    floats = cells.with_columns(pl.col("town").cast(pl.Float64))
    assert (named.chance(floats) == named.chance(cells)).all()


def test_rows_weigh_as_often_as_they_would_be_there() -> None:
    cells = frame(1_500).with_columns(weight=pl.when(pl.col("label")).then(4.0).otherwise(1.0))
    often = pl.concat([cells, *[cells.filter("label")] * 3])
    weighed = fit("logistic", sample(cells, weight="weight", entity=None), 0).chance(cells)
    repeated = fit("logistic", sample(often, entity=None), 0).chance(cells)
    assert weighed.mean() > cells["label"].to_numpy().mean() + 0.15
    assert np.abs(weighed - repeated).mean() < 0.04


def test_one_feature_ranks_alone_and_the_unknown_stand_last() -> None:
    cells = frame(900)
    learner = fit("single:income", sample(cells), 0)
    by_hand = -cells["income"].cast(pl.Float64).to_numpy()
    known = ~np.isnan(by_hand)
    chance = learner.chance(cells)
    order = np.argsort(by_hand[known])
    assert (np.diff(chance[known][order]) >= 0).all()
    assert chance[~known].max() < chance[known].min()


def test_an_entity_is_never_on_both_sides_and_time_goes_forward() -> None:
    from models.learners.folds import folds_of
    from models.learners.sample import rows_of

    dates = [date(2026, 1, 5) + timedelta(days=30 * (i % 9)) for i in range(900)]
    cells = frame(900).with_columns(day=pl.Series(dates))
    rows = rows_of(sample(cells))
    assert rows.entity is not None
    for learned, tested in folds_of(rows, 0, 0):
        assert not set(rows.entity[learned]) & set(rows.entity[tested])
    timed = rows_of(sample(cells, time="day"))
    assert timed.time is not None
    folds = folds_of(timed, 40, 0)
    assert len(folds) == 3
    for learned, tested in folds:
        assert timed.time[learned].max() + 40 < timed.time[tested].min()


def learned(cells: pl.DataFrame, **given: Any) -> Learner:
    return fit("boosting", sample(cells, **given), 0)


def test_what_cannot_be_learned_from_is_refused_in_words() -> None:
    cells = frame(300)
    empty = cells.with_columns(pl.lit(None, pl.Float64).alias("noise"))
    refused: dict[str, tuple[pl.DataFrame, dict[str, Any]]] = {
        "one_class_only": (cells.with_columns(label=pl.lit(True)), {}),
        "label_not_binary": (cells.with_columns(label=pl.lit(None, pl.Boolean)), {}),
        "no_usable_feature": (empty, {"features": ("noise",)}),
        "label_among_features": (cells, {"features": ("label", "spend")}),
        "columns_missing": (cells.drop("spend"), {}),
        "weight_not_positive": (cells.with_columns(w=pl.lit(0.0)), {"weight": "w"}),
        "feature_not_a_value": (cells.with_columns(noise=pl.concat_list("spend")), {}),
    }  # fmt: skip
    for code, (odd, given) in refused.items():
        with pytest.raises(ZhaorenError) as refusal:
            learned(odd, **given)
        assert refusal.value.code == code and refusal.value.todo
    with pytest.raises(ZhaorenError, match="no kind of learner 'oracle'"):
        fit("oracle", sample(cells), 0)


@pytest.mark.parametrize(
    "leak",
    [
        pl.col("label").cast(pl.Int64) * 1000,
        pl.when("label").then(None).otherwise(1),
        # neither high nor low, but one value in the middle
        pl.when("label").then(0.5).otherwise(pl.col("noise").round()),
        pl.when("label").then(pl.lit("granted")).otherwise(pl.lit("refused")),
    ],
)
def test_a_feature_that_alone_explains_the_label_is_named(leak: pl.Expr) -> None:
    cells = frame(900)
    refuse_leaks(sample(cells))
    with pytest.raises(ZhaorenError, match="explain the label: later") as refusal:
        refuse_leaks(sample(cells.with_columns(later=leak), features=(*FEATURES, "later")))
    assert refusal.value.code == "feature_explains_label"


def test_few_answers_make_small_trees() -> None:
    few, many = learned(frame(250)), learned(frame(6_000))
    assert few.sizes["leaves"] < many.sizes["leaves"] == 16
    assert few.sizes["leaf_rows"] < many.sizes["leaf_rows"] == 60
