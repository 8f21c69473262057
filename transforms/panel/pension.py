"""Pension insurance of each person: who pays, who draws, how much, and since when.

    pensions(core) -> DataFrame | None         person_id + PENSION facts of those on the newest roll
    paying_before(core) -> DataFrame | None    person_id of those in work on the roll before the newest

No line says when somebody took up work or began to draw, so working_days and pension_drawing_days are read
from the rolls: from the first day of the month that the run's first roll is about, however late that roll
came or was corrected. A run that reaches back to the first roll known began at an unknown time: null. So it
is for who does not work or draw. A run is broken by a line that says otherwise, or by two rolls running
without a line; a single roll without one is no answer (CoreAsOf.doubtful), nor is a month that was never
delivered.
"""

from __future__ import annotations

import polars as pl

from transforms.core_as_of import NEWEST_LAST, CoreAsOf, known_rows, newest_per_key
from transforms.expressions import YUAN, ZERO_YUAN, fen, strict_sum, yuan
from transforms.panel.facts import Fact

EXTRACT = "pension_insurance"
PENSION = (
    Fact("pension_status_code", pl.String, "none"),
    Fact("pension_type_code", pl.String, "none"),
    Fact("pension_yuan_month", YUAN, ZERO_YUAN),
    Fact("is_working", pl.Boolean, False),
    Fact("working_days", pl.Int64),
    Fact("pension_drawing_days", pl.Int64),
)
# A person both drawing and paying is shown as drawing: that is the income.
STATUS_ORDER = {"drawing": 0, "paying": 1, "stopped": 2}
# Only employees' insurance shows work: anybody of age may pay into the residents' scheme.
WORKS = (pl.col("pension_type_code") == "employee") & (pl.col("pension_status_code") == "paying")
DRAWS = pl.col("pension_status_code") == "drawing"
# The facts that count the days of a run, and what its lines show.
RUNS = {"working_days": WORKS, "pension_drawing_days": DRAWS}
# One roll may lose a line by a faulty row; from one roll to the next but one a run goes on.
LONGEST_STEP = 2


def pensions(core: CoreAsOf) -> pl.DataFrame | None:
    """One line per person from up to one line per kind of insurance; pensions are added up."""
    sent, roll = core.get(EXTRACT), core.latest(EXTRACT)
    if sent is None or roll is None:
        return None
    lines = roll.with_columns(
        pl.col("pension_status_code").replace_strict(STATUS_ORDER, default=9).alias("_order"),
        pl.when(DRAWS).then(fen("pension_yuan_month")).otherwise(0).alias("_drawn"),
        WORKS.alias("is_working"),
    ).sort("person_id", "_order", "pension_type_code")
    first = lines.unique("person_id", keep="first", maintain_order=True)
    working = lines.group_by("person_id").agg(pl.col("is_working").any())
    drawn = strict_sum(lines, "person_id", ["_drawn"])
    merged = first.drop("is_working", "_drawn", "pension_yuan_month").join(working, on="person_id")
    merged = merged.join(drawn, on="person_id").join(_runs(core, sent, roll), on="person_id", how="left")
    return merged.with_columns(yuan(pl.col("_drawn")).alias("pension_yuan_month"))


def paying_before(core: CoreAsOf) -> pl.DataFrame | None:
    """Persons in work on the pension roll before the newest one; None when there is no such roll."""
    roll = core.latest(EXTRACT, back=1)
    return None if roll is None else roll.filter(WORKS).select("person_id").unique()


def _runs(core: CoreAsOf, sent: pl.DataFrame, roll: pl.DataFrame) -> pl.DataFrame:
    """RUNS of those who work or draw on the newest roll; null where the beginning is unknown."""
    before = core.get(f"{EXTRACT}.before")
    columns = [*core.keys[EXTRACT], "pension_status_code", *NEWEST_LAST]
    lines = sent.select(columns)
    lines = lines if before is None else pl.concat([before.select(columns), lines], how="vertical_relaxed")
    known = lines.filter(pl.col("known_date") <= core.as_of)
    # Numbered from the oldest (0); a month in which nobody could be linked was still delivered.
    months = known.select("period_month").unique().sort("period_month").with_row_index("_no")
    months = months.with_columns(pl.col("_no").cast(pl.Int64))
    now = roll.group_by("person_id").agg(shows.any().alias(name) for name, shows in RUNS.items())
    now = now.filter(pl.any_horizontal(*RUNS))
    states = _states(core, known.join(now, on="person_id", how="semi"), months)
    begun = now.select("person_id")
    is_first = (pl.col("person_id") != pl.col("person_id").shift(1)).fill_null(True)
    for name in RUNS:
        running = now.filter(name).select("person_id")
        # The first row kept of a steady person is no beginning: older months, not kept, showed the same.
        is_older = is_first & pl.col("person_id").is_in(_steady(core, name).implode())
        starts = states.filter(_begins(name) & ~is_older).group_by("person_id").agg(pl.col("_no").max())
        # A run that the oldest roll (0) already shows began at an unknown time.
        dated = starts.filter(pl.col("_no") > 0).join(months, on="_no").join(running, on="person_id")
        days = dated.select("person_id", core.days_since("period_month").alias(name))
        begun = begun.join(days, on="person_id", how="left")
    return begun


def _steady(core: CoreAsOf, name: str) -> pl.Series:
    """Who worked or drew in every older month: they have no older rows, and began before them."""
    steady = core.get(f"{EXTRACT}.steady")
    if steady is None:
        return pl.Series("person_id", [], pl.String)
    return steady.filter(name).get_column("person_id")


def _states(core: CoreAsOf, lines: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    """What each roll shows of each person, in order: person_id, _no, RUNS as true or false."""
    known = known_rows(lines, core.as_of)
    # None: nobody works or draws.
    rows = lines if known is None else newest_per_key(known, ("period_month", *core.keys[EXTRACT]))
    states = [shows.any().alias(name) for name, shows in RUNS.items()]
    numbered = rows.join(months, on="period_month", maintain_order="left")
    # They come month by month: one pass by person keeps that order, and is quicker than sorting by both.
    by_month = numbered.group_by("person_id", "_no", maintain_order=True).agg(states)
    return by_month.sort("person_id", maintain_order=True)


def _begins(name: str) -> pl.Expr:
    """Whether a run begins with the row, of rows in order: the row before does not lead up to it."""
    same = pl.col("person_id") == pl.col("person_id").shift(1)
    near = pl.col("_no") - pl.col("_no").shift(1) <= LONGEST_STEP
    return pl.col(name) & ~(same & near & pl.col(name).shift(1)).fill_null(False)
