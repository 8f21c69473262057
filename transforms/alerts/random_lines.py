"""The households drawn at random to learn what the ranking misses, and their rows.

    random_seats(seats, operations, as_of) -> seats with audit_lines, audit_mean, _ticket
    kept_lines(history, seats, inputs) -> DataFrame       drawn before, still open: they keep a line
    drawn_lines(seated, seats, kept, history, inputs) -> Drawn
    with_drawn(seated, drawn, inputs) -> DataFrame        the alerts with arm, is_listed and the drawn rows

The audit arm takes its share of the capacity (audit_share) from every household of the town that the order
does not list and that neither rests after a visit nor stands on an earlier list of the month. It draws in
bands of risk: `edge`, the next in order, as many as the station has lines; `sign`, the others with one;
`likely`, without a sign but among those the model ranks highest; `quiet`, all others. Each band has its share
of the lines (audit_band_…); what is a part of a line is drawn by a number that nobody chooses and anybody can
recompute, so that every chance is known (draw_chance), though a station has one such line a month. A station
too small for one has it in some months; the place that it takes or leaves is of the `edge`, too.

Worked example: 12 lines, share 0.08, 700 households: one line; 11 by the order, `certain`. Shares 0.2 edge
(12), 0.3 sign (77), no model, 0.5 quiet (600): their chances are 0.2/12, 0.3/77 and 0.5/600.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import polars as pl
import polars_hash as plh

from transforms.alerts.draw_chances import with_drawn_cnt, with_expected
from transforms.alerts.inputs import BANDS, AlertInputs, Operations
from transforms.alerts.status import resting_cases
from transforms.alerts.texts import ROUTINE_QUESTIONS, ROUTINE_ZH

# Listed by the order, or drawn earlier and not visited yet: no chance is in it.
CERTAIN, KEPT = "certain", "kept"
_ROW = {"town_code": "_town_code", "village_code": "_village_code"}


@dataclass(frozen=True)
class Drawn:
    """What was drawn, of what.

    frame: every household that could be listed: case_id, draw_band, draw_chance, is_drawn, is_listed,
    _town_code, _village_code, _open_due, _first_listed_date. counts: town_code, draw_band, household_cnt,
    draw_chance, listed_cnt.
    """

    frame: pl.DataFrame
    counts: pl.DataFrame


def random_seats(seats: pl.DataFrame, operations: Operations, as_of: date) -> pl.DataFrame:
    """With audit_lines (this time), audit_mean (over all draws) and _ticket (0 to 1) of each station."""
    # Decimal rounding is Python's; few capacities differ, so each is worked out once.
    sizes = seats["capacity"].unique().sort().to_list()
    mean = {size: operations.audit_mean(size) for size in sizes}
    tickets = [_uniform(f"draw|{as_of.isoformat()}|{town}") for town in seats["town_code"]]
    seats = seats.with_columns(
        pl.col("capacity").replace_strict(mean, default=0.0, return_dtype=pl.Float64).alias("audit_mean"),
        pl.Series("_ticket", tickets, pl.Float64),
    )
    lines = (pl.col("audit_mean") + pl.col("_ticket")).floor().cast(pl.Int64)
    return seats.with_columns(lines.alias("audit_lines"))


def _uniform(text: str) -> float:
    return int(sha256(text.encode()).hexdigest()[:13], 16) / 16**13


def kept_lines(history: pl.DataFrame, seats: pl.DataFrame, inputs: AlertInputs) -> pl.DataFrame:
    """Drawn on an earlier list, not visited and not overdue: case_id, _town_code, _village_code, _open_due, …

    They keep a line of the order's, so that the random ones are drawn anew each time: if they took those,
    families who are seldom at home would close the draw to everybody else.
    """
    open_ = history.filter(
        (pl.col("queue") == "need") & (pl.col("open_arm") == "audit") & (pl.col("open_due") >= inputs.as_of)
    ).select("case_id", _open_due="open_due", _first_listed_date="first_listed_date")
    rows = (
        _living(inputs)
        .join(_resting(history, inputs), on="case_id", how="anti")
        .join(open_, on="case_id")
        .join(seats, left_on="_town_code", right_on="town_code")
    )
    room = pl.col("capacity") - pl.col("audit_mean").ceil().cast(pl.Int64)
    rows = rows.sort("_town_code", "_open_due", "case_id")
    rows = rows.filter(pl.int_range(pl.len()).over("_town_code") < room)
    return rows.select("case_id", *_ROW.values(), "_open_due", "_first_listed_date")


def _living(inputs: AlertInputs) -> pl.DataFrame:
    """Every household with a town; one of unknown size is not known to be empty."""
    households = inputs.households
    if "member_cnt" in households.columns:
        households = households.filter((pl.col("member_cnt") != 0).fill_null(True))
    return households.filter(pl.col("town_code").is_not_null()).select(
        pl.col("household_id").alias("case_id"), *(pl.col(a).alias(b) for a, b in _ROW.items())
    )


def _resting(history: pl.DataFrame, inputs: AlertInputs) -> pl.DataFrame:
    need = history.filter(pl.col("queue") == "need")
    return resting_cases(need, inputs.as_of).select("case_id")


def drawn_lines(
    seated: pl.DataFrame, seats: pl.DataFrame, kept: pl.DataFrame, history: pl.DataFrame, inputs: AlertInputs
) -> Drawn:
    """Draw within each town and band; `seated`: the alerts with is_listed, order_no, _line."""
    frame = _banded(seated, kept, history, inputs)
    pool = frame.filter(pl.col("draw_band").is_in(BANDS))
    counts = _counted(pool, seats, inputs.operations)
    pool = pool.join(counts, on=["_town_code", "draw_band"], how="left", maintain_order="left")
    pool = pool.join(_winners(pool, inputs.as_of), on="case_id", how="left", maintain_order="left")
    # Where a small station has no random line this time, its last place went by the order.
    spared = (
        pl.when(pl.col("_is_last") & pl.col("_mean").is_between(0, 1, closed="none"))
        .then(1 - pl.col("_mean"))
        .otherwise(0.0)
    )
    drawn = pool.with_columns(
        is_drawn=pl.col("_won").fill_null(False), draw_chance=pl.col("draw_chance") + spared
    )
    sure = frame.filter(~pl.col("draw_band").is_in(BANDS)).with_columns(
        draw_chance=pl.lit(1.0), is_drawn=pl.col("draw_band") == KEPT
    )
    columns = ["case_id", "draw_band", "draw_chance", "is_drawn", "is_listed", *_ROW.values()]
    rows = pl.concat([sure.select(columns), drawn.select(columns)]).join(
        kept.select("case_id", "_open_due", "_first_listed_date"), on="case_id", how="left"
    )
    return Drawn(rows.sort("case_id"), _counts_table(rows, counts))


def _winners(pool: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The first of each band by their tickets: case_id, _won; only bands that have a line now need any."""
    ticket = plh.concat_str(pl.lit(f"audit|{as_of.isoformat()}|"), pl.col("case_id")).chash.sha2_256()
    rows = pool.filter(pl.col("_drawn_cnt") > 0).with_columns(ticket.alias("_ticket"))
    rows = rows.sort("_town_code", "draw_band", "_ticket", "case_id")
    first = pl.int_range(pl.len()).over("_town_code", "draw_band") < pl.col("_drawn_cnt")
    return rows.filter(first).select("case_id", _won=pl.lit(True))


