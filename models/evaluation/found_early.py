"""Found in time: of the hardships that began, how many a ranking would have listed within so many days."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from models.evaluation.listing import listed_share, with_lines

KEYS = ["as_of", "household_id"]


def first_found(
    candidates: pl.DataFrame,
    spells: pl.DataFrame,
    lines: int | pl.DataFrame,
    rankings: Sequence[str],
    days: int,
) -> pl.DataFrame:
    """One row per ranking: ranking, spell_cnt, found_cnt, found_share, days_before_asking.

    candidates as for `at_capacity`. spells: household_id, start_date, asked_date (null: it never asked).
    A spell is found when its household stands on a list within `days` of its start (with the chance that
    equal values leave it). days_before_asking: the median days that the first such list lay before the family
    asked by itself, of the found that asked later; null where none did.
    """
    frame = with_lines(candidates, lines).sort(KEYS)
    rows = spells.with_row_index("spell")
    return pl.DataFrame([_of(frame, rows, name, days) for name in rankings], infer_schema_length=None)


def _of(frame: pl.DataFrame, spells: pl.DataFrame, ranking: str, days: int) -> dict[str, object]:
    listed = frame.select(*KEYS, chance=listed_share(frame, ranking)).filter(pl.col("chance") > 0)
    in_time = pl.col("as_of").is_between("start_date", pl.col("start_date").dt.offset_by(f"{days}d"))
    lists = spells.join(listed, on="household_id").filter(in_time)
    found = lists.group_by("spell").agg(
        missed=(1 - pl.col("chance")).product(),
        first=pl.col("as_of").filter(pl.col("chance") >= 0.5).min(),
        asked=pl.col("asked_date").first(),
    )
    count = round(float((1 - found["missed"]).sum()), 6)
    lead = found.filter(pl.col("asked") > pl.col("first")).select(
        (pl.col("asked") - pl.col("first")).dt.total_days().median()
    )
    return {
        "ranking": ranking,
        "spell_cnt": spells.height,
        "found_cnt": count,
        "found_share": round(count / spells.height, 6) if spells.height else None,
        "days_before_asking": lead.item(),
    }
