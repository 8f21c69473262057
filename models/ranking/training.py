"""Learn a ranking from outcomes, and keep it only if it beats the rules on later lists."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from models.evaluation.compare_rankings import evaluate_rankings
from models.evaluation.entry import entry_counts
from models.evaluation.group_gates import Breach, GroupRules, group_gates
from models.evaluation.group_rates import LeastCounts, group_rates
from models.evaluation.listing import is_listed, with_truth
from models.features.groups import GROUPS
from models.features.household_features import feature_columns
from models.features.labels import known_labels
from models.features.splits import Split, matured, rolling_splits
from models.learners.leaks import refuse_leaks
from models.ranking.fitting import KINDS, Model, fit, lone_kinds, predict, sample_of
from models.ranking.promotion import RULES, Verdict, judge
from models.ranking.registry import ModelEntry, save
from models.ranking.scoring import tongling_of_features
from zhaoren.errors import ZhaorenError

# Codes of the errors that only say to wait for more outcomes.
TOO_FEW = ("too_few_lists", "too_few_outcomes", "too_few_found")


@dataclass(frozen=True)
class TrainingSettings:
    """How much must be known before a machine may order anything, and how candidates are compared.

    maturity_days   a list counts once its visits have had this long to be reported; with three weeks a
                    monthly list has matured when the next one is made
    min_rows        labelled households needed before the newest judged list. Tried on thirteen public
                    household sets, a line learned from fewer than 300 does not beat the plain rule
    boosting_rows   as many as trees need: with fewer the same trials had a line ahead of them
    min_each_class  of them at least so many with a verified need, and so many without
    judged_lists    a challenger has to win on each of so many of the newest matured lists
    short_share     rankings are compared on this share of a station's visited lines, the highest ranked; over
                    all of them every ranking would find the same
    seed            of every draw
    """

    maturity_days: int = 21
    min_rows: int = 300
    boosting_rows: int = 3_000
    min_each_class: int = 20
    judged_lists: int = 3
    short_share: float = 0.5
    seed: int = 0


@dataclass(frozen=True)
class Owed:
    """What the policies ask of a model: the group gates, how many a figure needs, and whom else to compare.

    tongling: tier code -> yuan a year of the published threshold rule, for a row of the comparison.
    """

    gates: GroupRules
    least: LeastCounts
    tongling: Mapping[str, float] | None = None


def train(
    frame: pl.DataFrame,
    out_dir: Path,
    as_of: date,
    capacity: int | pl.DataFrame,
    owed: Owed,
    *,
    settings: TrainingSettings | None = None,
    code: str = "",
) -> ModelEntry:
    """Fit every candidate on what lay before each judged list, choose by `promotion.judge`, refit on all.

    `frame` is `training_frame`'s; outcomes known after `as_of` are not looked at. `capacity` is lines per
    station and list (a number, or a frame town_code, line_cnt). Where no challenger may stand in for the
    rules the entry's kind is `rule_points`, and its metrics say why. `code`: the version that learned.
    Raises ZhaorenError (code) when too little is known (too_few_lists, too_few_outcomes) or a feature alone
    explains the label.
    """
    settings = settings or TrainingSettings()
    splits = rolling_splits(frame, as_of, settings.maturity_days, settings.judged_lists)
    rows = matured(known_labels(frame, as_of), as_of, settings.maturity_days)
    _refuse_thin(splits, settings)
    refuse_leaks(sample_of(rows, settings.maturity_days))
    kinds, refused = _challengers(splits, settings)
    scored = pl.concat([_scored(split, kinds, owed, settings) for split in splits], how="diagonal")
    lines = _short_lines(scored, capacity, settings.short_share)
    truth = scored.select("household_id", "as_of", in_hardship="label", is_silent=pl.lit(None, pl.Boolean))
    others = [c for c in scored.columns if c == "tongling" or c.startswith("single:")]
    comparison = evaluate_rankings(scored, truth, lines, [RULES, *others, *kinds], seed=settings.seed)
    flagged = with_truth(scored, truth, lines, settings.seed)
    rates = {kind: _rates(flagged, kind, owed.least) for kind in (RULES, *kinds)}
    breaches = {kind: group_gates(rates[kind], owed.gates) for kind in kinds}
    verdict = judge(comparison, kinds, breaches, least_lists=settings.judged_lists, refused=refused)
    # the measuring is done: the model that goes into use learns from the later lists as well
    model = fit(verdict.kind, rows, settings.seed, settings.maturity_days)
    metrics = _metrics(
        model, splits, rows, verdict=verdict, comparison=comparison, rates=rates, breaches=breaches,
        entry=entry_counts(flagged, frame, (RULES, *kinds)), as_of=as_of, settings=settings, code=code,
    )  # fmt: skip
    return save(model, metrics, Path(out_dir))


def _refuse_thin(splits: Sequence[Split], settings: TrainingSettings) -> None:
    newest = splits[-1]
    yes, rows = int(newest.train["label"].sum()), newest.train.height
    judged = pl.concat([split.holdout.select("label") for split in splits])["label"]
    held_yes, held = int(judged.sum()), len(judged)
    # the later lists must hold both answers, or every ranking would look the same on them
    enough = rows >= settings.min_rows and min(yes, rows - yes) >= settings.min_each_class
    if enough and 0 < held_yes < held:
        return
    raise ZhaorenError(
        f"too few outcomes to learn from: {rows} before {newest.cut} ({yes} verified, {rows - yes} not), "
        f"{held} on the lists it is judged by ({held_yes} verified, {held - held_yes} not)",
        "training frame",
        f"at least {settings.min_rows} are needed before the newest of them, {settings.min_each_class} of "
        "each kind, and some of each kind to judge by",
        "collect more feedback; until then the rules rank",
        code="too_few_outcomes",
    )


def _challengers(
    splits: Sequence[Split], settings: TrainingSettings
) -> tuple[tuple[str, ...], dict[str, str]]:
    """The learned kinds that every split has enough rows for, and why the others are not tried."""
    rows = splits[-1].train.height
    if rows >= settings.boosting_rows:
        return tuple(k for k in KINDS if k != RULES), {}
    why = f"not tried: {rows:,} outcomes before the newest list, trees need {settings.boosting_rows:,}"
    return tuple(k for k in KINDS if k not in (RULES, "boosting")), {"boosting": why}


def _scored(split: Split, kinds: tuple[str, ...], owed: Owed, settings: TrainingSettings) -> pl.DataFrame:
    """The hold-out rows with one score column per candidate, each fitted on the training side only.

    Where the training side of an early list holds one answer alone, no candidate has an opinion on it.
    """
    held = split.holdout.with_columns(pl.col("rule_points").cast(pl.Float64))
    if owed.tongling is not None:
        held = held.with_columns(tongling=tongling_of_features(held, owed.tongling))
    if split.train["label"].n_unique() < 2:
        return held
    tried = (*lone_kinds(split.train), *kinds)
    models = [fit(kind, split.train, settings.seed, settings.maturity_days) for kind in tried]
    return held.with_columns(
        pl.Series(kind, predict(model, split.holdout)) for kind, model in zip(tried, models, strict=True)
    )


def _short_lines(scored: pl.DataFrame, capacity: int | pl.DataFrame, share: float) -> pl.DataFrame:
    """Lines per list and station: its capacity, but at most `share` of what was visited (at least one)."""
    visited = scored.group_by("as_of", "town_code").agg(visited_cnt=pl.len())
    if isinstance(capacity, int):
        whole = visited.with_columns(line_cnt=pl.lit(capacity, pl.Int64))
    else:
        whole = visited.join(capacity.select("town_code", "line_cnt"), on="town_code", how="left")
    short = (pl.col("visited_cnt") * share).floor().cast(pl.Int64).clip(lower_bound=1)
    return whole.select(
        "as_of", "town_code", line_cnt=pl.min_horizontal(pl.col("line_cnt").cast(pl.Int64), short)
    )


def _rates(flagged: pl.DataFrame, kind: str, least: LeastCounts) -> pl.DataFrame:
    """The group rates of one ranking's lines; the calibration is that of a chance, which points are not."""
    judged = flagged.with_columns(flagged=is_listed(flagged, kind), label="in_hardship")
    score = None if kind == RULES else kind
    return group_rates(judged, GROUPS, least, entity="household_id", score=score)