def _banded(
    seated: pl.DataFrame, kept: pl.DataFrame, history: pl.DataFrame, inputs: AlertInputs
) -> pl.DataFrame:
    """Every reachable household with its draw_band, is_listed, _is_last."""
    placed = seated.select("case_id", "is_listed", "status", "order_no", "_line", "_last", "_edge")
    rows = _living(inputs).join(placed, on="case_id", how="left", maintain_order="left")
    # A resting case that a fresh sign woke can be listed; one without a sign cannot.
    asleep = rows.filter(pl.col("status").is_null()).join(_resting(history, inputs), on="case_id", how="semi")
    rows = rows.join(asleep.select("case_id"), on="case_id", how="anti", maintain_order="left")
    rows = rows.join(
        kept.select("case_id", _kept=pl.lit(True)), on="case_id", how="left", maintain_order="left"
    )
    rows = rows.filter((pl.col("status") != "suppressed").fill_null(True))
    rows = rows.join(_likely(rows, inputs), on="case_id", how="left", maintain_order="left")
    place, line = pl.col("order_no"), pl.col("_line")
    band = (
        pl.when(pl.col("_kept")).then(pl.lit(KEPT))
        .when(pl.col("status").is_null() & pl.col("_likely")).then(pl.lit("likely"))
        .when(pl.col("status").is_null()).then(pl.lit("quiet"))
        .when(pl.col("is_listed") & ~(place > line).fill_null(False)).then(pl.lit(CERTAIN))
        .when(pl.col("_is_red")).then(pl.lit(CERTAIN))
        .when(place <= line + pl.col("_edge")).then(pl.lit("edge"))
        .otherwise(pl.lit("sign"))
    )  # fmt: skip
    reds = seated.filter(pl.col("level") == "red").select("case_id", _is_red=pl.lit(True))
    rows = rows.join(reds, on="case_id", how="left", maintain_order="left")
    listed = pl.col("is_listed").fill_null(False)
    rows = rows.with_columns(band.alias("draw_band"), listed.alias("is_listed"))
    return rows.with_columns(_is_last=pl.col("draw_band").is_in(BANDS) & pl.col("_last").fill_null(False))


