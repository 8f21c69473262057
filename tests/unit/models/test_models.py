"""Labels, features, splits, training and the registry, on generated households with a planted cause of need.

The planted cause: need comes from rigid spending that swallows the income. The rules' points only see it
dimly, so a ranking that learns must put more verified needs on the lists than the points do.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

import policies
from data_contracts.contract.code_tables import load_codes
from models.features.feature_list import HOUSEHOLD, LEVELS, PERSON, PROTECTED
from models.features.household_features import feature_columns, household_features, rule_points
from models.features.labels import known_labels, labels
from models.features.splits import choose_cut, temporal_split
from models.features.training_frame import training_frame
from models.ranking.fitting import fit, predict
from models.ranking.registry import latest_model, list_models, load
from models.ranking.scoring import score_households
from models.ranking.training import TrainingSettings, train
from policies.loading import load_catalogue
from zhaoren.errors import ZhaorenError

FACTS = yaml.safe_load((Path(policies.__file__).parent / "facts.yaml").read_text(encoding="utf-8"))["facts"]
DTYPES = {
    "integer": pl.Int64,
    "boolean": pl.Boolean,
    "text": pl.String,
    "date": pl.Date,
    "yuan": pl.Decimal(18, 2),
}
CODES = {"20": True, "30": True, "40": False, "41": False, "60": None}
DATES = [date(2025, 9, 5), date(2025, 10, 5), date(2025, 11, 5), date(2025, 12, 5), date(2026, 1, 5)]
TODAY = date(2026, 2, 5)
TOWNS = 16


def empty_facts(entity: str) -> dict[str, pl.DataType]:
    """Every fact of the dictionary for persons or households, with its polars type."""
    return {f["name"]: DTYPES[f["type"]] for f in FACTS if f["entity"] == entity}


def frame_of(entity: str, values: dict[str, object]) -> pl.DataFrame:
    """A frame holding every fact of an entity: those given, the others unknown."""
    given = pl.DataFrame(values)
    facts = empty_facts(entity)
    return given.with_columns(
        (pl.col(name).cast(dtype) if name in given.columns else pl.lit(None, dtype).alias(name))
        for name, dtype in facts.items()
    )


def yuan(values: np.ndarray) -> pl.Series:
    return pl.Series(np.round(values * 100).astype("int64")).cast(pl.Decimal(18, 2)) / Decimal(100)


def panel(as_of: date, count: int = 900) -> tuple[date, pl.DataFrame, pl.DataFrame, pl.DataFrame, np.ndarray]:
    """One date of the made-up watch list, and which households truly are in need."""
    rng = np.random.default_rng(as_of.toordinal())
    ids = [f"h{i:04d}" for i in range(count)]
    income, spend = rng.gamma(3, 400, count), rng.gamma(1.2, 9000, count)
    members = rng.integers(1, 6, count)
    squeeze = spend / (income * 12 * members + 1)
    need = rng.random(count) < 1 / (1 + np.exp(-4 * (squeeze - 0.9)))
    income_known = rng.random(count) < 0.8
    households = frame_of(
        "household",
        {
            "household_id": ids,
            "town_code": [f"44010000{i % TOWNS:x}" for i in range(count)],
            "as_of": [as_of] * count,
            "member_cnt": members,
            "disabled_cnt": rng.integers(0, 2, count),
            "tier_code": rng.choice(["none", "dibao", "watch"], count),
            "place_tier_code": rng.choice(["t1", "t4_urban", "t4_rural"], count),
            "is_rural": rng.random(count) < 0.5,
            "income_yuan_month": pl.select(
                pl.when(pl.Series(income_known)).then(yuan(income).cast(pl.Decimal(18, 2)))
            ).to_series(),
            "rigid_spend_12m_yuan": yuan(spend),
        },
    )
    persons = frame_of(
        "person",
        {
            "person_id": [f"p{i:04d}" for i in range(count)],
            "household_id": ids,
            "relation_code": ["head"] * count,
            "sex_code": rng.choice(["1", "2"], count),
            "age_years": rng.integers(19, 90, count),
            "is_alive": [True] * count,
            "pension_yuan_month": yuan(rng.gamma(2, 200, count)),
        },
    )
    fired = rng.random((count, 3)) < np.column_stack(
        [0.2 + 0.25 * need, np.full(count, 0.3), np.full(count, 0.2)]
    )
    rows, which = np.nonzero(fired)
    signals = pl.DataFrame(
        {
            "signal_id": [f"I0{w + 1}" for w in which],
            "household_id": [ids[r] for r in rows],
            "queue": ["need"] * len(rows),
            "state": ["yes"] * len(rows),
            "points": [3 - int(w) for w in which],
            "level": ["orange"] * len(rows),
            "is_event": [False] * len(rows),
        }
    )
    return as_of, households, persons, signals, need


def world(dates: list[date] = DATES) -> tuple[list, pl.DataFrame, pl.DataFrame]:
    """Panels, the alerts listed (twelve by points and two at random per town), and what visits found."""
    panels, alerts, outcomes = [], [], []
    for as_of in dates:
        *parts, need = panel(as_of)
        panels.append(tuple(parts))
        truth = pl.DataFrame({"household_id": parts[1]["household_id"], "need": need})
        points = rule_points(parts[3])
        listed = (
            parts[1]
            .select("as_of", "household_id", "town_code")
            .join(points, on="household_id", how="left")
            .join(truth, on="household_id")
            .sort(
                "town_code",
                pl.col("rule_points").fill_null(0),
                "household_id",
                descending=[False, True, False],
            )
            .with_columns(place=pl.int_range(pl.len()).over("town_code"))
            .filter((pl.col("place") < 12) | pl.col("place").is_between(40, 41))
            .with_columns(
                alert_id=pl.format("{}-{}", "as_of", "household_id"),
                arm=pl.when(pl.col("place") < 12).then(pl.lit("rule")).otherwise(pl.lit("audit")),
                queue=pl.lit("need"),
                is_listed=pl.lit(True),
            )
        )
        alerts.append(listed.drop("need", "rule_points", "place"))
        code = (
            pl.when(pl.col("place") == 3)
            .then(pl.lit("60"))
            .when("need")
            .then(pl.lit("20"))
            .otherwise(pl.lit("40"))
        )
        found = listed.select(
            "alert_id",
            result_code=code,
            found_date=pl.col("as_of") + timedelta(days=12),
            known_date=pl.col("as_of") + timedelta(days=20),
        )
        outcomes.append(found)
    return panels, pl.concat(alerts), pl.concat(outcomes)


@pytest.fixture(scope="module")
def made() -> tuple[list, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    panels, alerts, outcomes = world()
    return panels, alerts, outcomes, training_frame(panels, alerts, outcomes, CODES)


@pytest.fixture(scope="module")
def entry(made, tmp_path_factory):
    return train(made[3], tmp_path_factory.mktemp("models"), TODAY, capacity=12)


def share_of(entry, kind: str) -> float:
    rows = [r for r in entry.metrics["comparison"] if r["ranking"] == kind]
    return rows[0]["share_in_hardship"]


# --- labels -------------------------------------------------------------------------------------------


def small_alerts() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "alert_id": ["a", "a", "b", "c", "d"],
            "as_of": [DATES[0], DATES[1], DATES[0], DATES[0], DATES[0]],
            "household_id": ["h1", "h1", "h2", "h3", "h4"],
            "town_code": ["t"] * 5,
            "queue": ["need", "need", "need", "compliance", "need"],
            "is_listed": [True] * 5,
            "arm": ["rule"] * 5,
        }
    )


def small_outcomes(rows: list[tuple[str, str, date, date]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["alert_id", "result_code", "found_date", "known_date"], orient="row")


def test_a_label_is_a_verified_need_and_silence_is_no_label():
    day = date(2025, 9, 20)
    got = labels(
        small_outcomes(
            [("a", "20", day, day), ("b", "60", day, day), ("c", "20", day, day), ("d", "40", day, day)]
        ),
        small_alerts(),
        CODES,
    )
    # b was not at home, c belongs to the compliance queue; a counts for the first list it stood on
    assert got.select("household_id", "as_of", "label").rows() == [
        ("h1", DATES[0], True),
        ("h4", DATES[0], False),
    ]


def test_the_last_word_known_by_a_date_counts_and_an_absence_takes_nothing_back():
    rows = [
        ("a", "40", date(2025, 9, 10), date(2025, 9, 10)),
        ("a", "30", date(2025, 10, 1), date(2025, 10, 1)),
        ("a", "60", date(2025, 11, 1), date(2025, 11, 1)),
    ]
    got = labels(small_outcomes(rows), small_alerts(), CODES)
    assert known_labels(got, date(2025, 9, 30))["label"].to_list() == [False]
    assert known_labels(got, date(2025, 12, 1))["label"].to_list() == [True]
    assert known_labels(got, date(2025, 9, 1)).is_empty()


def test_a_result_code_without_meaning_is_refused():
    with pytest.raises(ZhaorenError, match="'77'"):
        labels(small_outcomes([("a", "77", DATES[0], DATES[0])]), small_alerts(), CODES)


# --- features -----------------------------------------------------------------------------------------


def no_signals() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "signal_id": pl.String,
            "household_id": pl.String,
            "queue": pl.String,
            "state": pl.String,
            "points": pl.Int64,
            "level": pl.String,
            "is_event": pl.Boolean,
        }
    )


def test_features_are_computed_from_declared_facts_and_never_from_protected_ones():
    read = {name for f in (*HOUSEHOLD, *PERSON) for name in f.value.meta.root_names()}
    assert read <= {f["name"] for f in FACTS}
    assert not read & {*PROTECTED, "in_custody", "custody_days"}


def test_codes_with_an_order_are_all_the_codes_there_are():
    """A code that is added or renamed would silently read as unknown."""
    catalogue, tables = load_catalogue(), load_codes()
    standard = catalogue.parameter("dibao.standard_yuan_month").at(TODAY)
    known = {
        "tier_code": set(catalogue.labels["tier_code"]),
        "place_tier_code": {key for key in standard.places if not key.isdigit()},
        "house_grade_code": {value.code for value in tables["house_grade"].values},
        "house_damage_code": {value.code for value in tables["house_damage"].values},
    }
    assert {fact: set(levels) for fact, levels in LEVELS.items()} == known


@pytest.mark.parametrize("fact,values", [("sex_code", ["1", "2"]), ("registration_status_code", ["a", "b"])])
def test_changing_a_protected_person_fact_changes_no_feature(fact, values):
    _, households, persons, signals, _ = panel(DATES[0], 40)
    frames = [
        household_features(households, persons.with_columns(pl.lit(v).alias(fact)), signals, ["I01"])
        for v in values
    ]
    assert frames[0].equals(frames[1])


def test_town_or_country_changes_no_feature():
    _, households, persons, signals, _ = panel(DATES[0], 40)
    urban = households.with_columns(is_rural=pl.lit(False), place_tier_code=pl.lit("t4_urban"))
    rural = households.with_columns(is_rural=pl.lit(True), place_tier_code=pl.lit("t4_rural"))
    got = [household_features(h, persons, signals, ["I01"]) for h in (urban, rural)]
    assert got[0].equals(got[1])


def test_unknown_stays_unknown_and_known_zero_is_zero():
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


def test_signals_fired_unknown_and_silent_are_three_values():
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


def test_a_frame_without_a_fact_is_refused_by_name():
    _, households, persons, signals, _ = panel(DATES[0], 3)
    with pytest.raises(ZhaorenError, match="burden_12m_yuan"):
        household_features(households.drop("burden_12m_yuan"), persons, signals, [])


# --- splits -------------------------------------------------------------------------------------------


def test_the_split_looks_only_back(made):
    frame = made[3]
    cut = choose_cut(frame, TODAY, 28)
    split = temporal_split(frame, cut, TODAY, 28)
    assert cut == DATES[-1]
    assert split.train["as_of"].max() < cut <= split.holdout["as_of"].min()
    assert split.train["known_date"].max() <= cut
    # a list whose window has not passed by the cut is not learned from
    assert (split.train["as_of"] + timedelta(days=28)).max() <= cut


def test_later_outcomes_change_no_earlier_training_set_nor_its_model(made, tmp_path):
    panels, alerts, outcomes, frame = made
    turned = outcomes.with_columns(
        result_code=pl.when(pl.col("result_code") == "20").then(pl.lit("40")).otherwise(pl.lit("20")),
        known_date=pl.lit(TODAY + timedelta(days=1)),
    )
    new_day = date(2026, 3, 5)
    *later_panel, _ = panel(new_day)
    planted = training_frame([*panels, tuple(later_panel)], alerts, pl.concat([outcomes, turned]), CODES)
    assert planted.height > frame.height
    before, after = known_labels(frame, TODAY), known_labels(planted, TODAY)
    assert before.equals(after.select(before.columns))
    ids = [
        train(f, tmp_path / name, TODAY, capacity=12).model_id for f, name in ((frame, "a"), (planted, "b"))
    ]
    assert ids[0] == ids[1]


# --- training and registry ----------------------------------------------------------------------------


def test_a_planted_cause_raises_the_yield_above_the_rules(entry):
    assert entry.kind in ("logistic", "boosting")
    assert share_of(entry, entry.kind) > share_of(entry, "rule_points") + 0.1
    assert share_of(entry, "rule_points") > share_of(entry, "random") - 0.05


def test_the_rules_win_a_tie(made, tmp_path):
    frame = made[3]
    kept = frame.drop(c for c in feature_columns(frame) if c != "rule_points")
    perfect = kept.with_columns(rule_points=pl.col("label").cast(pl.Float32))
    entry = train(perfect, tmp_path, TODAY, capacity=12)
    assert entry.kind == "rule_points"
    assert load(entry).estimator is None
    _, households, persons, signals, _ = panel(DATES[-1], 50)
    points = household_features(households, persons, signals, []).select("household_id", "rule_points")
    scores = score_households(entry, households, persons, signals)
    assert scores["score"].to_list() == points["rule_points"].to_list()


@pytest.mark.parametrize("kind", ["logistic", "boosting"])
def test_a_saved_model_scores_exactly_as_before(kind, made, tmp_path):
    from models.ranking.registry import save

    rows = known_labels(made[3], TODAY)
    model = fit(kind, rows, seed=0)
    _, households, persons, signals, _ = panel(DATES[-1])
    metrics = {"as_of": "2026-02-05", "kind": kind, "cut": "2026-01-05", "settings": {}}
    metrics |= dict.fromkeys(("train_rows", "holdout_rows", "fitted_rows", "fitted_verified"), 1)
    metrics |= dict.fromkeys(("arms", "comparison", "groups"), []) | {
        "train_lists": ["a"],
        "holdout_lists": ["b"],
    }
    entry = save(model, metrics, tmp_path)
    features = household_features(households, persons, signals, ["I01", "I02", "I03"])
    scores = score_households(entry.folder, households, persons, signals)
    assert scores["score"].to_list() == predict(model, features).tolist()
    assert scores["score"].n_unique() > 100 and scores["score"].is_between(0, 1).all()


def test_same_data_same_bytes(made, entry, tmp_path):
    shuffled = made[3].sample(fraction=1, shuffle=True, seed=5)
    again = train(shuffled, tmp_path, TODAY, capacity=12)
    assert again.model_id == entry.model_id
    for name in ("model.skops", "features.json", "metrics.json", "card.md"):
        assert (again.folder / name).read_bytes() == (entry.folder / name).read_bytes(), name


def test_another_set_of_outcomes_is_another_model(made, entry, tmp_path):
    frame = made[3].filter(pl.col("household_id") != made[3]["household_id"][0])
    assert train(frame, tmp_path, TODAY, capacity=12).model_id != entry.model_id


def test_too_few_outcomes_are_refused_in_words(made, tmp_path):
    with pytest.raises(ZhaorenError, match="too few outcomes") as few:
        train(made[3], tmp_path, TODAY, 12, TrainingSettings(min_each_class=10_000))
    assert "rules rank" in few.value.todo
    with pytest.raises(ZhaorenError, match=r"only 1 list"):
        train(made[3], tmp_path, date(2025, 10, 10), 12)
    one_sided = made[3].with_columns(label=pl.lit(True))
    with pytest.raises(ZhaorenError, match="0 not"):
        train(one_sided, tmp_path, TODAY, 12)
    assert list_models(tmp_path) == ()


def test_the_registry_finds_the_model_a_past_date_had(made, tmp_path):
    early = train(made[3], tmp_path, date(2025, 12, 20), 12)
    late = train(made[3], tmp_path, TODAY, 12)
    (tmp_path / "_half").mkdir()
    assert [e.model_id for e in list_models(tmp_path)] == [early.model_id, late.model_id]
    assert latest_model(tmp_path) == late
    assert latest_model(tmp_path, date(2026, 1, 1)) == early
    assert latest_model(tmp_path, date(2025, 1, 1)) is None


def test_a_changed_model_file_is_not_loaded(made, tmp_path):
    entry = train(made[3], tmp_path, TODAY, 12)
    path = entry.folder / "metrics.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"seed": 0', '"seed": 1'), encoding="utf-8")
    with pytest.raises(ZhaorenError, match="not the ones that were registered"):
        load(entry)


def test_a_type_nobody_trusts_is_not_loaded(made, tmp_path):
    from models.ranking.fitting import Model
    from models.ranking.registry import save

    class Strange:
        pass

    good = train(made[3], tmp_path / "good", TODAY, 12)
    bad = save(Model("boosting", ("member_cnt",), Strange()), good.metrics, tmp_path / "bad")
    with pytest.raises(ZhaorenError, match="types we do not load"):
        load(bad)


def test_the_card_says_what_it_must(entry):
    card = (entry.folder / "card.md").read_text(encoding="utf-8")
    for text in (
        entry.model_id,
        "中文摘要",
        "Selection effects",
        "never shown to a social worker",
        "head_sex",
    ):
        assert text in card
    listed = json.loads((entry.folder / "features.json").read_text(encoding="utf-8"))["features"]
    assert all(f["zh"] for f in listed) and {"rigid_spend_12m_yuan"} <= {f["name"] for f in listed}
    assert "{" not in card
