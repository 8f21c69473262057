"""Why a household stands where it stands: each reason lowers the score when it is taken away."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.features.feature_list import HOUSEHOLD, PERSON, SIGNAL_TOTALS
from models.ranking.fitting import Model, fit
from models.reasons.fact_groups import GROUPS, NO_FACTS
from models.reasons.reasons import reasons_of
from models.reasons.usual import usual_of, without
from tests.helpers.examples import costly
from tests.helpers.visits import Made
from zhaoren.errors import ZhaorenError

BY_NAME = {group.name: group for group in GROUPS}
FEATURES = [f.name for f in (*HOUSEHOLD, *PERSON)] + list(SIGNAL_TOTALS)
FORBIDDEN = re.compile(
    r"风险|贫困|嫌疑|概率|可能|评分|得分|积分|模型|诊断|确诊|患|[A-Z]\d|None|nan|null|[{}]"
)


def frame(rows: int, seed: int) -> pl.DataFrame:
    """Any households: whole numbers, a third of the cells unknown, whatever they say of each other."""
    rng = np.random.default_rng(seed)
    cells = {name: pl.Series(rng.integers(-1, 6, rows), dtype=pl.Float32) for name in FEATURES}
    unknown = {name: pl.Series(rng.random(rows) < 0.3) for name in FEATURES}
    ids = pl.Series("household_id", [f"h{i:04d}" for i in rng.permutation(rows)])
    known = pl.DataFrame(cells).with_columns(
        pl.when(~unknown[name]).then(pl.col(name)).alias(name) for name in FEATURES
    )
    need = known.select(
        pl.col("burden_12m_yuan").fill_null(0)
        + pl.col("child_cnt").fill_null(0)
        - pl.col("income_yuan_month").fill_null(2)
    ).to_series()
    return known.with_columns(
        ids,
        label=(need + pl.Series(rng.normal(0, 2, rows))) > 3,
        as_of=pl.Series([date(2025, 9 + i % 3, 5) for i in range(rows)]),
    )


@pytest.fixture(scope="module", params=["logistic", "boosting", "single:burden_12m_yuan"])
def model(request: pytest.FixtureRequest) -> Model:
    return fit(request.param, frame(600, 7), seed=0)


def lowers(model: Model, rows: pl.DataFrame, usual: dict[str, float | None], told: pl.DataFrame) -> None:
    """Each reason told, taken away alone, leaves a lower score; the effect is by how much."""
    assert model.learner is not None
    for (name,), of_group in told.group_by("group"):
        asked = of_group.select("household_id", "effect").join(rows, on="household_id", maintain_order="left")
        fallen = model.learner.score(asked) - model.learner.score(without(asked, BY_NAME[name], usual))
        assert (fallen > 0).all(), name
        assert np.allclose(fallen, asked["effect"].to_numpy(), atol=1e-6), name


@costly
@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_each_reason_lowers_the_score_of_whatever_household(model: Model, seed: int, rows: int) -> None:
    any_rows = frame(rows, seed)
    usual = usual_of(any_rows)
    told = reasons_of(model, any_rows, usual)
    lowers(model, any_rows, usual, told)
    assert told["text_zh"].null_count() == 0 and not told["text_zh"].str.contains(FORBIDDEN.pattern).any()
    assert (
        told.group_by("household_id")
        .agg(pl.col("reason_no"))
        .filter(pl.col("reason_no") != pl.int_ranges(1, pl.col("reason_no").list.len() + 1, dtype=pl.Int8))
        .is_empty()
    )
    assert told.is_empty() or told["reason_no"].max() <= 5  # type: ignore[operator]
    falling = told.with_columns(before=pl.col("effect").shift().over("household_id"))
    assert falling.filter(pl.col("effect") > pl.col("before")).is_empty()
    shuffled = any_rows.sample(fraction=1, shuffle=True, seed=seed)
    assert reasons_of(model, shuffled, usual_of(shuffled)).equals(told)


def test_reasons_of_a_ranking_learned_from_visits(made: Made) -> None:
    rows = made[3].filter(pl.col("as_of") == pl.col("as_of").max())
    usual = usual_of(rows)
    for kind in ("logistic", "boosting"):
        ranking = fit(kind, made[3], seed=0)
        told = reasons_of(ranking, rows, usual)
        assert told["household_id"].n_unique() > rows.height / 2
        assert "income" in told["group"].to_list()
        lowers(ranking, rows, usual, told)


def test_without_its_bills_a_family_spends_less_and_a_smaller_share() -> None:
    family = pl.DataFrame(
        {
            **{"burden_12m_yuan": [9000.0], "education_cost_yuan_year": [1000.0], "member_cnt": [2.0]},
            **{"income_yuan_month": [500.0], "rigid_spend_12m_yuan": [10000.0]},
            **{"spend_income_share": [10000 / 12001], "burden_member_yuan": [4500.0]},
        }
    )
    left = without(family, BY_NAME["medical_burden"], {"burden_12m_yuan": 200.0}).row(0, named=True)
    assert left == {
        **family.row(0, named=True),
        **{"burden_12m_yuan": 200.0, "rigid_spend_12m_yuan": 1200.0},
        **{"burden_member_yuan": 100.0, "spend_income_share": 1200 / 12001},
    }


def test_what_is_usual() -> None:
    rows = pl.DataFrame(
        {
            "burden_12m_yuan": [0.0, 10.0, 1e6, None, float("inf")],
            "income_yuan_month": [1.0, 2.0, None, None, None],
            "is_elder_only": [0.0, 0.0, 1.0, 0.0, 1.0],
        }
    )
    assert usual_of(rows) == {"burden_12m_yuan": 10.0, "income_yuan_month": None, "is_elder_only": 0.0}
    assert usual_of(rows.clear()) == dict.fromkeys(usual_of(rows))


def test_every_feature_is_a_fact_of_one_group_or_named_as_none() -> None:
    grouped = [name for group in GROUPS for name in group.features]
    assert sorted([*grouped, *NO_FACTS]) == sorted(FEATURES)


def test_sentences() -> None:
    nothing = pl.DataFrame(schema=dict.fromkeys(FEATURES, pl.Float32))
    unknown = pl.DataFrame({name: [None] for name in FEATURES}, schema=nothing.schema)
    zero = unknown.with_columns(pl.lit(0.0).cast(pl.Float32).alias(name) for name in FEATURES)
    for group in GROUPS:
        assert unknown.select(group.said).item() is None, group.name
    for name in ("medical_burden", "unemployment", "children", "dropout", "rent_arrears", "house"):
        assert zero.select(BY_NAME[name].said).item() is None, name

    def said(name: str, **values: float) -> str:
        told = unknown.with_columns(pl.lit(v).cast(pl.Float32).alias(n) for n, v in values.items())
        return str(told.select(BY_NAME[name].said).item())

    assert said("medical_burden", burden_12m_yuan=12345.67) == "近12个月个人负担医疗费12346元"
    assert said("work", worker_lost_cnt=1, worker_cnt=0) == "在职人数比上期少1人，现有0人在职"
    assert said("disability", disabled_cnt=2, severe_disabled_cnt=1) == "持残疾人证2人，其中重度1人"
    assert said("house", house_grade_level=3, house_damage_level=2) == "房屋鉴定为D级，受灾房屋严重损坏"
    assert said("benefits", tier_level=3) == "目前是低保边缘家庭"


def test_who_has_no_reasons() -> None:
    rows = frame(50, 1)
    usual = usual_of(rows)
    assert reasons_of(Model("rule_points", ("rule_points",), None), rows, usual).is_empty()
    fitted = fit("logistic", frame(600, 7), seed=0)
    values = [pl.lit(usual.get(n), pl.Float64).cast(pl.Float32).alias(n) for n in FEATURES]
    assert reasons_of(fitted, rows.with_columns(values), usual).is_empty()  # usual in every respect
    one = pl.DataFrame([usual], schema=dict.fromkeys(usual, pl.Float64))
    assert reasons_of(fitted, rows, one).equals(reasons_of(fitted, rows, usual))
    assert reasons_of(fitted, rows.clear(), usual).is_empty()
    with pytest.raises(ZhaorenError, match="duplicate"):
        reasons_of(fitted, pl.concat([rows, rows]), usual)
    with pytest.raises(ZhaorenError, match="lacks"):
        reasons_of(fitted, rows.drop(fitted.features[0]), usual)
