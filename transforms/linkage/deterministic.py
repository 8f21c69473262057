"""Who a person without a usable number is, by rules that leave no room: tier 2 of the linkage.

    unidentified  one row per provisional person: person_id, extract, delivery_id, name, name_sound, sex_code,
                  birth_date, village_code, id_digits, local_no, local_column, household_id,
                  guardian_person_id, event_date
    known         one row per person with a number and name: person_id, id_number, name, name_sound, sex_code,
                  birth_date, village_code, household_id, death_date
    pairs         person_id (unidentified), other_person_id (known), kind, is_certain

A department's own number of a person, or an ID number inside a card number, counts when the name agrees. A
number one slip away (id_repairs.py) is a guess, and a guess links nobody: it only finds the pair. The link
must rest on what is whole beside it, the name and the birth date the row itself states, and these must mean
one known person alone. Every other such pair is a reviewer's.
"""

from __future__ import annotations

import polars as pl

from data_contracts.cells.damage import is_whole
from data_contracts.cells.id_numbers import only_valid, written_birth_date
from transforms.linkage.id_repairs import repaired_numbers, rounded_numbers

PAIRS = ["person_id", "other_person_id", "kind"]
CERTAIN = "is_certain"
# A disability card number: the ID number, type and grade; a reissued card adds two characters.
CARD_LENGTHS = (20, 22)
SIDE = ["person_id", "name", "name_sound", "sex_code", "birth_date"]


def deterministic_matches(
    unidentified: pl.DataFrame, known: pl.DataFrame, own_numbers: pl.DataFrame
) -> pl.DataFrame:
    """Every pair that tier 2 finds, impossible ones (without_conflicts) among them; sorted, each pair once.

    own_numbers: local_column, local_no, person_id: departments' own numbers of known persons. A spoilt one
    (rounded, an error, a lost character) is evidence for nothing; one that several bear identifies nobody.
    """
    slips = pl.concat([repaired_numbers(unidentified), rounded_numbers(unidentified, known)])
    cards = _card_numbers(unidentified)
    local = _own_numbers(unidentified, own_numbers, known)
    # Only those with a number that some candidate names are looked at: a few of millions.
    numbers = pl.concat([slips, cards]).get_column("id_number").unique().implode()
    persons = local.get_column("other_person_id").unique().implode()
    named = known.filter(pl.col("id_number").is_in(numbers) | pl.col("person_id").is_in(persons))
    guessed = _confirmed(_paired(slips, unidentified, named), by_birth=True)
    found = [
        guessed.with_columns(_stands_without_number(guessed, unidentified, known)),
        _confirmed(_paired(cards, unidentified, named), by_birth=False).with_columns(_certain(True)),
        _confirmed(_sides(local, unidentified, named), by_birth=False).join(
            local.select("person_id", "other_person_id", CERTAIN).unique(),
            on=["person_id", "other_person_id"],
        ),
    ]
    # What is certain by any of its reasons is certain: that reason is kept.
    pairs = pl.concat(found, how="diagonal").sort(CERTAIN, *PAIRS, descending=[True, False, False, False])
    return pairs.unique(["person_id", "other_person_id"], keep="first", maintain_order=True).sort(*PAIRS)


def without_conflicts(
    pairs: pl.DataFrame,
    unidentified: pl.DataFrame,
    known: pl.DataFrame,
    listed: pl.DataFrame,
    apart: pl.DataFrame,
) -> pl.DataFrame:
    """The pairs that no hard fact forbids; columns and order as they are.

    Forbidden: different sex, an event after the other's death, somebody who is on the same roll under a
    number of their own (listed: delivery_id, person_id), and pairs that a reviewer keeps apart (apart:
    person_id, other_person_id).
    """
    one = unidentified.select("person_id", "sex_code", "event_date", "delivery_id")
    other = _among(known, pairs.get_column("other_person_id"))
    other = other.select(other_person_id="person_id", other_sex_code="sex_code", death_date="death_date")
    other = other.unique("other_person_id", keep="first", maintain_order=True)
    allowed = pairs.select("person_id", "other_person_id").unique(maintain_order=True)
    allowed = allowed.join(one, on="person_id").join(other, on="other_person_id")
    conflict = (pl.col("sex_code") != pl.col("other_sex_code")) | (
        pl.col("death_date") < pl.col("event_date")
    )
    # An unknown sex or date forbids nothing.
    allowed = allowed.filter(~conflict.fill_null(False))
    twice = listed.rename({"person_id": "other_person_id"})
    allowed = allowed.join(twice, on=["delivery_id", "other_person_id"], how="anti")
    both_ways = pl.concat(
        [apart, apart.select(person_id="other_person_id", other_person_id="person_id")], how="vertical"
    )
    allowed = allowed.join(both_ways, on=["person_id", "other_person_id"], how="anti")
    return pairs.join(allowed, on=["person_id", "other_person_id"], how="semi", maintain_order="left")


