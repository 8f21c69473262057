"""Signals of known yield: those that find nothing are named, and below the least count nothing is said."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.evaluation.intervals import wilson
from models.features.labels import known_labels, labels
from models.ranking.signal_yield import YIELDS, SignalRules, SignalYields, judged

DAY = date(2026, 3, 5)
RULES = SignalRules(signal_least_cnt=20, decay_least_cnt=60, signal_base_share=0.5)
NO_FACTS = pl.DataFrame(
    schema={"as_of": pl.Date, "household_id": pl.String, "signal_id": pl.String, "fact_date": pl.Date}
)
# signals of the lines, how many visited, how many of them in need
STRONG = ("I22", 200, 150)


def lines(*groups: tuple[str, int, int], band: str = "certain", chance: float = 1.0) -> pl.DataFrame:
    """Visited lines: as many as said for each combination of signals, each of a household of its own."""
    rows = []
    for signals, cnt, need in groups:
        for no in range(cnt):
            home = f"{band}-{signals}-{no:04}"
            rows.append((DAY, f"A-{home}", home, signals, band, chance, DAY + timedelta(10), no < need))
    names = (
        "as_of",
        "alert_id",
        "household_id",
        "signal_ids",
        "draw_band",
        "draw_chance",
        "found_date",
        "label",
    )
    return pl.DataFrame(rows, schema=list(names), orient="row")


def told(frame: pl.DataFrame, facts: pl.DataFrame = NO_FACTS, rules: SignalRules = RULES) -> SignalYields:
    return judged(frame, frame.select("alert_id", "found_date", "label"), facts, rules)


def row_of(found: SignalYields, signal: str) -> dict[str, Any]:
    (row,) = found.signals.filter(signal_id=signal).to_dicts()
    return row


def random_lines(quiet: int, need: int) -> pl.DataFrame:
    return lines(("", quiet, need), band="quiet", chance=0.001)


def test_counts_shares_and_intervals_are_those_of_the_lines() -> None:
    found = told(lines(("I01,I22", 30, 21), ("I01", 40, 10), ("I22", 20, 16)))
    assert found.signals.schema == YIELDS
    one = row_of(found, "I01")
    assert (one["visited_cnt"], one["verified_cnt"], one["yield_share"]) == (70, 31, pytest.approx(31 / 70))
    assert (one["alone_cnt"], one["alone_verified_cnt"], one["alone_share"]) == (40, 10, 0.25)
    assert (one["alone_low"], one["alone_high"]) == pytest.approx(wilson(0.25, 40))
    assert (found.all_lines.cnt, found.all_lines.share) == (90, pytest.approx(47 / 90))
    assert (found.random_lines.cnt, found.random_lines.share) == (0, None)


def test_one_that_never_finds_need_is_named_and_others_are_not() -> None:
    found = told(lines(STRONG, ("I17", 25, 0), ("I11", 60, 30)))
    assert dict(found.signals.select("signal_id", "verdict").iter_rows()) == {
        "I11": "finds",
        "I17": "finds_nothing",
        "I22": "finds",
    }
    assert row_of(found, "I17")["judged_on"] == "alone"


def test_below_the_least_count_nothing_is_said() -> None:
    found = told(lines(STRONG, ("I17", 19, 0)))
    assert (row_of(found, "I17")["verdict"], row_of(found, "I17")["judged_on"]) == ("not_estimable", None)
    assert row_of(found, "I17")["alone_share"] == 0  # what was seen is told all the same


def test_need_on_shared_lines_is_no_merit_of_the_signal() -> None:
    """On I22's lines need is found with and without it; by itself it finds none."""
    found = told(lines(STRONG, ("I17,I22", 100, 75), ("I17", 30, 0)))
    assert row_of(found, "I17")["yield_share"] > 0.5
    assert row_of(found, "I17")["verdict"] == "finds_nothing"
    never_alone = told(lines(STRONG, ("I17,I22", 100, 75)))
    assert row_of(never_alone, "I17")["verdict"] == "not_estimable"


def test_one_that_never_stands_alone_is_named_if_even_its_shared_lines_find_nothing() -> None:
    found = told(lines(STRONG, ("I17,I21", 40, 1)))
    assert row_of(found, "I17")["verdict"] == "finds_nothing"
    assert row_of(found, "I17")["judged_on"] == "all"


@pytest.mark.parametrize(
    ("random_need", "verdict"), [(1, "finds"), (40, "finds_nothing"), (None, "finds_nothing")]
)
def test_little_but_clearly_more_than_random_lines_is_something(
    random_need: int | None, verdict: str
) -> None:
    """18 of 100 in need, less than half of all lines' yield; random lines find 1 or 40 of 200, or none is."""
    frame = lines(STRONG, ("I08", 100, 18))
    if random_need is not None:
        frame = pl.concat([frame, random_lines(200, random_need)])
    # all lines' yield falls with the random ones: keep the bar where it was
    share = 0.5 * (168 / 300) / float(frame["label"].mean())  # type: ignore[arg-type]
    found = told(frame, rules=SignalRules(20, 60, share))
    assert row_of(found, "I08")["verdict"] == verdict


def test_between_the_bars_it_is_left_open() -> None:
    found = told(lines(STRONG, ("I08", 20, 7)))
    assert row_of(found, "I08")["verdict"] == "undecided"


