"""Identity resolution: whom the rows without a usable ID number speak of, once all files of a date are in.

What a reviewer decided goes first; then rules that leave no doubt (tier 2); then likeness (tier 3). A link
counts from the date on; doubtful pairs go to the reviewer; whoever is not found stays a person of their own,
and is looked for again when more is known.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from flows.context.run import Run
from flows.context.site import Site
from flows.scoring.candidates import RULES, Candidates, candidates_at
from flows.scoring.review import write_reviews
from policies.catalogue.linkage import link_model
from transforms.linkage.clerical_review import confirmed_links, overruled_links
from transforms.linkage.deterministic import deterministic_matches, split_ambiguous
from transforms.linkage.match_thresholds import Matches, apply_match_thresholds
from transforms.linkage.review_reasons import review_questions
from warehouse.database.connection import transaction
from warehouse.identity.identity_decisions import decisions_at
from warehouse.identity.person_aliases import (
    LINK,
    link_persons,
    links_at,
    numbered_persons,
    renew_links,
    unlink_persons,
)
from warehouse.identity.probabilistic_linkage import score_pairs

REVIEWER = "review"
_PAIR = ("person_id", "other_person_id")
# Tiers as core._person_link keeps them. Tier 1 is the number itself: loading needs no link for it.
BY_REVIEWER, BY_RULE, BY_LIKENESS = 0, 2, 3


def resolve(site: Site, run: Run) -> None:
    """Link what can be linked on the date and write the review file, unless both were done already."""
    if run.is_done(site, "resolve"):
        return
    as_of = run.as_of
    site.progress(f"{as_of} identity resolution", 0, 3)
    with site.open_vault(as_of, "resolve") as vault:
        _follow_reviewers(site, as_of)
        candidates = candidates_at(site, vault, as_of)
        doubtful = _link(site, candidates, as_of)
    write_reviews(site, as_of, doubtful, candidates.for_reviewers(doubtful))
    run.done(site, "resolve").record(site.con)
    site.progress(f"{as_of} identity resolution", 3, 3)


def _follow_reviewers(site: Site, as_of: date) -> None:
    """Link and unlink as reviewers decided by the date; their decision goes before every rule."""
    decisions, links = decisions_at(site.con, as_of), links_at(site.con, as_of)
    numbered = numbered_persons(site.con, pl.concat([decisions.select(_PAIR), links.select(_PAIR)]))
    ended = overruled_links(links, decisions, numbered, REVIEWER)
    with transaction(site.con):
        unlink_persons(site.con, ended, as_of, REVIEWER)
        held = links_at(site.con, as_of).select(_PAIR)
        both_ways = pl.concat([held, held.select(person_id="other_person_id", other_person_id="person_id")])
        new = confirmed_links(decisions, numbered).join(
            both_ways, on=["person_id", "other_person_id"], how="anti"
        )
        link_persons(site.con, _links(new, BY_REVIEWER, kind="reviewed", decided_by=REVIEWER), as_of)


def _link(site: Site, candidates: Candidates, as_of: date) -> pl.DataFrame:
    """Link what tiers 2 and 3 find; returns the doubtful pairs for the reviewer."""
    pairs = deterministic_matches(candidates.unidentified, candidates.known, candidates.own_numbers)
    certain, ambiguous = split_ambiguous(candidates.allowed(pairs))
    site.progress(f"{as_of} identity resolution", 1, 3)
    alike = _likeness(candidates.without(certain))
    found = [
        _links(certain, BY_RULE, kind=pl.col("kind")),
        _links(alike.accepted, BY_LIKENESS, kind="likeness", probability=pl.col("probability")),
    ]
    with transaction(site.con):
        renew_links(site.con, pl.concat(found), as_of, RULES)
    ambiguous = ambiguous.join(alike.accepted, on="person_id", how="anti", maintain_order="left")
    doubtful = pl.concat([_pairs(ambiguous, BY_RULE), _pairs(alike.doubtful, BY_LIKENESS)])
    return review_questions(doubtful, candidates.unidentified, candidates.known)


def _likeness(candidates: Candidates) -> Matches:
    """Certain and doubtful pairs by likeness, each with its match_weight and probability."""
    model, record = link_model(), {"person_id": "record_id"}
    unidentified, known = candidates.unidentified.rename(record), candidates.known.rename(record)
    scored = score_pairs(unidentified, known, model)
    pairs = scored.pairs.rename({"left_id": "person_id", "right_id": "other_person_id"})
    weights = model.weights
    return apply_match_thresholds(
        candidates.allowed(pairs), float(weights.accept), float(weights.doubt), float(weights.margin)
    )


def _pairs(pairs: pl.DataFrame, tier: int) -> pl.DataFrame:
    return pairs.select("person_id", "other_person_id", tier=pl.lit(tier, pl.Int64))


def _links(
    pairs: pl.DataFrame,
    tier: int,
    *,
    kind: pl.Expr | str,
    probability: pl.Expr | None = None,
    decided_by: str = RULES,
) -> pl.DataFrame:
    """The pairs as rows of core._person_link; `kind` is a column or the same for all of them."""
    return pairs.select(
        "person_id",
        "other_person_id",
        tier=pl.lit(tier, pl.Int64),
        kind=pl.lit(kind) if isinstance(kind, str) else kind,
        probability=pl.lit(None, pl.Float64) if probability is None else probability,
        decided_by=pl.lit(decided_by),
    ).select(LINK)
