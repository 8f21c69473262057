"""The work on one shard: from its frames to its answers. Pure: the same frames give the same answers."""

from __future__ import annotations

import polars as pl

from flows.context import parameters
from flows.scoring.shards.panels import panels
from flows.scoring.shards.world import NO_ESTIMATES, NO_SCORES, Scorer, World
from models.features.household_features import NO_SIGNALS, household_features
from models.proxy_means.expected import expected_missing
from models.proxy_means.found import incomes_of
from models.ranking.drift import COUNTS, counts
from models.ranking.scoring import scored_features
from policies.analysis.gaps import policy_gaps
from policies.casework.key_person_rows import key_persons
from policies.casework.key_persons import load_key_persons
from policies.engine.evaluate_benefits import evaluate_benefits
from policies.engine.evaluate_signals import evaluate_signals
from transforms.alerts.texts import missing_benefits
from transforms.core_as_of import CoreAsOf
from transforms.deliveries.roll_spans import within_span
from transforms.golden_record.golden_record import GoldenRecord, golden_record
from transforms.linkage.person_ids import with_master_ids
from transforms.present_places import odd_codes, with_present_places
from warehouse.shards.store import ShardStore

Tables = dict[str, pl.DataFrame]
# What the alerts are made from beside tables that are kept.
MISSING = "missing_benefits"
# Whom stations visit every month, and how many cannot be told.
KEY_PERSONS, KEY_UNTOLD = "key_persons", "key_untold"

# How the models' scores and features are spread.
MODEL_COUNTS = "model_counts"
NO_COUNTS = pl.Schema([*COUNTS.items(), ("model_id", pl.String)])


def work_on(shard: int, world: World, store: ShardStore) -> int:
    """Read the shard's frames, answer, and write the answers. Done again it writes the same."""
    for table, rows in answers(world, frames_of(world, store, shard), shard).items():
        store.write(table, shard, rows)
    return shard


def frames_of(world: World, store: ShardStore, shard: int) -> Tables:
    """The shard's frames as known on the date, person ids being those of whom they stood for then."""
    own = {
        name: pl.concat([every.rows, store.read(name, shard, every.schema, every.order)])
        for name, every in world.frames.items()
    }
    numbers = own.pop("person")  # of the ids themselves, whatever else goes by them
    return with_master_ids(own, world.aliases) | {"person": numbers}


def answers(world: World, delivered: Tables, shard: int) -> Tables:
    """Table -> the shard's rows: what is known of its persons and households, and what follows from it."""
    cat, as_of = world.catalogue, world.as_of
    tables = _panel(world, delivered, shard)
    persons, households = tables["panel.person"], tables["panel.household"]
    signals = evaluate_signals(cat, persons, households, as_of)
    entitlements = evaluate_benefits(cat, persons, households, as_of)
    entitlements = within_span(entitlements, households, world.spans, as_of)
    in_use, used_counts = _scores(world.in_use, persons, households, signals)
    shadow, shadow_counts = _scores(world.shadow, persons, households, signals)
    keys, untold = key_persons(load_key_persons(as_of), cat, persons, households, as_of)
    return tables | {
        KEY_PERSONS: keys,
        KEY_UNTOLD: untold,
        "mart.signal": signals,
        "mart.entitlement": entitlements,
        "mart.policy_gap": policy_gaps(
            cat, persons, households, signals=signals, entitlements=entitlements, found=world.found,
            as_of=as_of, within=parameters.group(cat, "alerts", as_of)["near_miss_share"],
        ),
        "mart.score": in_use,
        "mart.shadow_score": shadow,
        "mart.proxy_means": _estimates(world, persons, households),
        MODEL_COUNTS: pl.concat([used_counts, shadow_counts]),
        MISSING: missing_benefits(entitlements, world.benefits, as_of),
    }  # fmt: skip


def _panel(world: World, delivered: Tables, shard: int) -> Tables:
    """The persons and households that the shard answers for; others' rows are there for their sake only."""
    cat, as_of = world.catalogue, world.as_of
    frames = {**with_present_places(delivered, world.meant), **world.shared}
    core = CoreAsOf.of_contracts(frames, as_of, world.contracts)
    golden = golden_record(core, parameters.survivorship(cat, as_of))
    mine = world.sharding.holds(shard)
    persons, households = panels(
        cat, core, golden.persons, world.places, within=lambda frame: frame.filter(mine)
    )
    own = _of(golden, persons)
    return {
        "panel.person": persons,
        "panel.household": households,
        "panel.golden": own.persons,
        "panel.attribute_conflict": own.conflicts,
        "ops.place_code": odd_codes(delivered, world.meant, persons),
    }


def _of(golden: GoldenRecord, persons: pl.DataFrame) -> GoldenRecord:
    """What is settled of the panel's persons."""
    return GoldenRecord(
        *(
            frame.join(persons, on="person_id", how="semi", maintain_order="left")
            for frame in (golden.persons, golden.conflicts)
        )
    )


def _estimates(world: World, persons: pl.DataFrame, households: pl.DataFrame) -> pl.DataFrame:
    """What the proxy means test in use says of the households whose income nobody has stated."""
    if (test := world.means) is None:
        return pl.DataFrame(schema=NO_ESTIMATES)
    line = parameters.dibao_line(world.catalogue, households, world.as_of)
    unknown = incomes_of(households, line).filter(pl.col("income_share").is_null())
    asked, own = (frame.join(unknown, on="household_id", how="semi") for frame in (households, persons))
    features = household_features(asked, own, NO_SIGNALS, ())
    found = expected_missing(test.model, test.short_share, features, unknown)
    return found.with_columns(model_id=pl.lit(test.model_id))


def _scores(
    scorer: Scorer | None, persons: pl.DataFrame, households: pl.DataFrame, signals: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """household_id, score, model_id by the model, and how its columns are spread; no rows without a model."""
    if scorer is None:
        return pl.DataFrame(schema=NO_SCORES), pl.DataFrame(schema=NO_COUNTS)
    scored = scored_features(scorer.model, households, persons, signals)
    named = pl.lit(scorer.model_id).alias("model_id")
    return scored.select("household_id", "score", named), counts(scored, scorer.baseline).with_columns(named)