def _metrics(
    model: Model,
    splits: Sequence[Split],
    rows: pl.DataFrame,
    *,
    verdict: Verdict,
    comparison: pl.DataFrame,
    rates: Mapping[str, pl.DataFrame],
    breaches: Mapping[str, Sequence[Breach]],
    entry: list[dict[str, Any]],
    as_of: date,
    settings: TrainingSettings,
    code: str,
) -> dict[str, Any]:
    arms = rows.group_by("arm").agg(visited_cnt=pl.len(), verified_cnt=pl.col("label").sum()).sort("arm")
    newest = splits[-1]
    return {
        "as_of": as_of.isoformat(),
        "kind": model.kind,
        "promotable": verdict.promotable,
        "reasons": {kind: list(why) for kind, why in verdict.reasons.items()},
        "breaches": {kind: [asdict(one) for one in found] for kind, found in breaches.items()},
        "code": code,
        "snapshot": snapshot(rows),
        "sizes": {} if model.learner is None else model.learner.sizes,
        "unknown_cells": {} if model.learner is None else model.learner.unknown_cells,
        "score_deciles": _deciles(model, rows),
        "cut": newest.cut.isoformat(),
        "train_lists": [d.isoformat() for d in newest.train["as_of"].unique().sort()],
        "holdout_lists": [split.cut.isoformat() for split in splits],
        "train_rows": newest.train.height,
        "holdout_rows": sum(split.holdout.height for split in splits),
        "fitted_rows": rows.height,
        "fitted_verified": int(rows["label"].sum()),
        "arms": arms.to_dicts(),
        "entry": entry,
        "settings": asdict(settings),
        "comparison": _plain(comparison.filter(pl.col("as_of") == "all")),
        "lists": _plain(comparison.filter(pl.col("as_of") != "all")),
        "groups": _plain(rates[model.kind]),
    }


def snapshot(rows: pl.DataFrame) -> str:
    """A hash of the rows that were learned from: features and labels, in an order of their own."""
    columns = ["household_id", "as_of", "label", *feature_columns(rows)]
    plain = rows.select(columns).sort("as_of", "household_id")
    return hashlib.sha256(plain.write_csv(float_precision=4).encode()).hexdigest()


def _deciles(model: Model, rows: pl.DataFrame) -> list[float]:
    """The tenths of the scores of the rows learned from: what later scores are held against."""
    scores = pl.Series(predict(model, rows))
    return [round(float(scores.quantile(n / 10) or 0.0), 6) for n in range(11)]


def _plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """A small table as plain values for JSON; amounts of money as text."""
    return frame.with_columns(pl.col(pl.Decimal).cast(pl.String)).to_dicts()
