"""The measures, by hand on small tables and against scikit-learn's own pair counts."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.linkage_quality import pair_quality, rand_index, row_quality
from tests.helpers.numbers import number


def rows(*pairs: tuple[str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(list(pairs), schema={"true_id": str, "person_id": str}, orient="row")


def test_all_right_is_one() -> None:
    found = pair_quality(rows(("a", "P1"), ("a", "P1"), ("b", "P2")))
    assert found == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_a_row_joined_to_nobody_is_missed_and_not_wrong() -> None:
    found = pair_quality(rows(("a", "P1"), ("a", "P1"), ("a", None), ("b", None)))
    assert found["precision"] == 1.0
    assert found["recall"] == pytest.approx(1 / 3)


def test_two_people_joined_cost_precision() -> None:
    found = pair_quality(rows(("a", "P1"), ("a", "P1"), ("b", "P1")))
    assert found["precision"] == pytest.approx(1 / 3)
    assert found["recall"] == 1.0


def test_a_share_of_nothing_is_unknown() -> None:
    assert pair_quality(rows(("a", None), ("b", None))) == {"precision": None, "recall": None, "f1": None}


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), min_size=2, max_size=30))
def test_pair_counts_equal_scikit_learns(drawn: list[tuple[str, str]]) -> None:
    from sklearn.metrics.cluster import pair_confusion_matrix  # slow to import, and wanted here alone

    (_, false_pairs), (missed, right) = pair_confusion_matrix([t for t, _ in drawn], [p for _, p in drawn])
    found = pair_quality(rows(*drawn))
    assert found["precision"] == (
        pytest.approx(right / (right + false_pairs)) if right + false_pairs else None
    )
    assert found["recall"] == (pytest.approx(right / (right + missed)) if right + missed else None)


def test_rows_by_group_count_only_who_could_be_found() -> None:
    frame = pl.DataFrame(
        {
            "sex_code": ["1", "1", "1", "2", None],
            "person_id": ["P1", "P9", "P7", "P2", "P3"],
            "right_person_id": ["P1", "P1", "P1", None, "P3"],
            "is_joined": [True, True, False, True, True],
        }
    )
    found = row_quality(frame, "sex_code").select(
        "of", "row_cnt", "joined_cnt", "right_cnt", "precision", "recall"
    )
    assert found.rows() == [("1", 3, 2, 1, 0.5, pytest.approx(1 / 3)), ("unknown", 1, 1, 1, 1.0, 1.0)]


def test_households_without_a_label_are_of_one() -> None:
    same = pl.DataFrame({"true": ["h1", "h1", None, None], "found": ["H1", "H1", None, None]})
    assert rand_index(same) == 1.0
    torn = pl.DataFrame({"true": ["h1", "h1", "h2", "h2"], "found": ["H1", None, "H2", "H2"]})
    assert number(rand_index(torn)) < 1.0
    assert rand_index(same.clear()) is None
