"""Any frame and any roles through the door for outside data: an answer or a sentence, never a traceback."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.group_gates import GroupRules
from models.evaluation.group_rates import LeastCounts
from models.outside.compare import SplitPlan
from models.outside.measures import Capacity
from models.outside.prepare import prepare
from models.outside.report import FrameReport, judge_score, learn_and_judge
from models.outside.roles import Roles
from tests.helpers.examples import costly
from zhaoren.errors import ZhaorenError

NUMBERS = st.one_of(
    st.floats(width=64), st.integers(-(2**40), 2**40).map(float), st.sampled_from([0.0, 1.0, math.inf, -0.0])
)
TEXTS = st.one_of(
    st.sampled_from(["", " ", "yes", "no", "a", "b", "2020-01-01", "1", "=1+1", "\x1b[31m"]),
    st.text(max_size=4),
)
CELLS = {
    pl.Float64: NUMBERS,
    pl.Int64: st.integers(-3, 3),
    pl.Boolean: st.booleans(),
    pl.String: TEXTS,
    pl.Date: st.dates(),
    pl.Datetime: st.datetimes(),
    pl.List(pl.Int64): st.lists(st.integers(0, 2), max_size=2),
}
NAMES = ["label", "entity", "time", "weight", "home", "group", "score", "x", "y"]
RULES = GroupRules(
    recall_ratio_min=0.8, line_ratio_min=0.8, false_positive_ratio_max=1.25, score_excess_max=0.05
)
CAPACITIES = [Capacity("1%", share=0.01), Capacity("100%", share=1.0), Capacity("3", rows=3)]


@st.composite
def frames(draw: Any) -> pl.DataFrame:
    """Columns of any kind, a few values repeated, so that now and then something can be learned."""
    rows = draw(st.sampled_from([0, 1, 10, 60, 130]))
    columns = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=2)):
        kind = draw(st.sampled_from(list(CELLS)))
        cells = draw(
            st.lists(
                st.one_of(CELLS[kind], st.none()) if draw(st.booleans()) else CELLS[kind],
                min_size=1,
                max_size=6,
            )
        )
        step = draw(st.sampled_from([1, 2, 7]))
        columns.append(pl.Series(name, [cells[i // step % len(cells)] for i in range(rows)], kind))
    return pl.DataFrame(columns)


def roles_of(draw: Any, columns: list[str]) -> Roles:
    def one(share: int = 1) -> str:
        return draw(st.sampled_from([*columns, *[""] * share * len(columns)]))

    return Roles(
        label=draw(st.sampled_from(columns)),
        entity=one(),
        time=one(2),
        groups=tuple(draw(st.lists(st.sampled_from(columns), max_size=2))),
        use_groups=draw(st.booleans()),
        weight=one(2),
        household=one(3),
        score=one(3),
        categories=tuple(draw(st.lists(st.sampled_from(columns), max_size=1))),
        multiclass=draw(st.booleans()),
    )


def judged(frame: pl.DataFrame, roles: Roles, test: pl.DataFrame | None) -> FrameReport:
    owed = (RULES, LeastCounts(30, 10))
    ready = prepare(frame, roles, test)
    if roles.score:
        return judge_score(ready, CAPACITIES, 0.5, owed)
    count = 1 if roles.time else 2
    return learn_and_judge(ready, SplitPlan(count, None, 0), CAPACITIES, owed, lambda *_: None)


@costly
@given(st.data())
def test_any_frame_gets_an_answer_or_a_sentence(data: st.DataObject) -> None:
    frame = data.draw(frames())
    roles = roles_of(data.draw, frame.columns)
    test = data.draw(st.one_of(st.none(), frames(), st.just(frame)))
    try:
        found = judged(frame, roles, test)
    except ZhaorenError as error:
        assert error.code and error.what and (error.todo or error.why)
        return
    assert_sound(found)


@costly
@given(st.data())
def test_a_frame_that_can_be_learned_from_gets_sound_tables(data: st.DataObject) -> None:
    """Labels and entities that fit, whatever the features and weights are."""
    frame = data.draw(frames().filter(lambda f: f.height >= 60))
    rows = frame.height
    frame = frame.with_columns(
        label=(pl.int_range(rows) * 7 + pl.int_range(rows) // 3) % 3 % 2,
        entity=pl.int_range(rows).cast(pl.String),
        x=(pl.int_range(rows) * 37 % 101) / 7,
    )
    try:
        assert_sound(judged(frame, Roles("label", "entity", groups=("x",), use_groups=True), None))
    except ZhaorenError as error:
        assert error.code in ("feature_explains_label", "frame_column_missing"), error


def assert_sound(found: FrameReport) -> None:
    for table in (found.rankings, found.capacities, found.groups):
        numbers = table.select(pl.col(pl.Float64))
        assert not any(column.is_nan().any() or column.is_infinite().any() for column in numbers)
    rates = found.capacities.select("precision", "recall")
    assert ((rates.min_horizontal() >= 0) & (rates.max_horizontal() <= 1 + 1e-9)).all()
    assert ((found.rankings["auc"] >= 0) & (found.rankings["auc"] <= 1)).all()
