"""What the ranking may look at: declared facts, nothing protected, unknown kept apart from zero."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from data_contracts.contract.code_tables import load_codes
from models.features.feature_list import HOUSEHOLD, LEVELS, PERSON, PROTECTED
from models.features.household_features import household_features
from policies.loading import load_catalogue
from tests.helpers.visits import DATES, TODAY, frame_of, no_signals, panel
from zhaoren.errors import ZhaorenError


def test_features_are_computed_from_declared_facts_and_never_from_protected_ones() -> None:
    read = {name for f in (*HOUSEHOLD, *PERSON) for name in f.value.meta.root_names()}
    assert read <= {fact.name for fact in load_catalogue().facts.values()}
    assert not read & {*PROTECTED, "in_custody", "custody_days"}


def test_codes_with_an_order_are_all_the_codes_there_are() -> None:
    """A code that is added or renamed would silently read as unknown."""
    catalogue, tables = load_catalogue(), load_codes()
    standard = catalogue.parameter("dibao.standard_yuan_month").at(TODAY)
    assert standard and standard.places
    known = {
        "tier_code": set(catalogue.labels["tier_code"]),
        "place_tier_code": {key for key in standard.places if not key.isdigit()},
        "house_grade_code": {value.code for value in tables["house_grade"].values},
        "house_damage_code": {value.code for value in tables["house_damage"].values},
    }
    assert {fact: set(levels) for fact, levels in LEVELS.items()} == known


@pytest.mark.parametrize("fact,values", [("sex_code", ["1", "2"]), ("registration_status_code", ["a", "b"])])
def test_changing_a_protected_person_fact_changes_no_feature(fact: str, values: list[str]) -> None:
    _, households, persons, signals, _ = panel(DATES[0], 40)
    frames = [
        household_features(households, persons.with_columns(pl.lit(v).alias(fact)), signals, ["I01"])
        for v in values
    ]
    assert frames[0].equals(frames[1])


def test_town_or_country_changes_no_feature() -> None:
    _, households, persons, signals, _ = panel(DATES[0], 40)
    urban = households.with_columns(is_rural=pl.lit(False), place_tier_code=pl.lit("t4_urban"))
    rural = households.with_columns(is_rural=pl.lit(True), place_tier_code=pl.lit("t4_rural"))
    got = [household_features(h, persons, signals, ["I01"]) for h in (urban, rural)]
    assert got[0].equals(got[1])


def test_unknown_stays_unknown_and_known_zero_is_zero() -> None:
    households = frame_of("household", {"household_id": ["known", "unknown"], "town_code": ["t", "t"]})
    households = households.with_columns(
        burden_12m_yuan=pl.Series([Decimal("0.00"), None], dtype=pl.Decimal(18, 2)),
        member_cnt=pl.Series([2, None], dtype=pl.Int64),
    )
    persons = frame_of(
        "person",
        {
            "person_id": ["1", "2", "3", "4"],
            "household_id": ["known", "known", "known", "unknown"],
            "is_alive": [True, None, False, True],
            "is_unemployed": [False, None, True, None],
            "pension_yuan_month": pl.Series(["100.10", "0.20", "9.00", None]).cast(pl.Decimal(18, 2)),
        },
    )
    got = household_features(households, persons, no_signals(), ["I01"])
    known, unknown = got.rows(named=True)
    # the dead member's unemployment and pension do not count; the person not known dead does
    assert (known["unemployed_cnt"], round(known["pension_yuan_month"], 2)) == (0.0, 100.30)
    assert known["burden_12m_yuan"] == 0.0 and known["burden_member_yuan"] == 0.0
    for name in ("burden_12m_yuan", "member_cnt", "unemployed_cnt", "pension_yuan_month", "child_roll_cnt"):
        assert unknown[name] is None, name
    assert (unknown["signal_I01"], unknown["rule_points"]) == (0.0, 0.0)


def test_signals_fired_unknown_and_silent_are_three_values() -> None:
    _, households, persons, _, _ = panel(DATES[0], 3)
    signals = pl.DataFrame(
        {
            "signal_id": ["I01", "I02", "I02", "C01", "I03", "I03"],
            "household_id": ["h0000", "h0000", "h0000", "h0001", "h0002", "h0002"],
            "queue": ["need", "need", "need", "compliance", "need", "need"],
            "state": ["yes", "yes", "yes", "yes", "unknown", "yes"],
            "points": [3, 2, 2, 9, 4, 4],
            "level": ["red", "blue", "blue", "red", "blue", "blue"],
            "is_event": [True, False, False, False, False, False],
            "family": ["illness", "illness", "illness", "x", "work", "work"],
        }
    )
    got = household_features(households, persons, signals, ["I01", "I02", "I03"])
    picked = got.select("signal_I01", "signal_I02", "signal_I03", "rule_points", "fired_cnt", "fired_level")
    # one family counts once (3, not 5); a compliance signal is nothing here; fired beats unknown
    assert picked.rows() == [(1, 1, 0, 3, 2, 4), (0, 0, 0, 0, 0, 0), (0, 0, 1, 4, 1, 1)]
    only_unknown = household_features(households, persons, signals[4:5], ["I03"])
    assert only_unknown["signal_I03"].to_list() == [0.0, 0.0, None]


def test_a_frame_without_a_fact_is_refused_by_name() -> None:
    _, households, persons, signals, _ = panel(DATES[0], 3)
    with pytest.raises(ZhaorenError, match="burden_12m_yuan"):
        household_features(households.drop("burden_12m_yuan"), persons, signals, [])
