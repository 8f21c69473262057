"""Frames from outside: which columns are features, what a mistake is told, persons as households."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from models.outside.prepare import prepare
from models.outside.roles import ENTITY, LABEL, TIME, WEIGHT, Roles
from tests.helpers.frames import survey
from zhaoren.errors import ZhaorenError

ROLES = Roles(label="answer", entity="id")


def code_of(frame: pl.DataFrame, roles: Roles = ROLES, test: pl.DataFrame | None = None) -> str:
    with pytest.raises(ZhaorenError) as error:
        prepare(frame, roles, test)
    assert error.value.todo or error.value.why
    return error.value.code


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        (replace(ROLES, label="anwser"), "column_missing"),
        (replace(ROLES, groups=("sex", "town")), "column_missing"),
        (replace(ROLES, time="answer"), "column_twice"),
        (replace(ROLES, groups=("answer",)), "column_twice"),
        (replace(ROLES, label="kind"), "label_many"),
        (replace(ROLES, label="amount", multiclass=True), "label_many"),
        (replace(ROLES, positive="2"), "no_such_answer"),
        (replace(ROLES, weight="kind"), "no_number"),
        (replace(ROLES, weight="noise"), "weight"),
        (replace(ROLES, time="kind"), "time_unclear"),
        (replace(ROLES, without=("amount", "noise", "kind", "sex", "wave", "weight", "home")), "no_feature"),
    ],
)
def test_a_mistake_in_the_roles_is_told(roles: Roles, code: str) -> None:
    assert code_of(survey(), roles) == f"frame_{code}"


@pytest.mark.parametrize(
    ("cells", "roles", "code"),
    [
        ({"answer": pl.lit(1)}, ROLES, "label_constant"),
        ({"answer": pl.lit(None, pl.Int64)}, ROLES, "label_constant"),
        ({"id": pl.when(pl.col("wave") > 2010).then("id")}, ROLES, "entity_unknown"),
        ({"weight": pl.lit(0.0)}, replace(ROLES, weight="weight"), "weight"),
        ({"weight": pl.lit(float("inf"))}, replace(ROLES, weight="weight"), "weight"),
        ({"wave": pl.lit(None, pl.Int64)}, replace(ROLES, time="wave"), "time_unclear"),
        ({"zr:label": pl.lit(1)}, ROLES, "column_ours"),
        ({"home": pl.lit(None, pl.String)}, replace(ROLES, household="home"), "household_unknown"),
        ({"answer": pl.concat_list("answer")}, ROLES, "cells_nested"),
    ],
)
def test_a_mistake_in_the_cells_is_told(cells: dict[str, pl.Expr], roles: Roles, code: str) -> None:
    assert code_of(survey().with_columns(**cells), roles) == f"frame_{code}"


def test_frames_without_rows_or_with_ten() -> None:
    assert code_of(survey().clear()) == "frame_empty"
    assert code_of(survey().head(10)) == "frame_few_rows"


def test_a_group_of_two_thousand_values_is_none() -> None:
    frame = survey(2000).with_columns(town=pl.col("id"))
    assert code_of(frame, replace(ROLES, groups=("town",))) == "frame_group_values"


def test_no_message_quotes_a_cell() -> None:
    frame = survey().with_columns(wave=pl.lit("440106199001011234"))
    with pytest.raises(ZhaorenError) as error:
        prepare(frame, replace(ROLES, time="wave"))
    assert "4401" not in str(error.value)


def test_what_cannot_be_a_feature_is_left_out_and_said() -> None:
    frame = survey().with_columns(
        card=pl.col("id") + "x",
        number=pl.int_range(pl.len()) * 3,
        long_id=pl.int_range(pl.len()).shuffle(seed=1) * 7919 + 10**15,
        empty=pl.lit(None, pl.String),
        same=pl.lit(4),
        parts=pl.concat_list("noise"),
    )
    ready = prepare(frame, replace(ROLES, groups=("sex",), without=("home",)))
    out = ready.columns.left_out
    assert {c for c, why in out.items() if "identifier" in why} == {"card", "number", "long_id"}
    assert {"empty", "same", "parts", "sex", "home", "id", "answer"} <= set(out)
    assert set(ready.columns.numbers) == {"amount", "noise", "wave", "weight"}
    assert ready.columns.categories == ("kind",)


def test_a_group_is_a_feature_only_when_asked() -> None:
    assert "sex" in prepare(survey(), replace(ROLES, groups=("sex",), use_groups=True)).columns.categories
    assert "sex" not in prepare(survey(), replace(ROLES, groups=("sex",))).columns.features


def test_infinite_cells_are_counted_and_unknown() -> None:
    frame = survey().with_columns(
        amount=pl.when(pl.col("wave") == 2010).then(float("inf")).otherwise("amount"),
        noise=pl.when(pl.col("wave") == 2011).then(float("nan")).otherwise("noise"),
    )
    ready = prepare(frame, ROLES)
    bad = frame.filter(pl.col("wave").is_in([2010, 2011])).height
    assert f"{bad} cells are infinite or no number and count as unknown" in ready.notes
    assert ready.rows["amount"].is_finite().all() and ready.rows["amount"].null_count() > 0


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        (pl.col("answer").replace_strict({0: "no", 1: "yes"}), ("no", "yes")),
        (pl.col("answer") == 1, ("false", "true")),
        (pl.col("answer").cast(pl.Float64), ("0", "1")),
        (pl.col("answer") + 9, ("9", "10")),
    ],
)
def test_labels_of_every_kind_mean_the_same(text: pl.Expr, classes: tuple[str, str]) -> None:
    plain = prepare(survey(), ROLES)
    ready = prepare(survey().with_columns(answer=text), ROLES)
    assert ready.classes == classes
    assert (ready.label == plain.label).all()


def test_the_value_to_be_found_can_be_named() -> None:
    ready = prepare(survey(), replace(ROLES, positive="0"))
    assert ready.classes == ("1", "0")
    assert ready.label.sum() == (survey()["answer"] == 0).sum()


def test_dates_and_waves_are_times() -> None:
    texts = survey().with_columns(wave=pl.format("{}-03-01", "wave"))
    dated = texts.with_columns(pl.col("wave").str.to_date())
    both = [prepare(f, replace(ROLES, time="wave")).rows[TIME] for f in (texts, dated)]
    assert both[0].equals(both[1])
    assert both[0].n_unique() == 6


def test_rows_without_an_answer_or_weight_are_left_out_and_said() -> None:
    frame = survey().with_columns(
        answer=pl.when(pl.col("wave") > 2010).then("answer"),
        weight=pl.when(pl.col("wave") > 2011).then("weight").otherwise(0.0),
    )
    ready = prepare(frame, replace(ROLES, weight="weight"))
    assert ready.rows.height == frame.filter(pl.col("wave") > 2011).height
    assert any("without an answer" in note for note in ready.notes)
    assert any("weight zero" in note for note in ready.notes)


def test_without_an_entity_each_row_is_its_own() -> None:
    ready = prepare(survey(), Roles(label="answer"))
    assert ready.rows[ENTITY].n_unique() == 400
    assert any("its own" in note for note in ready.notes)


def test_persons_become_households() -> None:
    persons = pl.DataFrame(
        {
            "home": ["a", "a", "a", "b", "b"] * 20,
            "copy": [str(i // 5) for i in range(100)],
            "age": [3, 40, None, 70, 72] * 20,
            "rooms": [2, 2, 2, 5, 5] * 20,
            "work": ["none", "farm", "farm", "none", "none"] * 20,
            "need": [0, 1, 0, 0, 0] * 20,
            "w": [1.5, 2.0, 1.0, 1.0, 1.0] * 20,
        }
    ).with_columns(home=pl.col("home") + pl.col("copy"))
    roles = Roles(label="need", entity="home", household="home", weight="w", without=("copy",))
    ready = prepare(persons, roles)
    rows = ready.rows.filter(pl.col(ENTITY) == "a7").row(0, named=True)
    assert ready.rows.height == 40 and rows[LABEL] == 1 and rows[WEIGHT] == 4.5
    assert {c: rows[c] for c in ready.columns.features} == {
        "rooms": 2, "age_min": 3, "age_max": 40, "age_mean": 21.5, "age_sum": 43,
        "work_cnt": 2, "work_most": "farm", "household_member_cnt": 3,
    }  # fmt: skip


def test_a_weight_that_a_household_shares_is_not_added_up() -> None:
    frame = survey().with_columns(weight=pl.col("home").str.slice(-1).cast(pl.Float64) + 1)
    ready = prepare(frame, replace(ROLES, household="home", weight="weight"))
    assert ready.rows.height == frame["home"].n_unique()
    assert ready.rows[WEIGHT].max() == 10.0


def test_a_test_frame_must_be_like_the_first() -> None:
    assert code_of(survey(), ROLES, survey().drop("amount")) == "frame_test_differs"
    strange = survey().with_columns(amount=pl.lit("much"))
    assert code_of(survey(), ROLES, strange) == "frame_test_differs"
    assert code_of(survey(), ROLES, survey().with_columns(pl.col("answer") + 1)) == "frame_test_differs"
    assert code_of(survey(), ROLES, survey().drop("answer")) == "frame_column_missing"


def test_the_order_of_rows_moves_nothing() -> None:
    frame = survey()
    mixed = frame.sample(fraction=1, shuffle=True, seed=5)
    for roles in (ROLES, replace(ROLES, household="home", weight="weight", groups=("sex",)), Roles("answer")):
        assert prepare(frame, roles).rows.equals(prepare(mixed, roles).rows)
