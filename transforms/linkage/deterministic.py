"""Who a person without a usable number is, by rules that leave no room: tier 2 of the linkage.

    unidentified  one row per provisional person: person_id, extract, delivery_id, name, name_sound, sex_code,
                  birth_date, village_code, id_digits, local_no, local_column, household_id,
                  guardian_person_id, event_date
    known         one row per person with a number and name: person_id, id_number, name, name_sound, sex_code,
                  birth_date, village_code, household_id, death_date
    pairs         person_id (unidentified), other_person_id (known), kind

A number one slip away (id_repairs.py) counts when the name and the birth date agree; a department's own
number of a person, or an ID number inside a card number, when the name does.
"""

from __future__ import annotations

import polars as pl

from data_contracts.cells.id_numbers import only_valid, written_birth_date
from transforms.linkage.id_repairs import repaired_numbers, rounded_numbers

PAIRS = ["person_id", "other_person_id", "kind"]
# A disability card number: the ID number, type and grade; a reissued card adds two characters.
CARD_LENGTHS = (20, 22)
SIDE = ["person_id", "name", "name_sound", "sex_code", "birth_date"]


def deterministic_matches(
    unidentified: pl.DataFrame, known: pl.DataFrame, own_numbers: pl.DataFrame
) -> pl.DataFrame:
    """Every pair that tier 2 finds, impossible ones (without_conflicts) among them; sorted, each pair once.

    own_numbers: local_column, local_no, person_id: departments' own numbers of known persons.
    """
    slips = pl.concat([repaired_numbers(unidentified), rounded_numbers(unidentified, known)])
    cards = _card_numbers(unidentified)
    local = unidentified.select("person_id", "local_column", "local_no").drop_nulls()
    local = local.join(own_numbers.rename({"person_id": "other_person_id"}), on=["local_column", "local_no"])
    local = local.with_columns(kind=pl.lit("own_number"))
    # Only those with a number that some candidate names are looked at: a few of millions.
    numbers = pl.concat([slips, cards]).get_column("id_number").unique().implode()
    persons = local.get_column("other_person_id").unique().implode()
    named = known.filter(pl.col("id_number").is_in(numbers) | pl.col("person_id").is_in(persons))
    found = [
        _confirmed(_paired(slips, unidentified, named), by_birth=True),
        _confirmed(_paired(cards, unidentified, named), by_birth=False),
        _confirmed(_sides(local, unidentified, named), by_birth=False),
    ]
    pairs = pl.concat(found).sort(*PAIRS)
    return pairs.unique(["person_id", "other_person_id"], keep="first", maintain_order=True)


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
    other = known.select(
        other_person_id="person_id", other_sex_code="sex_code", death_date="death_date"
    ).unique("other_person_id", keep="first", maintain_order=True)
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
    """The pairs of persons with one candidate, and of those with several, who are the reviewer's."""
    several = pl.col("other_person_id").n_unique().over("person_id") > 1
    return pairs.filter(~several), pairs.filter(several)


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
