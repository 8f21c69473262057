"""What an old division code is today: chains of successors, followed without ever guessing.

A county code's successors are dated by years, so a change counts from 1 January of its year. A county split
among several has no one successor: its candidates are listed. The codes of towns and villages follow their
county only where it was given a new code as a whole, and only to a code that the present tables hold.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl

from divisions import area_codes, divisions
from divisions.changes import LONGEST_CHAIN, load_changes
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room

FOUND = ("current_code", "state", "is_changed", "is_sure", "steps", "candidates")
_NEVER = 9999


@cache
def successors() -> pl.DataFrame:
    """One row per six-digit code, spell in force and successor.

    Columns: code, start_year (of the spell), successor_code, change_year, is_whole (false where only a part
    moved to the successor while the code went on).
    """
    return pl.read_parquet(room("divisions") / "successors.parquet")


@cache
def statistical_only() -> pl.Series:
    """The six-digit codes that only the statistics bureau uses, sorted: development zones and brackets.

    Civil affairs, whose codes stand on ID numbers, knows none of them: that is no error.
    """
    rows = divisions().filter(pl.col("level").is_in(["province", "city", "county"]))
    codes = rows.select(pl.col("code").str.pad_end(6, "0")).unique()  # 4419 and 441900 are one place
    civil = area_codes().filter(pl.col("end_year").is_null())
    return codes.join(civil, on="code", how="anti").get_column("code").sort()


def current_codes(codes: pl.Series, on: date, changes: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row per code of 6, 9 or 12 digits, in order: what it has become by the day `on`.

    Columns: code, current_code (null unless there is exactly one), state (in_force; changed; ambiguous:
    several candidates, or one that cannot be relied on; dropped: given up, nothing named; not_yet: in force
    only later; unknown), is_changed (null where current_code is), is_sure (nothing else can have become of it
    than one of the candidates), steps (changes of code on the longest way), candidates (sorted). `changes` as
    load_changes gives them; null: the shipped ones.

    """
    changes = load_changes() if changes is None else changes
    asked = codes.cast(pl.String).alias("code").to_frame()
    each = asked.unique().drop_nulls().sort("code")
    short = each.filter(pl.col("code").str.contains("^[0-9]{6}$"))
    long = each.filter(pl.col("code").str.contains("^([0-9]{9}|[0-9]{12})$"))
    found = pl.concat([_told(_counties(short, on)), _told(_below(long, on, changes))])
    told = asked.join(found, on="code", how="left", maintain_order="left")
    given = pl.col("code").is_not_null()
    return told.with_columns(
        pl.when(given).then(pl.col("state").fill_null("unknown")),
        pl.when(given).then(pl.col("is_sure").fill_null(False)),
        pl.when(given).then(pl.col("steps").fill_null(0)),
        pl.when(given).then(pl.coalesce("candidates", pl.lit([], dtype=pl.List(pl.String)))),
    ).select("code", *FOUND)


def _told(ends: pl.DataFrame) -> pl.DataFrame:
    """One row per code from its ends: code, end (null: lost), end_state, steps, is_sure."""
    whole = ends.group_by("code").agg(
        candidates=pl.col("end").drop_nulls().unique().sort(),
        sure=(pl.col("end").is_not_null() & pl.col("is_sure")).all(),
        lost=pl.col("end_state").first(),
        steps=pl.col("steps").max(),
    )
    one = (pl.col("candidates").list.len() == 1) & pl.col("sure")
    current = pl.when(one).then(pl.col("candidates").list.first())
    state = (
        pl.when(one & (current == pl.col("code"))).then(pl.lit("in_force"))
        .when(one).then(pl.lit("changed"))
        .when(pl.col("candidates").list.len() > 0).then(pl.lit("ambiguous"))
        .otherwise(pl.col("lost"))
    )  # fmt: skip
    return whole.select(
        "code", current_code=current, state=state, is_changed=current != pl.col("code"), is_sure="sure",
        steps="steps", candidates="candidates",
    )  # fmt: skip


def _spells() -> pl.DataFrame:
    """Spells in force of six-digit codes; the bureau's own codes have no dates, and are always in force."""
    dated = area_codes().select("code", "start_year", pl.col("end_year").fill_null(_NEVER))
    undated = (
        statistical_only()
        .to_frame()
        .with_columns(start_year=pl.lit(0, dtype=pl.Int32), end_year=pl.lit(_NEVER, dtype=pl.Int32))
    )
    return pl.concat([dated, undated]).rename({"code": "at"})


