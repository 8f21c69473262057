"""Find out who the persons without a usable number are, once all files of a date are in.

What a reviewer decided goes first; then rules that leave no room (tier 2); then likeness (tier 3). What is
found is believed from the date on; what is doubtful goes to the reviewer; the rest stays somebody of their
own, and is asked about again when more is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from data_contracts.cells.id_numbers import written_birth_date, written_sex_code
from data_contracts.cells.sounds import sounds_of
from flows.context import reference
from flows.context.run import Run
from flows.context.site import Site
from flows.scoring.review import write_reviews
from policies.catalogue.linkage import link_model
from transforms.linkage.clerical_review import overruled, reviewed
from transforms.linkage.deterministic import only_answers, repaired, without_conflicts
from transforms.linkage.review_reasons import questions
from transforms.linkage.thresholds import Chosen, choose
from warehouse.database.connection import transaction
from warehouse.identity.identity_decisions import decisions_at
from warehouse.identity.linkage_inputs import Surroundings
from warehouse.identity.person_aliases import (
    LINK,
    link_persons,
    links_at,
    numbered_persons,
    renew_links,
    unlink_persons,
)
from warehouse.identity.probabilistic_linkage import score_pairs
from warehouse.identity.provisional import provisional_persons
from warehouse.identity.vault import Vault

RULES, REVIEWER = "rules", "review"


@dataclass(frozen=True)
class People:
    """Both sides of the question, as linking.py describes them, and what forbids an answer."""

    lost: pl.DataFrame
    known: pl.DataFrame
    own_numbers: pl.DataFrame
    listed: pl.DataFrame
    apart: pl.DataFrame

    def allowed(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """The pairs that no hard fact and no reviewer forbids."""
        return without_conflicts(pairs, self.lost, self.known, self.listed, self.apart)

    def but(self, found: pl.DataFrame) -> People:
        """Without those who were found."""
        lost = self.lost.join(found, on="person_id", how="anti", maintain_order="left")
        return People(lost, self.known, self.own_numbers, self.listed, self.apart)


def resolve(site: Site, run: Run) -> None:
    """Link what can be linked on the date and write the review file, unless both stand already."""
    if run.is_done(site, "resolve"):
        return
    as_of = run.as_of
    site.progress(f"{as_of} who is who", 0, 3)
    with site.open_vault(as_of, "resolve") as vault:
        _follow_decisions(site, as_of)
        people = _people(site, vault, as_of)
        doubtful = _link(site, people, as_of)
    write_reviews(site, as_of, doubtful, _for_reviewers(people))
    run.done(site, "resolve").record(site.con)
    site.progress(f"{as_of} who is who", 3, 3)


def _link(site: Site, people: People, as_of: date) -> pl.DataFrame:
    """Believe what tiers 2 and 3 find; returns the doubtful pairs for the reviewer."""
    sure, several = only_answers(people.allowed(repaired(people.lost, people.known, people.own_numbers)))
    found = [_links(sure, 2, pl.col("kind"), pl.lit(None, pl.Float64))]
    site.progress(f"{as_of} who is who", 1, 3)
    chosen = _likeness(people.but(sure))
    found.append(_links(chosen.accepted, 3, pl.lit("likeness"), pl.col("probability")))
    with transaction(site.con):
        renew_links(site.con, pl.concat(found), as_of, RULES)
    several = several.join(chosen.accepted, on="person_id", how="anti", maintain_order="left")
    asked = pl.concat([_pairs(several, 2), _pairs(chosen.doubtful, 3)])
    return questions(asked, people.lost, people.known)


def _pairs(pairs: pl.DataFrame, tier: int) -> pl.DataFrame:
    return pairs.select("person_id", "other_person_id", tier=pl.lit(tier, pl.Int64))


def _likeness(people: People) -> Chosen:
    """Sure and doubtful pairs by likeness, each with its match_weight and probability."""
    model = link_model()
    scored = score_pairs(_records(people.lost), _records(people.known), model)
    pairs = scored.pairs.rename({"left_id": "person_id", "right_id": "other_person_id"})
    weights = model.weights
    return choose(people.allowed(pairs), float(weights.accept), float(weights.doubt), float(weights.margin))


def _records(people: pl.DataFrame) -> pl.DataFrame:
    return people.rename({"person_id": "record_id"})


def _links(pairs: pl.DataFrame, tier: int, kind: pl.Expr, probability: pl.Expr) -> pl.DataFrame:
    told = {
        "tier": pl.lit(tier, pl.Int64),
        "kind": kind,
        "probability": probability,
        "decided_by": pl.lit(RULES),
    }
    return pairs.select("person_id", "other_person_id", **told).select(LINK)


def _follow_decisions(site: Site, as_of: date) -> None:
    """Links as reviewers decided by the date; their word goes before every rule."""
    told, numbered = decisions_at(site.con, as_of), numbered_persons(site.con)
    ended = overruled(links_at(site.con, as_of), told, numbered, REVIEWER)
    with transaction(site.con):
        unlink_persons(site.con, ended, as_of, REVIEWER)
        held = links_at(site.con, as_of).select("person_id", "other_person_id")
        both_ways = pl.concat([held, held.select(person_id="other_person_id", other_person_id="person_id")])
        new = reviewed(told, numbered).join(both_ways, on=["person_id", "other_person_id"], how="anti")
        links = new.with_columns(
            tier=pl.lit(0, pl.Int64),
            kind=pl.lit("reviewed"),
            probability=pl.lit(None, pl.Float64),
            decided_by=pl.lit(REVIEWER),
        )
        link_persons(site.con, links.select(LINK), as_of)


def _people(site: Site, vault: Vault, as_of: date) -> People:
    """Everybody with a number, and those met without one who are nobody else yet."""
    around = Surroundings(site.con, site.contracts, as_of)
    # What rules found on this very date is found anew: it may rest on a delivery that was taken back.
    standing, former = links_at(site.con, as_of), links_at(site.con, as_of - timedelta(days=1))
    former = former.join(standing, on=["person_id", "other_person_id"], how="semi")
    links = pl.concat([former, standing.filter(pl.col("decided_by") != RULES)])
    lost = provisional_persons(vault, as_of).join(links, on="person_id", how="anti", maintain_order="left")
    decided = (
        decisions_at(site.con, as_of).filter(decision="different").select("person_id", "other_person_id")
    )
    homes = around.homes()
    deaths = around.deaths(reference.death_registers(site.catalogue, as_of))
    names = vault.known_persons(reference.name_sources(site.catalogue, as_of))
    sounds = _sounds(names, lost)
    known = _known(names, homes, deaths).join(sounds, on="name", how="left", maintain_order="left")
    lost = _lost(site, lost, homes, around.groups(homes)).join(
        sounds, on="name", how="left", maintain_order="left"
    )
    return People(lost, known, around.own_numbers(), around.listed(), decided)


def _known(names: pl.DataFrame, homes: pl.DataFrame, deaths: pl.DataFrame) -> pl.DataFrame:
    number = pl.col("id_number")
    told = names.with_columns(
        sex_code=written_sex_code(number),
        birth_date=written_birth_date(number),
        id_digits=number,
        guardian_person_id=pl.lit(None, pl.String),
    )
    told = told.join(homes, on="person_id", how="left", maintain_order="left")
    return told.join(deaths, on="person_id", how="left", maintain_order="left")


def _lost(site: Site, lost: pl.DataFrame, homes: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """With the household that a row points to: its own, its guardian's, its group's, its number's owner's."""
    columns = {c.extract: c.custom.get("localPersonNo") for c in site.contracts.values()}
    home = homes.select("person_id", "household_id")
    for name in ("guardian_person_id", "shared_person_id"):
        pointed = home.select(pl.col("person_id").alias(name), pl.col("household_id").alias(f"_{name}"))
        lost = lost.join(pointed, on=name, how="left", maintain_order="left")
    lost = lost.join(home, on="person_id", how="left", maintain_order="left")
    grouped = groups.rename({"household_id": "_group"})
    lost = lost.join(grouped, on=["extract", "household_no"], how="left", maintain_order="left")
    pointed_to = pl.coalesce("household_id", "_guardian_person_id", "_group", "_shared_person_id")
    return lost.with_columns(
        pl.col("extract").replace_strict(columns, default=None, return_dtype=pl.String).alias("local_column"),
        pointed_to.alias("household_id"),
    ).drop("_guardian_person_id", "_group", "_shared_person_id")


def _for_reviewers(people: People) -> pl.DataFrame:
    """Everybody a question may be about, as review.write_reviews shows them."""
    known = people.known.with_columns(extract=pl.lit(None, pl.String), number_text=pl.col("id_number"))
    heads = known.filter("is_head").select("household_id", home_zh=pl.format("户主：{}", "name"))
    heads = heads.unique("household_id", keep="first", maintain_order=True)
    shown = [
        "person_id",
        "extract",
        "name",
        "sex_code",
        "birth_date",
        "number_text",
        "village_code",
        "household_id",
    ]
    both = pl.concat([people.lost.select(shown), known.select(shown)])
    return both.join(heads, on="household_id", how="left", maintain_order="left")


def _sounds(*people: pl.DataFrame) -> pl.DataFrame:
    names = pl.concat([p.get_column("name") for p in people]).drop_nulls().unique().sort()
    return pl.DataFrame({"name": names, "name_sound": sounds_of(names)})
