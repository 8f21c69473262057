"""95 % intervals of a share, and how many independent answers weighted, repeated rows are worth."""

from __future__ import annotations

import numpy as np

# Two-sided 95 % of the normal distribution.
_Z = 1.959963984540054


def wilson(share: float | None, size: float) -> tuple[float | None, float | None]:
    """Wilson's 95 % interval of a share seen in `size` answers (need not be whole); of nothing: unknown."""
    if share is None or size <= 0:
        return None, None
    spread = _Z**2 / size
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * np.sqrt(share * (1 - share) / size + spread / size / 4) / (1 + spread)
    # rounding must not put the share outside of its own interval
    return float(min(max(middle - half, 0.0), share)), float(max(min(middle + half, 1.0), share))


def effective_size(weight: np.ndarray, entity: np.ndarray | None = None) -> float:
    """Kish's effective number of answers: (sum of weights)² / sum of squared weights.

    With `entity` (numbers from 0) the weights of one entity are added first: its rows are one answer.
    """
    summed = weight if entity is None else np.bincount(entity, weights=weight)
    square = float((summed**2).sum())
    return float(summed.sum()) ** 2 / square if square > 0 else 0.0


def wilson_columns(share: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`wilson` of many shares at once; NaN where the share is NaN or nothing stands behind it."""
    known = np.isfinite(share) & (size > 0)
    bounds = [
        wilson(s, n) if k else (None, None)
        for s, n, k in zip(share.tolist(), size.tolist(), known, strict=True)
    ]
    low, high = zip(*bounds, strict=True) if bounds else ((), ())
    return np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)
