"""What the lists find and miss, estimated from random lines of known chances, with intervals that hold.

Labels exist only for listed households, so hits alone say nothing of what was missed. A line drawn with
chance c stands for 1/c households of its band (Hajek's estimate, within bands of known size); the bands
are added up.

    estimates(lines, draws, by) -> DataFrame, one row per value of `by`

lines     one row per listed household and date: as_of, town_code, draw_band, draw_chance (of mart.alert),
          label (true, false; null: not answered), try_cnt (the try that found somebody; null: not known)
draws     mart.draw: as_of, town_code, draw_band, household_cnt, draw_chance

Columns: those of `by`; certain_cnt, certain_answered_cnt, certain_need_cnt (lines by the order);
random_cnt, random_answered_cnt, random_need_cnt; unlisted_cnt (households of the bands that could be
drawn), effective_cnt (equal lines the random ones are worth), answered_share, odds (need among the
unanswered over the answered, where tries tell); yield_, missed_, recall_ each with share, low, high (95
%): need among the lines by the order; among those they leave out; of all need the part that they hold.
recall_naive: every random line counted alike. reason: why there is no recall_share: no_random,
few_random, few_certain, few_need, few_answers; or null.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from models.evaluation.answering import HIGHEST, odds_of_unanswered, whole
from models.evaluation.design_intervals import Array, Range, ratio_range, share_range
from models.features.frame_checks import need_columns

# Why there is no estimate of recall, the first that applies.
REASONS = ("no_random", "few_random", "few_certain", "few_need", "few_answers")
BANDS = ("edge", "sign", "likely", "quiet")
# Below these no recall is told: a share of a handful is a wish. Few found leave the limits only.
LEAST_RANDOM, LEAST_CERTAIN, LEAST_FOUND, LEAST_ANSWERED = 30, 30, 5, 0.5
# A list younger than this is still being worked on: who answers first is unlike the rest. A visit that comes
# later than this says little of how a family was when it was listed.
MATURE_DAYS, LATE_DAYS = 21, 60
# A station's draws differ more than chance alone where stations differ; told from this many stations on.
LEAST_STATIONS = 30


def estimates(lines: pl.DataFrame, draws: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """Yield, need missed, and recall of the lines by the order; see the top of this file."""
    need_columns(lines, [*by, "as_of", "town_code", "draw_band", "draw_chance", "label", "try_cnt"], "lines")
    need_columns(draws, [*by, "as_of", "town_code", "draw_band", "household_cnt", "draw_chance"], "draws")
    keys = [*by] or ["_all"]
    lines, draws = (f if by else f.with_columns(_all=pl.lit(0)) for f in (lines, draws))
    # sums of weights are floats: the same rows in another order must not move them
    lines = lines.sort(*keys, "town_code", "as_of", "draw_band", "draw_chance", "label", "try_cnt")
    random = lines.filter(pl.col("draw_band").is_in(BANDS), pl.col("draw_chance") > 0)
    certain = lines.filter(~pl.col("draw_band").is_in(BANDS), pl.col("draw_band").is_not_null())
    groups = pl.concat([lines.select(keys), draws.select(keys)]).unique().sort(keys)
    # without groups there is one answer, also of nothing: that it cannot be told
    groups = groups if by else pl.DataFrame({"_all": [0]}, schema=groups.schema)
    sums = _wide(groups, _band_sums(random, draws, keys), keys)
    counts = groups.join(_counts(certain, "certain", keys), on=keys, how="left", maintain_order="left")
    counts = counts.join(_counts(random, "random", keys), on=keys, how="left", maintain_order="left")
    counts = counts.join(_tries(lines, keys), on=keys, how="left", maintain_order="left")
    counts = counts.with_columns(pl.exclude(keys).fill_null(0))
    spread = groups.join(_spread(random, keys), on=keys, how="left", maintain_order="left")["_spread"]
    found = _estimated(counts, sums, spread.fill_null(1.0).to_numpy())
    told = counts.select(*by, pl.col("^(certain|random).*$"))
    return pl.concat([told, found], how="horizontal")


def _counts(lines: pl.DataFrame, name: str, keys: list[str]) -> pl.DataFrame:
    label = pl.col("label")
    return lines.group_by(keys).agg(
        pl.len().cast(pl.Int64).alias(f"{name}_cnt"),
        label.is_not_null().sum().cast(pl.Int64).alias(f"{name}_answered_cnt"),
        label.sum().cast(pl.Int64).alias(f"{name}_need_cnt"),
    )


def _tries(lines: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Lines answered at the first and second try, of those in need and of the others."""
    label, try_ = pl.col("label"), pl.col("try_cnt")
    each = {
        f"_try{n}_{int(need)}": ((label == need) & (try_ == n)).sum().cast(pl.Int64)
        for n in (1, 2)
        for need in (False, True)
    }
    return lines.group_by(keys).agg(**each)


