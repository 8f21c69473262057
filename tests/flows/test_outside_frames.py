"""`zhaoren evaluate --frame`: any labelled file is judged, any mistake is told in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli.app import app
from tests.helpers.frames import compas, survey

pytestmark = pytest.mark.slow


def answer(*words: object) -> Any:
    done = CliRunner().invoke(app, ["evaluate", *map(str, words)])
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    assert "Traceback" not in done.output and "Something went wrong inside" not in done.output
    return done


def judged(*words: object) -> dict[str, Any]:
    done = answer(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def error(*words: object) -> str:
    done = answer(*words, "--json")
    assert done.exit_code == 1, done.output
    return json.loads(done.stdout)["code"]


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("frames") / "survey.parquet"
    survey(900).write_parquet(path)
    return path


def whole(found: dict[str, Any], ranking: str, table: str = "rankings") -> dict[str, Any]:
    return next(r for r in found[table] if r["ranking"] == ranking and r["split"] == "all")


def test_the_published_table_of_compas(tmp_path: Path) -> None:
    compas().write_csv(tmp_path / "compas.csv")
    words = ("--label", "again", "--entity", "id", "--group", "race", "--score", "score", "--flag-from", 5)
    found = judged("--frame", tmp_path / "compas.csv", *words)
    rates = {r["value"]: (r["false_positive_rate"], r["false_negative_rate"]) for r in found["groups"]}
    assert rates["African-American"] == pytest.approx((0.4485, 0.2799), abs=5e-5)
    assert rates["Caucasian"] == pytest.approx((0.2345, 0.4772), abs=5e-5)
    assert rates["Native American"] == (None, None)
    assert found["breaches"] == [
        "score >= 5: race Caucasian: recall_ratio 0.725, limit 0.8",
        "score >= 5: race African-American: false_positive_ratio 1.906, limit 1.25",
    ]
    assert "18" in answer("--frame", tmp_path / "compas.csv", *words).output


def test_every_ranking_stands_in_one_table(frame: Path, tmp_path: Path) -> None:
    words = ("--frame", frame, "--label", "answer", "--entity", "id", "--group", "sex", "--weight", "weight")
    found = judged(*words, "--without", "home", "--splits", 3, "--out", tmp_path / "out")
    auc = {n: whole(found, n)["auc"] for n in ("random", "best_feature", "logistic", "boosting")}
    assert (
        auc["random"] == 0.5
        and auc["best_feature"] > 0.75
        and auc["logistic"] > 0.75
        and auc["boosting"] > 0.75
    )
    assert set(found["best_feature"].values()) == {"amount"}
    assert whole(found, "boosting")["slope"] == pytest.approx(1, abs=0.5)
    assert {r["column"] for r in found["left_out"]} == {"answer", "id", "sex", "weight", "home"}
    assert {r["value"] for r in found["groups"]} == {"all", "male", "female"}
    written = {p.name for p in (tmp_path / "out").iterdir()}
    assert {"rankings.csv", "capacities.parquet", "predictions.parquet"} <= written
    scores = pl.read_parquet(tmp_path / "out" / "predictions.parquet")
    assert scores.height == 900 and scores["entity"].n_unique() == 900


def test_the_same_rows_in_another_order_give_the_same(frame: Path, tmp_path: Path) -> None:
    pl.read_parquet(frame).sample(fraction=1, shuffle=True, seed=4).write_parquet(tmp_path / "mixed.parquet")
    words = ("--label", "answer", "--household", "home", "--splits", 2, "--group", "sex")
    assert judged("--frame", frame, *words) == judged("--frame", tmp_path / "mixed.parquet", *words)


def test_later_rows_are_never_learned_from(frame: Path, tmp_path: Path) -> None:
    """Turning round every answer of the last wave changes nothing in the splits before it."""
    turned = pl.when(pl.col("wave") == 2015).then(1 - pl.col("answer")).otherwise("answer")
    pl.read_parquet(frame).with_columns(answer=turned).write_parquet(tmp_path / "turned.parquet")
    words = ("--label", "answer", "--entity", "id", "--time", "wave", "--without", "home", "--gap", 0)
    both = [judged("--frame", path, *words)["rankings"] for path in (frame, tmp_path / "turned.parquet")]
    early = [[r for r in rows if r["split"] in ("from 2013", "from 2014")] for rows in both]
    assert early[0] == early[1] and early[0]
    assert [r for r in both[0] if r["split"] == "from 2015"] != [
        r for r in both[1] if r["split"] == "from 2015"
    ]


def test_several_classes_one_against_the_rest(tmp_path: Path) -> None:
    survey(900, classes=3).write_parquet(tmp_path / "three.parquet")
    found = judged("--frame", tmp_path / "three.parquet", "--label", "answer", "--multiclass", "--splits", 2)
    assert {r["class"] for r in found["rankings"]} == {"0", "1", "2"}
    macro = {r["ranking"]: r for r in found["macro"]}
    assert macro["boosting"]["auc"] > 0.7 and macro["boosting"]["macro_f1"] > 0.5
    assert macro["boosting"]["macro_f1_even"] > 0.5
    by_hand = np.mean(
        [r["auc"] for r in found["rankings"] if r["ranking"] == "logistic" and r["split"] == "all"]
    )
    assert macro["logistic"]["auc"] == pytest.approx(by_hand, abs=1e-6)


def test_a_column_that_gives_every_class_away_stops_it(tmp_path: Path) -> None:
    """One that tells a single class apart may be a fair feature."""
    three = survey(900, classes=3).with_columns(
        told=pl.col("answer").replace_strict({0: "x", 1: "y", 2: "z"})
    )
    three.write_parquet(tmp_path / "told.parquet")
    words = ("--label", "answer", "--multiclass", "--splits", 2)
    assert error("--frame", tmp_path / "told.parquet", *words) == "feature_explains_label"
    three.with_columns(told=pl.col("answer") == 2).write_parquet(tmp_path / "one.parquet")
    assert answer("--frame", tmp_path / "one.parquet", *words).exit_code == 0


def test_an_outside_test_file(frame: Path, tmp_path: Path) -> None:
    survey(300, seed=9).with_columns("t" + pl.col("id")).write_csv(tmp_path / "later.csv")
    words = ("--frame", frame, "--label", "answer", "--entity", "id", "--without", "home", "--test")
    found = judged(*words, tmp_path / "later.csv")
    assert [s["name"] for s in found["splits"]] == ["test file"] and found["splits"][0]["tested_cnt"] == 300
    survey(300, seed=9).drop("noise").write_csv(tmp_path / "less.csv")
    assert error(*words, tmp_path / "less.csv") == "frame_test_differs"


def test_an_answer_among_the_features_stops_it_and_is_named(frame: Path, tmp_path: Path) -> None:
    leaky = pl.read_parquet(frame).with_columns(paid_after=pl.col("answer") * 7 + 3)
    leaky.write_parquet(tmp_path / "leaky.parquet")
    words = ("--frame", tmp_path / "leaky.parquet", "--label", "answer", "--entity", "id")
    assert error(*words) == "feature_explains_label"
    assert "paid_after" in answer(*words).output
    assert answer(*words, "--without", "paid_after", "--splits", 2).exit_code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--capacity", "0%"), "capacity"),
        (("--capacity", "150%"), "capacity"),
        (("--capacity", "5%,x"), "capacity"),
        (("--splits", "1"), "options"),
        (("--gap", "2"), "options"),
        (("--flag-from", "2"), "options"),
        (("--seed", "-1"), "options"),
        (("--score", "amount", "--multiclass"), "options"),
        (("--label", ""), "options"),
        (("--label", "nowhere"), "column_missing"),
        (("--entity", "sex"), "few_entities"),
        (("--time", "home"), "time_unclear"),
        (("--score", "kind"), "no_number"),
    ],
)
def test_a_mistake_is_told_in_words(frame: Path, words: tuple[str, ...], code: str) -> None:
    asked = ("--frame", frame, "--label", "answer", "--entity", "id", *words)
    assert error(*asked) == f"frame_{code}"
    said = answer(*asked).output
    assert "Error:" in said and "what to do" in said


def test_files_that_are_no_tables_are_told(tmp_path: Path) -> None:
    (tmp_path / "noise.parquet").write_bytes(bytes(range(256)))
    (tmp_path / "noise.csv").write_bytes(b"\xff\xfe\x00a,b\n\x80")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "x.xlsx").write_bytes(b"")
    for name, code in {
        "noise.parquet": "not_readable",
        "empty.csv": "not_readable",
        "x.xlsx": "kind",
        "no": "no_file",
    }.items():
        assert error("--frame", tmp_path / name, "--label", "a", "--entity", "b") == f"frame_{code}", name
    assert error("--frame", tmp_path / "noise.csv", "--label", "a", "--entity", "b").startswith("frame_")
    assert error("--label", "a") == "frame_options"
