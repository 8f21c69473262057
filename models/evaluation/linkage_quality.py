"""Quality of identity resolution and of households, against the truth of a made-up province.

pair_quality(rows)      precision and recall over all pairs of rows that are, or were joined as, one person
row_quality(rows, by)   per group: of the rows joined to a person with a number, how many rightly; of all, too
rand_index(members)     adjusted Rand index of one kind of households
"""

from __future__ import annotations

import polars as pl

from models.features.frame_checks import need_columns


def pair_quality(rows: pl.DataFrame) -> dict[str, float | None]:
    """Pairwise precision and recall of the join, and F1.

    rows: one per row that was read of a department's file: true_id (whom it is about), person_id (null: not
    joined to anybody, a person of its own). A share of nothing is null.
    """
    need_columns(rows, ["true_id", "person_id"], "rows")
    alone = pl.concat_str(pl.lit("row "), pl.int_range(pl.len()))
    frame = rows.select("true_id", person_id=pl.coalesce("person_id", alone))
    right = _pairs(frame, ["true_id", "person_id"])
    joined, true = _pairs(frame, ["person_id"]), _pairs(frame, ["true_id"])
    precision, recall = _share(right, joined), _share(right, true)
    both = None if not precision or not recall else 2 * precision * recall / (precision + recall)
    return {"precision": precision, "recall": recall, "f1": both}


def row_quality(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """One row per group: row_cnt, joined_cnt, right_cnt, precision, recall; groups sorted.

    rows: `by`, person_id, right_person_id (whose number the row's true person has; rows without one are left
    out, since nobody could be found), is_joined (the person has a number, so the row was assigned to
    somebody known).
    """
    need_columns(rows, [by, "person_id", "right_person_id", "is_joined"], "rows")
    findable = rows.filter(pl.col("right_person_id").is_not_null())
    joined = pl.col("is_joined").fill_null(False)
    right = joined & (pl.col("person_id") == pl.col("right_person_id")).fill_null(False)
    counts = findable.group_by(pl.col(by).cast(pl.String).fill_null("unknown").alias("of")).agg(
        row_cnt=pl.len(), joined_cnt=joined.sum(), right_cnt=right.sum()
    )
    part = pl.col("right_cnt").cast(pl.Float64)
    share = {
        "precision": pl.when(pl.col("joined_cnt") > 0).then(part / pl.col("joined_cnt")),
        "recall": part / pl.col("row_cnt"),
    }
    return counts.with_columns(**share).select(pl.lit(by).alias("group"), pl.all()).sort("of")


def rand_index(members: pl.DataFrame) -> float | None:
    """Adjusted Rand index of `found` against `true`, both household labels of one person per row.

    A person without a label on a side is a household of one there. None when there is nobody.
    """
    from sklearn.metrics import adjusted_rand_score

    if members.is_empty():
        return None
    alone = pl.concat_str(pl.lit("alone "), pl.int_range(pl.len()))
    labels = members.select(pl.coalesce(name, alone).rank("dense").alias(name) for name in ("true", "found"))
    return float(adjusted_rand_score(labels["true"].to_numpy(), labels["found"].to_numpy()))


def _pairs(frame: pl.DataFrame, by: list[str]) -> int:
    """How many pairs of rows agree in the columns."""
    sizes = frame.group_by(by).len().get_column("len").cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