def _likely(rows: pl.DataFrame, inputs: AlertInputs) -> pl.DataFrame:
    """Of those without a sign, whom the model ranks highest in their town: case_id, _likely."""
    if inputs.scores is None:
        return rows.select("case_id", _likely=pl.lit(False)).clear()
    scores = inputs.scores.select(case_id="household_id", _score="score")
    quiet = rows.filter(pl.col("status").is_null()).join(scores, on="case_id").drop_nulls("_score")
    quiet = quiet.sort("_town_code", "_score", "case_id", descending=[False, True, False])
    top = pl.len().over("_town_code") * float(inputs.operations.audit_likely_share)
    first = pl.int_range(pl.len()).over("_town_code") < top
    return quiet.filter(first).select("case_id", _likely=pl.lit(True))


def _counted(pool: pl.DataFrame, seats: pl.DataFrame, operations: Operations) -> pl.DataFrame:
    """Of bands with a household: _town_code, draw_band, household_cnt, draw_chance, _drawn_cnt, _mean."""
    sizes = pool.group_by("_town_code", "draw_band").agg(pl.len().cast(pl.Int64).alias("household_cnt"))
    shares = [float(operations.audit_band_shares[band]) for band in BANDS]
    bands = pl.DataFrame({"draw_band": list(BANDS), "_share": shares, "_order": range(len(BANDS))})
    towns = seats.select("_ticket", _town_code="town_code", _mean="audit_mean")
    every = towns.join(bands, how="cross").join(sizes, on=["_town_code", "draw_band"], how="left")
    every = every.with_columns(pl.col("household_cnt").fill_null(0)).sort("_town_code", "_order")
    counted = with_drawn_cnt(with_expected(every)).filter(pl.col("household_cnt") > 0)
    chance = pl.col("_expected") / pl.col("household_cnt")
    return counted.with_columns(draw_chance=chance).drop("_expected", "_order", "_share", "_ticket")


def _counts_table(rows: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    every = rows.group_by(pl.col("_town_code").alias("town_code"), "draw_band").agg(
        pl.len().cast(pl.Int64).alias("household_cnt"),
        (pl.col("is_listed") | pl.col("is_drawn")).sum().cast(pl.Int64).alias("listed_cnt"),
    )
    chances = counts.select("draw_band", "draw_chance", town_code="_town_code")
    every = every.join(chances, on=["town_code", "draw_band"], how="left")
    return every.with_columns(pl.col("draw_chance").fill_null(1.0)).sort("town_code", "draw_band")


def with_drawn(seated: pl.DataFrame, drawn: Drawn, inputs: AlertInputs) -> pl.DataFrame:
    """The alerts with the drawn ones listed as arm `audit`; rows are added for those without a signal.

    A drawn household with a sign is listed for its sign, as any other is.
    """
    own = drawn.frame.select("case_id", "draw_band", "draw_chance", "is_drawn")
    rows = pl.concat(
        [seated.join(own, on="case_id", how="left"), _without_alert(drawn.frame, seated, inputs)],
        how="diagonal",
    )
    audit = pl.col("is_drawn").fill_null(False)
    return rows.with_columns(
        pl.when(audit).then(pl.lit("audit")).otherwise(pl.col("arm")).alias("arm"),
        (pl.col("is_listed") | audit).alias("is_listed"),
    ).drop("is_drawn", "_line", "_last", "_edge", strict=False)


def _without_alert(frame: pl.DataFrame, seated: pl.DataFrame, inputs: AlertInputs) -> pl.DataFrame:
    """Rows for drawn households that have no alert of their own."""
    bare = frame.filter("is_drawn").join(seated.select("case_id"), on="case_id", how="anti")
    seen = pl.col("_open_due").is_not_null()
    as_of, empty = inputs.as_of, ("signal_ids", "signal_person_ids", "benefit_ids", "missing_benefits_zh")
    return bare.select(
        "case_id",
        "draw_band",
        "draw_chance",
        "is_drawn",
        pl.lit(as_of).alias("as_of"),
        pl.col("case_id").alias("household_id"),
        pl.col("_town_code").alias("town_code"),
        pl.col("_town_code").str.slice(0, 6).alias("county_code"),
        pl.col("_village_code").alias("village_code"),
        pl.lit("need").alias("queue"),
        pl.lit("blue").alias("level"),
        *(pl.lit("").alias(c) for c in empty),
        pl.lit(ROUTINE_ZH).alias("reason_zh"),
        pl.lit(ROUTINE_QUESTIONS).alias("questions_zh"),
        pl.lit(0, dtype=pl.Int64).alias("points"),
        pl.when(seen).then(pl.lit("repeated")).otherwise(pl.lit("new")).alias("status"),
        pl.coalesce("_open_due", pl.lit(inputs.due_dates["blue"])).alias("due_date"),
        pl.coalesce("_first_listed_date", pl.lit(as_of)).alias("first_listed_date"),
        pl.lit(True).alias("is_listed"),
    )
