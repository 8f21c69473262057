"""A planted half-life is found again, and none where the chance of need does not fade."""

from __future__ import annotations

import numpy as np
import pytest

from models.ranking.signal_decay import Decay, half_life

SEEDS = range(60)


def visits(
    seed: int, half: float | None, *, cnt: int = 300, start: float = 0.8
) -> tuple[np.ndarray, np.ndarray]:
    """Days since the fact, 5 to 180, and whether need was found; half: planted half-life."""
    random = np.random.default_rng(seed)
    days = random.integers(5, 181, cnt)
    chance = start * (0.5 ** (days / half) if half else 1.0)
    return days, random.random(cnt) < chance


def fitted(seed: int, half: float | None, *, cnt: int = 300, start: float = 0.8) -> Decay:
    found = half_life(*visits(seed, half, cnt=cnt, start=start))
    assert found is not None
    return found


@pytest.mark.parametrize("half", [20.0, 60.0, 120.0])
def test_the_interval_holds_a_planted_half_life_in_most_seeds(half: float) -> None:
    found = [fitted(seed, half) for seed in SEEDS]
    told = [one for one in found if one.low is not None and one.high is not None]
    held = sum(one.low <= half <= one.high for one in told if one.low and one.high)
    assert held >= 0.9 * len(found)
    middle = float(np.median([one.half_life_days for one in told if one.half_life_days]))
    assert middle == pytest.approx(half, rel=0.1)


def test_more_visits_tell_it_more_exactly() -> None:
    few, many = (fitted(3, 60.0, cnt=cnt) for cnt in (200, 5_000))
    assert few.low and few.high and many.low and many.high
    assert np.log(many.high / many.low) < np.log(few.high / few.low) / 3


@pytest.mark.parametrize("start", [0.1, 0.5, 0.95])
def test_what_does_not_fade_is_seldom_told_to(start: float) -> None:
    found = [fitted(seed, None, start=start) for seed in SEEDS]
    assert sum(one == Decay(None, None, None) for one in found) >= 0.92 * len(found)


def test_what_rises_with_the_days_does_not_fade() -> None:
    days, _ = visits(1, None)
    need = np.random.default_rng(1).random(days.size) < days / 200
    assert half_life(days, need) == Decay(None, None, None)


def test_visits_that_cannot_tell() -> None:
    days = np.arange(5, 105)
    one_age = np.full(100, 30)
    assert half_life(days, np.zeros(100, dtype=bool)) is None
    assert half_life(days, np.ones(100, dtype=bool)) is None
    assert half_life(one_age, days < 50) is None


def test_chances_near_one_do_not_break_the_fit() -> None:
    """All of the young in need, none of the old: faster than any curve of this kind."""
    days = np.repeat(np.arange(1, 61), 5)
    found = half_life(days, days <= 20)
    assert found is not None and found.low is not None and found.high is not None
    assert 1.0 <= found.low < found.half_life_days < found.high < 60  # type: ignore[operator]