def _counties(codes: pl.DataFrame, on: date) -> pl.DataFrame:
    """The ends of every way from each six-digit code, as _told reads them.

    is_recoding: at each step the whole county, and nothing else, got the new code.
    """
    spells = _spells()
    here = codes.select("code", at="code", steps=pl.lit(0), is_recoding=pl.lit(True))
    here = here.join(spells, on="at", how="left")
    not_yet = _lost(here.filter(pl.col("start_year").min().over("code") > on.year), "not_yet")
    unknown = _lost(here.filter(pl.col("start_year").is_null()), "unknown")
    # A code that was used twice: what it meant last.
    here = here.filter(pl.col("start_year") <= on.year)
    here = here.filter(pl.col("start_year") == pl.col("start_year").max().over("code"))
    ends = [not_yet, unknown]
    for _ in range(LONGEST_CHAIN):
        ends.append(_stopped(here.filter(pl.col("end_year") > on.year)))
        ended = here.filter(pl.col("end_year") <= on.year).join(
            _whole_steps(), on=["at", "start_year"], how="left"
        )
        ends.append(_lost(ended.filter(pl.col("successor_code").is_null()), "dropped"))
        here = _next(ended.drop_nulls("successor_code"), spells)
        if here.is_empty():
            return pl.concat(ends)
    raise ZhaorenError("The successors of division codes run in a circle", "divisions/successors.parquet")


def _whole_steps() -> pl.DataFrame:
    """Successors of whole codes; pure where one county, whole, was given one code that nothing else had."""
    whole = successors().filter("is_whole").rename({"code": "at"})
    begins = area_codes().select(successor_code="code", change_year="start_year", begins=pl.lit(True))
    whole = whole.join(begins, on=["successor_code", "change_year"], how="left")
    alone = (pl.len().over("at", "start_year") == 1) & (pl.len().over("successor_code", "change_year") == 1)
    same = pl.col("at") == pl.col("successor_code")
    pure = same | (alone & pl.col("begins").fill_null(False))
    return whole.select("at", "start_year", "successor_code", pure=pure)


def _next(ended: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    """At the successor, in the spell that was in force once the old code had ended."""
    moved = ended.select(
        "code", at="successor_code", year="end_year",
        steps=pl.col("steps") + (pl.col("at") != pl.col("successor_code")).cast(pl.Int32),
        is_recoding=pl.col("is_recoding") & pl.col("pure"),
    )  # fmt: skip
    moved = moved.join(spells, on="at", how="left")
    then = (pl.col("start_year") <= pl.col("year")) & (pl.col("end_year") > pl.col("year"))
    return moved.filter(then).drop("year").unique()


def _stopped(rows: pl.DataFrame) -> pl.DataFrame:
    return _end(rows, pl.col("at"), pl.lit(None, dtype=pl.String))


def _lost(rows: pl.DataFrame, state: str) -> pl.DataFrame:
    return _end(rows, pl.lit(None, dtype=pl.String), pl.lit(state))


def _end(rows: pl.DataFrame, end: pl.Expr, state: pl.Expr) -> pl.DataFrame:
    columns = {"end": end, "end_state": state, "is_sure": pl.lit(True)}
    return rows.select("code", pl.col("steps").cast(pl.Int32), "is_recoding", **columns).unique()


def _below(codes: pl.DataFrame, on: date, changes: pl.DataFrame) -> pl.DataFrame:
    """The ends of every way from each town or village: by the table of changes, then with its county."""
    moved = _by_table(codes.select("code", at="code", steps=pl.lit(0), is_recoding=pl.lit(True)), on, changes)
    heads = moved.select(head=pl.col("at").str.head(6)).unique()
    counties = _counties(heads.rename({"head": "code"}), on).rename({"code": "head", "steps": "more"})
    rows = moved.with_columns(head=pl.col("at").str.head(6)).join(
        counties.drop("is_sure").rename({"is_recoding": "with_county"}), on="head", how="left"
    )
    rows = rows.select(
        "code", at=pl.col("end") + pl.col("at").str.slice(6), steps=pl.col("steps") + pl.col("more"),
        is_recoding="with_county", lost="end_state",
    )  # fmt: skip
    rows = _by_table(rows, on, changes)
    known = _known(on, changes).with_columns(known=pl.lit(True))
    rows = rows.join(known, on="at", how="left", maintain_order="left")
    end = pl.when("known").then(pl.col("at"))
    return rows.select(
        "code", "steps", "is_recoding", end=end, end_state=pl.coalesce("lost", pl.lit("unknown")),
        is_sure="is_recoding",
    )  # fmt: skip


def _known(on: date, changes: pl.DataFrame) -> pl.DataFrame:
    """The towns and villages there are (at): the present ones, and those the changes speak of on the day."""
    present = divisions().filter(pl.col("level").is_in(["town", "village"]))["code"]
    before = changes.filter(pl.col("date") > on)["old_code"]
    after = changes.filter(pl.col("date") <= on)["new_code"]
    return pl.concat([present, before, after]).unique().alias("at").to_frame()


def _by_table(rows: pl.DataFrame, on: date, changes: pl.DataFrame) -> pl.DataFrame:
    """Rows (code, at, steps and more) moved along the changes dated by `on`, as far as they lead."""
    edges = changes.filter(pl.col("date") <= on).select(at="old_code", following="new_code")
    for _ in range(LONGEST_CHAIN):
        rows = rows.join(edges, on="at", how="left", maintain_order="left")
        moves = pl.col("following").is_not_null()
        if not rows.select(moves.any()).item():
            return rows.drop("following")
        rows = rows.with_columns(
            at=pl.coalesce("following", "at"), steps=pl.col("steps") + moves.cast(pl.Int32)
        )
        rows = rows.drop("following")
    raise ZhaorenError("Changes of divisions run in a circle", "divisions/changes.csv")