def _band_sums(random: pl.DataFrame, draws: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Per band: household_cnt, and sums of the weights of listed and answered lines."""
    weight, answered = 1 / pl.col("draw_chance"), pl.col("label").is_not_null()
    sums = random.group_by(*keys, "draw_band").agg(
        listed=weight.sum(),
        answered=weight.filter(answered).sum(),
        squared=(weight**2).filter(answered).sum(),
        need=weight.filter(pl.col("label")).sum(),
    )
    covered = draws.filter(pl.col("draw_band").is_in(BANDS), pl.col("draw_chance") > 0)
    sizes = covered.group_by(*keys, "draw_band").agg(size=pl.col("household_cnt").sum())
    return sizes.join(sums, on=[*keys, "draw_band"], how="full", coalesce=True)


def _wide(groups: pl.DataFrame, sums: pl.DataFrame, keys: list[str]) -> dict[str, Array]:
    """Each sum as an array, group by band."""
    order = pl.DataFrame({"draw_band": list(BANDS), "_band": range(len(BANDS))})
    every = groups.with_row_index("_group").join(order, how="cross")
    rows = every.join(sums, on=[*keys, "draw_band"], how="left").sort("_group", "_band")
    names = ("size", "listed", "answered", "squared", "need")
    shape = (groups.height, len(BANDS))
    return {n: rows[n].cast(pl.Float64).fill_null(0.0).to_numpy().reshape(shape) for n in names}


def _spread(random: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """How much more the stations' sums vary than lines drawn one by one would: 1 or more, by group."""
    rows = random.drop_nulls("label").with_columns(
        _w=1 / pl.col("draw_chance"), _y=pl.col("label").cast(pl.Float64)
    )
    mean = (pl.col("_w") * pl.col("_y")).sum().over(keys) / pl.col("_w").sum().over(keys)
    rows = rows.with_columns(_e=pl.col("_w") * (pl.col("_y") - mean)).sort(*keys, "town_code", "_e")
    towns = rows.group_by(*keys, "town_code", maintain_order=True).agg(
        _sum=pl.col("_e").sum(), _squares=(pl.col("_e") ** 2).sum()
    )
    one, many = pl.col("_squares").sum(), (pl.col("_sum") ** 2).sum()
    told = (pl.len() >= LEAST_STATIONS) & (one > 0)
    return towns.group_by(keys, maintain_order=True).agg(
        _spread=pl.when(told).then((many / one).clip(1.0, None)).otherwise(1.0)
    )


def _merged(sums: dict[str, Array]) -> dict[str, Array]:
    """A band of which nobody answered goes with the next one, the last with the one before."""
    merged = {name: values.copy() for name, values in sums.items()}
    last = len(BANDS) - 1
    for band, into in [*((b, b + 1) for b in range(last)), *((b, b - 1) for b in range(last, 0, -1))]:
        empty = merged["answered"][:, band] == 0
        for values in merged.values():
            values[:, into] += np.where(empty, values[:, band], 0.0)
            values[:, band] = np.where(empty, 0.0, values[:, band])
    return merged


def _missed(sums: dict[str, Array], spread: Array) -> tuple[Range, Array, Array]:
    """Of all bands: the share in need among the answered, the effective lines behind it, the unanswered."""
    s = _merged(sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.nan_to_num(s["need"] / s["answered"])
        count = np.nan_to_num(s["answered"] ** 2 / s["squared"])
        part = s["size"] / s["size"].sum(axis=1, keepdims=True)
        # no hit in a band is not "no need in it": half a hit and half a miss more, for the variance alone
        smooth = np.where(count > 0, (share * count + 0.5) / (count + 1), 0.0)
        variance = np.where(count > 0, part**2 * smooth * (1 - smooth) / np.maximum(count, 1e-9), 0.0)
        overall, even = (part * share).sum(axis=1), (part * smooth).sum(axis=1)
        effective = even * (1 - even) / (variance.sum(axis=1) * spread)
        unanswered = 1 - np.nan_to_num(s["answered"] / s["listed"])
    return share_range(overall, effective), effective, (part * unanswered).sum(axis=1)


def _estimated(counts: pl.DataFrame, sums: dict[str, Array], spread: Array) -> pl.DataFrame:
    n = {name: counts[name].to_numpy().astype(float) for name in counts.columns if name.endswith("_cnt")}
    tries = [
        np.column_stack([counts[f"_try{t}_{y}"].to_numpy().astype(float) for y in (0, 1)]) for t in (1, 2)
    ]
    odds = odds_of_unanswered(*tries)
    with np.errstate(invalid="ignore", divide="ignore"):
        listed = share_range(n["certain_need_cnt"] / n["certain_answered_cnt"], n["certain_answered_cnt"])
        silent = 1 - n["certain_answered_cnt"] / n["certain_cnt"]
        answered = (n["certain_answered_cnt"] + n["random_answered_cnt"]) / (
            n["certain_cnt"] + n["random_cnt"]
        )
    missed, effective, unlisted_silent = _missed(sums, spread)
    size = sums["size"].sum(axis=1)

    def at(value: Array | float) -> tuple[Range, Range, Range]:
        by_order, left_out = whole(listed, silent, value), whole(missed, unlisted_silent, value)
        over = ratio_range(left_out.map(lambda x: x * size), by_order.map(lambda x: x * n["certain_cnt"]))
        return by_order, left_out, Range(1 / (1 + over.value), 1 / (1 + over.high), 1 / (1 + over.low))

    likely = np.where(np.isnan(odds), 1.0, odds)
    points, plain, worst = at(likely), at(1.0), at(np.maximum(HIGHEST, likely))
    table: dict[str, Array] = {"unlisted_cnt": size.astype(np.int64), "effective_cnt": effective}
    table |= {"answered_share": answered, "odds": odds}
    for name, *ranges in zip(("yield", "missed", "recall"), points, plain, worst, strict=True):
        table |= {f"{name}_share": ranges[0].value}
        table |= {f"{name}_low": np.fmin.reduce([r.low for r in ranges])}
        table |= {f"{name}_high": np.fmax.reduce([r.high for r in ranges])}
    with np.errstate(invalid="ignore", divide="ignore"):
        blind = size * n["random_need_cnt"] / n["random_answered_cnt"]
        hits = n["certain_cnt"] * n["certain_need_cnt"] / n["certain_answered_cnt"]
        table["recall_naive"] = hits / (hits + blind)
    return _told(pl.DataFrame(table), counts, answered)


def _told(table: pl.DataFrame, counts: pl.DataFrame, answered: Array) -> pl.DataFrame:
    """Rounded, with the reason why there is no recall, and without what too few lines stand behind."""
    random, certain = counts["random_answered_cnt"], counts["certain_answered_cnt"]
    reason = (
        pl.when(pl.Series(counts["random_cnt"] == 0)).then(pl.lit("no_random"))
        .when(pl.Series(random < LEAST_RANDOM)).then(pl.lit("few_random"))
        .when(pl.Series(certain < LEAST_CERTAIN)).then(pl.lit("few_certain"))
        .when(pl.Series(counts["random_need_cnt"] < LEAST_FOUND)).then(pl.lit("few_need"))
        .when(pl.Series(answered < LEAST_ANSWERED)).then(pl.lit("few_answers"))
    )  # fmt: skip
    floats = [c for c, kind in table.schema.items() if kind == pl.Float64]
    table = table.with_columns(pl.col(floats).fill_nan(None).round(6), reason=reason)
    few = pl.col("reason").is_in(["no_random", "few_random", "few_certain"]).fill_null(False)
    limits = [c for c in floats if c.startswith(("missed_", "recall_"))]
    table = table.with_columns(pl.when(~few).then(pl.col(c)).alias(c) for c in limits)
    point = pl.when(pl.col("reason").is_null()).then(pl.col("recall_share"))
    return table.with_columns(point.alias("recall_share"))
