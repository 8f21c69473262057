"""Measures of an outside frame against figures by hand and against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest

from models.outside.measures import Capacity, Judged, at_capacity, auc, calibration_line, listed_part


def rows(label: list[int], score: list[float], weight: list[float] | None = None) -> Judged:
    count = len(label)
    return Judged(np.array(label), np.array(score), np.array(weight or [1.0] * count), np.arange(count))


def test_ties_are_listed_in_part() -> None:
    part = listed_part(rows([1, 0, 0, 1], [0.9, 0.5, 0.5, 0.1]), Capacity("50%", share=0.5))
    assert part.tolist() == [1.0, 0.5, 0.5, 0.0]
    found = at_capacity(rows([1, 0, 0, 1], [0.9, 0.5, 0.5, 0.1]), part)
    assert (found["listed"], found["hits"], found["precision"], found["recall"]) == (2.0, 1.0, 0.5, 0.5)


def test_a_share_is_of_the_weight_and_a_number_is_of_rows() -> None:
    heavy = rows([1, 0, 0, 0], [4, 3, 2, 1], [2.0, 1.0, 1.0, 1.0])
    assert listed_part(heavy, Capacity("40%", share=0.4)).tolist() == [1, 0, 0, 0]
    assert listed_part(heavy, Capacity("2", rows=2)).tolist() == [1, 1, 0, 0]
    assert listed_part(heavy, Capacity(">=2", at_least=2)).tolist() == [1, 1, 1, 0]


def test_random_finds_the_base_rate_at_any_capacity() -> None:
    flat = rows([1, 0, 0, 0, 1], [0.0] * 5)
    assert auc(flat) == 0.5
    for share in (0.01, 0.3, 1.0):
        found = at_capacity(flat, listed_part(flat, Capacity("", share=share)))
        assert found["precision"] == pytest.approx(0.4) and found["recall"] == pytest.approx(share)


def test_a_weight_of_two_is_two_rows() -> None:
    twice = auc(rows([1, 0, 1, 0], [0.9, 0.8, 0.3, 0.1], [2.0, 1.0, 1.0, 3.0]))
    written = auc(rows([1, 1, 0, 1, 0, 0, 0], [0.9, 0.9, 0.8, 0.3, 0.1, 0.1, 0.1]))
    assert twice == pytest.approx(written)


def test_calibration_knows_bold_timid_and_shifted_chances() -> None:
    rng = np.random.default_rng(2)
    odds = rng.normal(size=40_000)
    label = (rng.random(40_000) < 1 / (1 + np.exp(-odds))).astype(int)

    def line(given: np.ndarray) -> tuple[float, float]:
        chance = 1 / (1 + np.exp(-given))
        return calibration_line(Judged(label, chance, np.ones(len(label)), np.arange(len(label))))

    assert line(odds) == pytest.approx((1.0, 0.0), abs=0.05)
    assert line(2 * odds)[0] == pytest.approx(0.5, abs=0.03)
    assert line(odds / 2)[0] == pytest.approx(2.0, abs=0.1)
    assert line(odds - 1)[1] == pytest.approx(1.0, abs=0.05)
    assert all(np.isfinite(calibration_line(rows([0, 0, 1, 1], [0.1, 0.2, 0.8, 1.0]))))