def test_a_random_line_stands_for_as_many_as_its_chance_says() -> None:
    drawn = [
        lines(("I07", 30, 15), band="sign", chance=0.01),
        lines(("", 10, 0), band="quiet", chance=0.001),
        lines(("I21", 10, 10), band="resting"),  # not drawn
    ]
    found = told(pl.concat(drawn)).random_lines
    assert (found.cnt, found.verified_cnt) == (40, 15)
    assert found.share == pytest.approx(15 * 100 / (30 * 100 + 10 * 1000))


def test_a_line_kept_from_an_earlier_draw_keeps_the_chance_of_that_draw() -> None:
    earlier = lines(("", 5, 0), band="quiet", chance=0.002).with_columns(as_of=DAY - timedelta(30))
    kept = earlier.with_columns(
        as_of=pl.lit(DAY), draw_band=pl.lit("kept"), draw_chance=1.0, alert_id="B" + pl.col("alert_id")
    )
    unknown = lines(("", 3, 0), band="kept")  # drawn before the year began
    listed = pl.concat([earlier, kept, unknown])
    visited = pl.concat([kept, unknown]).select("alert_id", "found_date", label=pl.lit(True))
    assert judged(listed, visited, NO_FACTS, RULES).random_lines.cnt == 5


def test_visits_of_one_household_are_one_answer() -> None:
    once = lines(("I11", 40, 20))
    again = once.with_columns(as_of=pl.col("as_of").dt.offset_by("1mo"), alert_id="B" + pl.col("alert_id"))
    one, two = row_of(told(once), "I11"), row_of(told(pl.concat([once, again])), "I11")
    assert (two["visited_cnt"], two["yield_low"], two["yield_high"]) == (
        80,
        one["yield_low"],
        one["yield_high"],
    )


def facts_before(frame: pl.DataFrame, days: np.ndarray) -> pl.DataFrame:
    """The death of each line's household, so many days before its visit."""
    return frame.with_columns(ago=pl.Series(days)).select(
        "as_of",
        "household_id",
        signal_id=pl.lit("I05"),
        fact_date=pl.col("found_date") - pl.duration(days="ago"),
    )


def dated(half: float, cnt: int, seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines of I05 visited 5 to 180 days after the death, with a planted half-life; and their facts."""
    random = np.random.default_rng(seed)
    days = random.integers(5, 181, cnt)
    need = random.random(cnt) < 0.9 * 0.5 ** (days / half)
    frame = lines(("I05", cnt, 0)).with_columns(label=pl.Series(need))
    return frame, facts_before(frame, days)


def test_the_half_life_is_of_the_days_between_fact_and_visit() -> None:
    frame, facts = dated(60, 300)
    one = row_of(told(frame, facts), "I05")
    assert (one["decay"], one["decay_cnt"]) == ("half_life", 300)
    assert one["half_life_low"] < 60 < one["half_life_high"]
    assert row_of(told(frame), "I05")["decay"] == "no_date"


def test_below_its_least_count_no_half_life_is_told() -> None:
    frame, facts = dated(20, 59)
    assert row_of(told(frame, facts), "I05")["decay"] == "not_estimable"
    assert row_of(told(frame, facts), "I05")["half_life_days"] is None


def test_a_second_visit_after_help_is_no_sign_of_decay() -> None:
    """In need at the first visit whatever the age; helped, and not in need at the second, 90 days later."""
    random = np.random.default_rng(2)
    frame = lines(("I05", 200, 0)).with_columns(label=pl.Series(random.random(200) < 0.7))
    facts = facts_before(frame, random.integers(5, 61, 200))
    later = pl.duration(days=90)
    again = frame.with_columns(
        pl.col("as_of", "found_date") + later, alert_id="B" + pl.col("alert_id"), label=pl.lit(False)
    )
    both = pl.concat([facts, facts.with_columns(pl.col("as_of") + later)])
    one = row_of(told(pl.concat([frame, again]), both), "I05")
    assert (one["decay"], one["decay_cnt"]) == ("no_decay_seen", 200)


def test_what_is_known_later_changes_nothing() -> None:
    frame = lines(STRONG, ("I17", 25, 0))
    alerts = frame.with_columns(
        town_code=pl.lit("440113008"), queue=pl.lit("need"), arm=pl.lit("rule"), is_listed=pl.lit(True)
    )
    code = pl.when("label").then(pl.lit("20")).otherwise(pl.lit("40"))
    back = DAY + timedelta(20)
    known = frame.select("alert_id", "found_date", result_code=code, known_date=pl.lit(back))
    late = known.with_columns(result_code=pl.lit("20"), known_date=pl.lit(back + timedelta(1)))
    codes = {"20": True, "40": False}

    def by(outcomes: pl.DataFrame) -> SignalYields:
        return judged(alerts, known_labels(labels(outcomes, alerts, codes), back), NO_FACTS, RULES)

    assert by(pl.concat([known, late])).signals.equals(by(known).signals)
    assert row_of(by(known), "I17")["verdict"] == "finds_nothing"


def test_nothing_visited_is_an_empty_table_and_order_is_nothing() -> None:
    frame = pl.concat([lines(STRONG, ("I17,I22", 30, 11)), random_lines(30, 2)])
    assert told(frame.head(0)).signals.is_empty()
    mixed = frame.sample(fraction=1, shuffle=True, seed=4)
    assert told(mixed).signals.equals(told(frame).signals)
    assert told(mixed).random_lines == told(frame).random_lines