def split_ambiguous(pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The certain pairs of persons with one candidate, and all others, which are the reviewer's."""
    several = pl.col("other_person_id").n_unique().over("person_id") > 1
    doubtful = several | ~pl.col(CERTAIN)
    return pairs.filter(~doubtful), pairs.filter(doubtful)


def _own_numbers(unidentified: pl.DataFrame, own_numbers: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """person_id, other_person_id, kind, is_certain of all who bear a known one's department's number."""
    local = unidentified.select("person_id", "local_column", "local_no").drop_nulls()
    bearers = own_numbers.join(local.select("local_no").unique(), on="local_no", how="semi")
    # Of the values in core, some were loaded before damage was looked for in them.
    bearers = bearers.filter(is_whole(pl.col("local_no"))).rename({"person_id": "other_person_id"})
    numbered = (
        _among(known, bearers.get_column("other_person_id")).select(other_person_id="person_id").unique()
    )
    bearers = bearers.unique().join(numbered, on="other_person_id", how="semi")
    alone = (pl.len().over("local_column", "local_no") == 1).alias(CERTAIN)
    found = local.join(bearers.with_columns(alone), on=["local_column", "local_no"])
    return found.select("person_id", "other_person_id", CERTAIN, kind=pl.lit("own_number"))


def _among(known: pl.DataFrame, persons: pl.Series) -> pl.DataFrame:
    """Those of the known who are one of the persons: a few of millions."""
    return known.filter(pl.col("person_id").is_in(persons.unique().implode()))


def _certain(value: bool) -> pl.Expr:
    return pl.lit(value).alias(CERTAIN)


def _stands_without_number(pairs: pl.DataFrame, unidentified: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """Whether name and stated birth date alone mean the pair's known person, and no other known one."""
    stated = unidentified.select("person_id", "birth_date")
    compared = ["person_id", "name_sound", "birth_date"]
    wanted = _among(known, pairs.get_column("other_person_id")).select(compared).drop_nulls()
    born_then = known.filter(pl.col("birth_date").is_in(wanted.get_column("birth_date").unique().implode()))
    namesakes = (
        born_then.select(compared)
        .drop_nulls()
        .join(wanted.select("name_sound", "birth_date").unique(), on=["name_sound", "birth_date"])
    )
    alone = namesakes.group_by("name_sound", "birth_date").agg(_bearers=pl.col("person_id").n_unique())
    told = wanted.join(alone, on=["name_sound", "birth_date"]).rename(
        {"person_id": "other_person_id", "birth_date": "_born"}
    )
    both = pairs.join(stated, on="person_id", how="left", maintain_order="left")
    both = both.join(
        told.unique("other_person_id").select("other_person_id", "_born", "_bearers"),
        on="other_person_id", how="left", maintain_order="left",
    )  # fmt: skip
    certain = (pl.col("birth_date") == pl.col("_born")) & (pl.col("_bearers") == 1)
    return both.select(certain.fill_null(False).alias(CERTAIN)).to_series()


def _card_numbers(unidentified: pl.DataFrame) -> pl.DataFrame:
    """ID numbers inside a department's own number: a disability card's begins with one."""
    cards = unidentified.filter(pl.col("local_no").str.len_chars().is_in(CARD_LENGTHS))
    inside = only_valid(cards.get_column("local_no").str.slice(0, 18))
    found = cards.select("person_id", kind=pl.lit("card_number")).with_columns(inside.alias("id_number"))
    return found.select("person_id", "id_number", "kind").drop_nulls()


def _paired(numbers: pl.DataFrame, unidentified: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    bearer = known.select("id_number", other_person_id="person_id").unique()
    return _sides(numbers.join(bearer, on="id_number"), unidentified, known)


def _sides(pairs: pl.DataFrame, unidentified: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Both sides' names, sexes and birth dates beside a pair."""
    pairs = pairs.select(*PAIRS).unique(maintain_order=True)
    other = known.select(pl.col(name).alias(f"other_{name}") for name in SIDE)
    return pairs.join(unidentified.select(*SIDE, "id_digits"), on="person_id").join(
        other, on="other_person_id"
    )


def _confirmed(pairs: pl.DataFrame, by_birth: bool) -> pl.DataFrame:
    """Pairs of one name or sound; `by_birth`: and of one birth date, by the row or the written number."""
    named = (pl.col("name") == pl.col("other_name")) | (pl.col("name_sound") == pl.col("other_name_sound"))
    written = written_birth_date(pl.col("id_digits"))
    born = pl.coalesce("birth_date", written) == pl.col("other_birth_date")
    # Without a birth date of its own, a slip inside the number's leaves nothing to confirm it by.
    agrees = named & born if by_birth else named
    return pairs.filter(agrees.fill_null(False)).select(*PAIRS)
