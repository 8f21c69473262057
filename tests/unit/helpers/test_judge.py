"""The page of goals says what the figures are, and whether each goal is met."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from tests.judge.goals import goals, page

ASKED = {"listed_gap_cnt": 20, "gap_cnt": 100, "recall": 0.2, "asked_precision": None, "at_random": 0.09}
EARLY = pl.DataFrame(
    {
        "ranking": ["rule_points", "as_delivered"],
        "spell_cnt": [50, 50],
        "found_share": [0.2, 0.25],
        "days_before_asking": [26.0, None],
    }
)


def at_lines(delivered: float, yuan: int) -> pl.DataFrame:
    shares = {"rule_points": 0.4, "tongling": 0.1, "as_delivered": delivered}
    rows = [
        {
            "lines": lines, "target": target, "ranking": ranking, "precision": share, "recall": share / 2,
            "yuan_month": Decimal(yuan if ranking == "as_delivered" else 1_000),
        }
        for lines in ("sent", "12")
        for target in ("in_hardship", "needs", "is_hidden", "is_silent", "misses")
        for ranking, share in shares.items()
    ]  # fmt: skip
    return pl.DataFrame(rows)


def told(delivered: float, yuan: int) -> dict[str, tuple[str, bool | None]]:
    return {one.what: (one.figure, one.met) for one in goals(at_lines(delivered, yuan), EARLY, ASKED)}


def test_goals_are_met_or_missed_by_their_figures() -> None:
    good, bad = told(0.61, 2_000), told(0.37, 1_999)
    assert good["in_hardship: as_delivered / rule_points"] == ("1.52", True)
    assert bad["in_hardship: as_delivered / rule_points"][1] is False
    assert good["needs: as_delivered / tongling"] == ("6.10", True)
    assert good["in_hardship: best ranking - delivered list"] == ("-0.210", True)
    assert bad["in_hardship: best ranking - delivered list"] == ("0.030", False)
    assert good["yuan: delivered list / rule points"] == ("2.00", True)
    assert bad["yuan: delivered list / rule points"][1] is False


def test_what_cannot_be_estimated_is_said() -> None:
    found = told(0.6, 2_000)
    assert "not estimable" in found["低保 of families with an unknown income"][0]
    assert "nobody asked before" in found["hardships first listed within 90 days, as_delivered"][0]
    assert "| missed |" in page(11, "made", list(goals(at_lines(0.3, 1), EARLY, ASKED)))
