"""Both sides of identity resolution on a date: who is not identified, and who that may turn out to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from data_contracts.cells.damage import is_whole
from data_contracts.cells.id_numbers import written_birth_date, written_sex_code
from data_contracts.cells.sounds import sounds_of
from divisions.present import meanings
from flows.context import parameters
from flows.context.site import Site
from transforms.households.household_keys import COUNTY
from transforms.linkage.deterministic import without_conflicts
from transforms.present_places import place_codes, present
from warehouse.identity.identity_decisions import decisions_at
from warehouse.identity.linkage_inputs import LinkageInputs
from warehouse.identity.person_aliases import links_at
from warehouse.identity.provisional import provisional_persons
from warehouse.identity.vault import Vault
from warehouse.identity.vault_secrets import number_hashes

RULES = "rules"  # who decided a link that no person did
_PAIR = ("person_id", "other_person_id")
_SHOWN = (
    *("person_id", "extract", "name", "sex_code", "birth_date"),
    *("number_text", "village_code", "household_id"),
)


@dataclass(frozen=True)
class Candidates:
    """Both sides, as transforms/linkage describes them, and what forbids that two of them are one.

    unidentified: one row per person met without a usable number; known: one per person with a number;
    own_numbers: departments' own numbers of known persons, those that the unidentified bear; around: who is
    on a roll by number; different: pairs that a reviewer found to be two persons.
    """

    unidentified: pl.DataFrame
    known: pl.DataFrame
    own_numbers: pl.DataFrame
    around: LinkageInputs
    different: pl.DataFrame

    def allowed(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """The pairs that no hard fact and no reviewer forbids."""
        listed = self.around.listed(pairs.get_column("other_person_id"))
        return without_conflicts(pairs, self.unidentified, self.known, listed, self.different)

    def without(self, found: pl.DataFrame) -> Candidates:
        """Without the unidentified persons who were found."""
        left = self.unidentified.join(found, on="person_id", how="anti", maintain_order="left")
        return replace(self, unidentified=left)

    def for_reviewers(self, doubtful: pl.DataFrame) -> pl.DataFrame:
        """Everybody whom the doubtful pairs are about, as review.write_reviews shows them."""
        asked = pl.col("person_id").is_in(
            pl.concat([doubtful.get_column(name).alias("person_id") for name in _PAIR]).unique().implode()
        )
        known = self.known.filter(asked).with_columns(
            extract=pl.lit(None, pl.String), number_text=pl.col("id_number")
        )
        both = pl.concat([self.unidentified.filter(asked).select(_SHOWN), known.select(_SHOWN)])
        homes = pl.col("household_id").is_in(both.get_column("household_id").unique().implode())
        heads = self.known.filter(pl.col("is_head") & homes)
        heads = heads.select("household_id", home_zh=pl.format("户主：{}", "name"))
        heads = heads.unique("household_id", keep="first", maintain_order=True)
        return both.join(heads, on="household_id", how="left", maintain_order="left")


def candidates_at(site: Site, vault: Vault, as_of: date) -> Candidates:
    """Everybody with a number, and those met without one who have not turned out to be somebody."""
    around = LinkageInputs(site.con, site.contracts, as_of)
    different = decisions_at(site.con, as_of).filter(decision="different").select(_PAIR)
    homes = around.homes()
    names = vault.known_persons(as_of, parameters.name_sources(site.catalogue, as_of))
    unidentified = _still_unidentified(site, vault, as_of)
    sounds = _sounds(names, unidentified)
    deaths = around.deaths(parameters.death_registers(site.catalogue, as_of))
    known = _known(names, homes, deaths, sounds)
    hashes = number_hashes(vault.con)
    asked = _asked(site, unidentified, "householdNo")
    groups = around.groups(homes, hashes.of_asked(asked, "household_no"))
    groups = hashes.found_again(groups, asked, "household_no")
    unidentified = _with_sounds(_unidentified(site, unidentified, homes, groups), sounds)
    # Sources that write one village under its former and its present code speak of the same village.
    meant = meanings(place_codes({"unidentified": unidentified, "known": known}), as_of, site.changes)
    unidentified, known = present(unidentified, meant), present(known, meant)
    own = unidentified.select("local_column", "local_no", column="local_column")
    numbers = around.own_numbers(hashes.of_asked(own, "local_no"))
    return Candidates(unidentified, known, hashes.found_again(numbers, own, "local_no"), around, different)


def _asked(site: Site, persons: pl.DataFrame, role: str) -> pl.DataFrame:
    """extract, household_no and the column it stood in, of the whole numbers that the persons' rows bear."""
    columns = {c.extract: c.custom.get(role) for c in site.contracts.values()}
    asked = persons.select("extract", "household_no", column=_by_extract(columns))
    return asked.filter(is_whole(pl.col("household_no")))


