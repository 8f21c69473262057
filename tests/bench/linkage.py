"""Tier 3 at the size of a province: records without a usable number among a million known persons, and four.

`python -m tests.bench.linkage` prints speed, precision and recall beside their goals; `--estimate` prints
the shares m and u for policies/linkage.yaml, counted by Splink on made-up people of another seed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from data_contracts.cells.sounds import sounds_of
from policies.catalogue.linkage import LinkModel, link_model
from province.dirt.misheard import misheard, misread
from province.people.numbers import id_numbers, names
from tests.helpers.linkage_training import trained_by_labels
from transforms.linkage.match_thresholds import apply_match_thresholds
from warehouse.identity.probabilistic_linkage import score_pairs

HOME, VILLAGE, TOWN = 3.2, 1_800, 20  # persons per household and village, villages per town
STRANGERS = 0.1  # of the records to be found, those who are none of the known
# Shares of records with each fault: about those of province/rates.yaml, and blanks as departments leave them.
MISHEARD, MISREAD, SWAPPED, DIGIT, MOVED, WRONG_HOME, TWIN = 0.08, 0.06, 0.04, 0.04, 0.08, 0.03, 0.006
NO_SEX, NO_BIRTH, NO_VILLAGE, NO_HOME = 0.2, 0.2, 0.3, 0.4
NUMBERS = (0.45, 0.70, 0.85)  # up to: none, six digits left, one digit wrong, the mate's in full
Say = Callable[[str, str, str], None]


def known_people(rows: int, seed: int) -> pl.DataFrame:
    """One row per made-up person, as the linking step describes them; the members of a household in a row."""
    rng = np.random.default_rng(seed)
    home = np.arange(rows) // HOME
    home = home.astype(np.int64)
    birth, sex = rng.integers(-14_000, 20_000, rows).astype(np.int32), rng.integers(1, 3, rows)
    twin = np.flatnonzero((rng.random(rows) < TWIN) & (home == np.roll(home, 1)))
    birth[twin] = birth[twin - 1]
    village = np.arange(rows) // VILLAGE
    code = pl.Series(440_000_000 + village // TOWN).cast(pl.String) + pl.Series(village % TOWN + 100).cast(
        pl.String
    )
    named = pl.Series("name", names(home, sex, 0.01, 0.006, rng))
    return pl.DataFrame(
        {
            "record_id": pl.select(pl.format("P{}", pl.int_range(rows))).to_series(),
            "name": named,
            "name_sound": sounds_of(named),
            "sex_code": pl.Series(sex).cast(pl.String),
            "birth_date": pl.Series(birth).cast(pl.Date),
            "village_code": code,
            "household_id": pl.Series(home).cast(pl.String),
            "id_digits": id_numbers(birth, sex, 0.07, (0, 1), rng),
        }
    )


def lost_people(everybody: pl.DataFrame, rows: int, seed: int) -> pl.DataFrame:
    """Records of some of them as departments write them; `truth` is the record_id of whom each means."""
    rng = np.random.default_rng(seed)
    who = np.sort(rng.choice(everybody.height, rows, replace=False))
    mate = everybody.gather(np.where(who % 3 == 0, np.minimum(who + 1, everybody.height - 1), who - 1))
    else_where = everybody.gather(rng.integers(0, everybody.height, rows))
    luck = pl.DataFrame({name: rng.random(rows) for name in ("name", "birth", "home", "how", "number")})
    blank = pl.DataFrame({name: rng.random(rows) for name in ("sex", "birth", "village", "home")})
    beside = (("mate", mate), ("else", else_where), ("luck", luck), ("blank", blank))
    sides = [everybody.gather(who), *(f.select(pl.all().name.prefix(f"{s}_")) for s, f in beside)]
    frame = pl.concat(sides, how="horizontal").with_columns(truth="record_id")
    return _written(frame.with_columns(record_id=pl.format("L{}", pl.int_range(pl.len()))))


def _written(frame: pl.DataFrame) -> pl.DataFrame:
    """The records with faults and blanks."""
    luck = pl.col
    name = (
        pl.when(luck("luck_name") < MISHEARD).then(misheard(pl.col("name"), luck("luck_how")))
        .when(luck("luck_name") < MISHEARD + MISREAD).then(misread(pl.col("name")))
    )  # fmt: skip
    date = pl.col("birth_date")
    swapped = date.dt.strftime("%Y-%d-%m").str.to_date("%Y-%m-%d", strict=False)
    digit = date.dt.offset_by("1y")
    birth = (
        pl.when(luck("luck_birth") < SWAPPED).then(swapped)
        .when(luck("luck_birth") < SWAPPED + DIGIT).then(digit)
    )  # fmt: skip
    moved, wrong = luck("luck_home") < MOVED, luck("luck_home").is_between(MOVED, MOVED + WRONG_HOME)
    written = frame.with_columns(
        name=pl.coalesce(name, "name"),
        birth_date=pl.when(luck("blank_birth") >= NO_BIRTH).then(pl.coalesce(birth, date)),
        sex_code=pl.when(luck("blank_sex") >= NO_SEX).then("sex_code"),
        village_code=pl.when(luck("blank_village") >= NO_VILLAGE).then(
            pl.when(moved).then("else_village_code").otherwise("village_code")
        ),
        household_id=pl.when(luck("blank_home") >= NO_HOME).then(
            pl.when(wrong).then("else_household_id").otherwise("household_id")
        ),
        id_digits=_number(),
    )
    written = written.with_columns(sounds_of(written["name"]).alias("name_sound"))
    return written.select(~pl.selectors.starts_with("mate_", "else_", "luck_", "blank_"))


def _number() -> pl.Expr:
    """None, what scientific notation leaves, one digit wrong, or the number of somebody at home."""
    luck, number = pl.col("luck_number"), pl.col("id_digits")
    digit = (number.str.slice(15, 1).cast(pl.Int64) + 3) % 10
    wrong = pl.concat_str(number.str.slice(0, 15), digit.cast(pl.String), number.str.slice(16, 2))
    return (
        pl.when(luck < NUMBERS[0]).then(None)
        .when(luck < NUMBERS[1]).then(number.str.slice(0, 6))
        .when(luck < NUMBERS[2]).then(wrong)
        .otherwise("mate_id_digits")
    )  # fmt: skip


def made(known_cnt: int, lost_cnt: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """lost and known; a tenth of the lost are none of the known."""
    known = known_people(known_cnt, seed)
    lost = lost_people(known, lost_cnt, seed + 1)
    strangers = lost["truth"].sample(int(lost_cnt * STRANGERS), seed=seed)
    return lost, known.filter(~pl.col("record_id").is_in(strangers.implode()))


def quality(
    lost: pl.DataFrame, known: pl.DataFrame, pairs: pl.DataFrame, model: LinkModel
) -> Iterator[tuple]:
    """group, precision, recall, share of records with a doubtful pair."""
    weights = model.weights
    asked = pairs.rename({"left_id": "person_id", "right_id": "other_person_id"})
    chosen = apply_match_thresholds(asked, float(weights.accept), float(weights.doubt), float(weights.margin))
    found = lost.join(chosen.accepted, left_on="record_id", right_on="person_id", how="left")
    found = found.with_columns(
        is_known=pl.col("truth").is_in(known["record_id"].implode()),
        is_right=pl.col("truth") == pl.col("other_person_id"),
        is_asked=pl.col("record_id").is_in(chosen.doubtful["person_id"].implode()),
    )
    told = {
        "all": pl.lit(True),
        "with birth date or household": pl.any_horizontal(pl.col("birth_date", "household_id").is_not_null()),
        "with birth date": pl.col("birth_date").is_not_null(),
        "with neither": pl.all_horizontal(pl.col("birth_date", "household_id").is_null()),
    }
    for name, condition in told.items():
        part = found.filter(condition)
        yield (
            name,
            part["is_right"].mean(),
            part.filter("is_known")["is_right"].fill_null(False).mean(),
            part["is_asked"].mean(),
        )


def bench_linkage(
    say: Say, lost_cnt: int = 50_000, known_cnts: tuple[int, ...] = (1_000_000, 4_000_000)
) -> None:
    """Speed for each number of known persons, and how many are found."""
    model = link_model()
    for known_cnt in known_cnts:
        lost, known = made(known_cnt, lost_cnt, seed=11)
        started = time.perf_counter()
        scored = score_pairs(lost.drop("truth"), known, model)
        say(
            f"tier 3: {lost_cnt:,} records among {known_cnt:,} persons",
            f"{time.perf_counter() - started:.1f} s",
            "< 30 s",
        )
        for name, precision, recall, asked in quality(lost, known, scored.pairs, model):
            goal = "precision >= 99 %, recall >= 85 %" if name.startswith("with birth date or") else "-"
            say(f"  {name}: precision, recall, asked", f"{precision:.2%}, {recall:.1%}, {asked:.1%}", goal)
        for rule, pair_cnt, refused in scored.rules.rows():
            say(f"  pairs of {rule}", f"{pair_cnt:,}", "refused" if refused else "-")


def estimate() -> None:
    """Print the shares for the YAML: m of true pairs, u of pairs drawn at random; never drawn ones stay."""
    lost, known = made(100_000, 20_000, seed=101)
    known = known.with_columns(truth="record_id")
    for comparison in trained_by_labels(lost, known, link_model(), "truth").comparisons:
        print(comparison.id)
        for level in comparison.levels:
            print(f"  {level.zh}: m {level.m}, u {level.u}")


def main() -> None:
    """Print the figures of this bench alone, or with --estimate the shares of the model."""
    from tests.bench.__main__ import say

    estimate() if "--estimate" in sys.argv[1:] else bench_linkage(say)


if __name__ == "__main__":
    main()
