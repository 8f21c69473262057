"""The correction by second looks: it finds the truth where labels lie, and says how sure it is."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from transforms.reports.corrected_need import corrected


def _visits(draw: np.random.Generator, count: int) -> pl.DataFrame:
    """All visits: 30 % truly in need; of these a fifth is reported as none, of the others a tenth as need."""
    true = draw.random(count) < 0.3
    reported = np.where(true, draw.random(count) < 0.8, draw.random(count) < 0.1)
    share = np.where(reported, 0.2, 0.1)
    return pl.DataFrame({"is_true": true, "is_reported": reported, "share": share})


def _drawn(draw: np.random.Generator, visits: pl.DataFrame) -> pl.DataFrame:
    """Exactly the share of each kind, as the draw of the station's visits does it."""
    kinds = [visits.filter(is_reported=kind) for kind in (True, False)]
    return pl.concat(
        kind.sample(round(kind.height * kind["share"][0]), seed=int(draw.integers(0, 2**31)))
        for kind in kinds
    )


def test_the_interval_covers_the_truth_and_the_labels_do_not() -> None:
    draw, covered, by_label = np.random.default_rng(7), 0, 0
    for _ in range(200):
        visits = _visits(draw, 2000)
        found = corrected(_drawn(draw, visits), needed=10)
        truth = int(visits["is_true"].sum())
        assert found.need is not None and found.low is not None and found.high is not None
        covered += found.low <= truth <= found.high
        by_label += found.low <= int(visits["is_reported"].sum()) <= found.high
    assert 0.9 <= covered / 200 <= 1.0
    assert by_label < covered


def test_the_estimate_is_the_matrix_by_hand() -> None:
    looks = pl.DataFrame(
        {
            "is_reported": [True] * 10 + [False] * 10,
            "is_true": [True] * 9 + [False] + [True] * 2 + [False] * 8,
            "share": [0.5] * 10 + [0.1] * 10,
        }
    )
    found = corrected(looks, needed=10)
    assert found.matrix == {(True, True): 9, (True, False): 1, (False, True): 2, (False, False): 8}
    assert found.need == pytest.approx(20 * 0.9 + 100 * 0.2)
    assert found.need and found.low and found.high and found.low < found.need < found.high


def test_where_all_were_looked_at_nothing_is_guessed() -> None:
    looks = pl.DataFrame(
        {"is_reported": [True] * 10, "is_true": [True] * 7 + [False] * 3, "share": [1.0] * 10}
    )
    found = corrected(looks, needed=10)
    assert (found.need, found.low, found.high) == (7.0, 7.0, 7.0)


def test_too_few_answers_tell_nothing() -> None:
    looks = pl.DataFrame(
        {"is_reported": [True] * 12 + [False] * 9, "is_true": [True] * 12 + [False] * 9, "share": [0.5] * 21}
    )
    assert corrected(looks, needed=10).need is None
    unanswered = looks.with_columns(is_true=pl.lit(None, dtype=pl.Boolean))
    assert corrected(unanswered, needed=2).need is None
    assert corrected(looks.clear(), needed=2).need is None
    assert corrected(looks.head(12), needed=10).need == pytest.approx(24)