def _still_unidentified(site: Site, vault: Vault, as_of: date) -> pl.DataFrame:
    """Persons met without a usable number whom no link of an earlier day, and no reviewer, has identified."""
    # What rules found on this very date is found anew: it may rest on a delivery that was taken back.
    now, before = links_at(site.con, as_of), links_at(site.con, as_of - timedelta(days=1))
    lasting = before.join(now, on=_PAIR, how="semi")
    links = pl.concat([lasting, now.filter(pl.col("decided_by") != RULES)])
    return provisional_persons(vault, as_of).join(links, on="person_id", how="anti", maintain_order="left")


def _known(
    names: pl.DataFrame, homes: pl.DataFrame, deaths: pl.DataFrame, sounds: pl.DataFrame
) -> pl.DataFrame:
    """Persons with a number: what the number itself says of them, where they live, and when they died."""
    # Joined first, while the rows are narrow: each join copies a province.
    known = names.join(homes, on="person_id", how="left", maintain_order="left")
    known = known.join(deaths, on="person_id", how="left", maintain_order="left")
    number = pl.col("id_number")
    return _with_sounds(known, sounds).with_columns(
        sex_code=written_sex_code(number),
        birth_date=written_birth_date(number),
        id_digits=number,
        guardian_person_id=pl.lit(None, pl.String),
    )


def _unidentified(
    site: Site, persons: pl.DataFrame, homes: pl.DataFrame, groups: pl.DataFrame
) -> pl.DataFrame:
    """With the household that a row points to: its own, its guardian's, its group's, its number's owner's."""
    columns = {c.extract: c.custom.get("localPersonNo") for c in site.contracts.values()}
    home = homes.select("person_id", "household_id")
    for name in ("guardian_person_id", "shared_person_id"):
        pointed = home.select(pl.col("person_id").alias(name), pl.col("household_id").alias(f"_{name}"))
        persons = persons.join(pointed, on=name, how="left", maintain_order="left")
    persons = persons.join(home, on="person_id", how="left", maintain_order="left")
    persons = _grouped(persons, groups)
    pointed_to = pl.coalesce("household_id", "_guardian_person_id", "_group", "_shared_person_id")
    return persons.with_columns(
        _by_extract(columns).alias("local_column"),
        pointed_to.alias("household_id"),
    ).drop("_guardian_person_id", "_group", "_shared_person_id")


def _by_extract(columns: Mapping[str, str | None]) -> pl.Expr:
    return pl.col("extract").replace_strict(columns, default=None, return_dtype=pl.String)


def _grouped(persons: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """With `_group`, the household that the department's number means; a number of several counties means one
    only for a row that names its county."""
    number = ["extract", "household_no"]
    unique = groups.filter(pl.col("county").is_null()).drop("county").rename({"household_id": "_group"})
    placed = groups.drop_nulls("county").rename({"household_id": "_there"})
    persons = persons.with_columns(county=pl.col("village_code").str.head(COUNTY))
    persons = persons.join(unique, on=number, how="left", maintain_order="left")
    persons = persons.join(placed, on=[*number, "county"], how="left", maintain_order="left")
    return persons.with_columns(_group=pl.coalesce("_group", "_there")).drop("county", "_there")


def _sounds(*people: pl.DataFrame) -> pl.DataFrame:
    """name, name_sound of every name on either side, each sounded out once."""
    names = pl.concat([p.get_column("name") for p in people]).drop_nulls().unique().sort()
    return pl.DataFrame({"name": names, "name_sound": sounds_of(names)})


def _with_sounds(persons: pl.DataFrame, sounds: pl.DataFrame) -> pl.DataFrame:
    return persons.join(sounds, on="name", how="left", maintain_order="left")
