"""What the made-up social workers find at the door: the truth, seen by people who sometimes err.

    answers(lines, truth, seed) -> DataFrame(alert_id, result_code, found_date, benefit_id, note_zh,
        worker)

    lines  alert_id, as_of, due_date and household_id of the lines on the lists
    truth  household_id, in_hardship, severity, gap_benefit_id (a benefit truly missed, or null), is_receiving

The rates are made up: a tenth of the lines is not visited, some people are away or refuse, and one visit in
twenty is misjudged.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from province.station.luck import lucks

UNVISITED, AWAY, REFUSED, MISJUDGED = 0.10, 0.06, 0.02, 0.05
# Of what no policy covers, how much others can help with; of what is not so, how much is a wrong record.
REFERRED, WRONG_RECORD = 0.55, 0.2
RELIEF = "temporary_relief"
RECEIVERS = ("残联", "医保部门", "妇联", "慈善组织")
NOTES = {
    "20": "已帮助准备材料",
    "21": "情况紧急，已报镇街临时救助",
    "30": "家中确有困难，现有政策够不上",
    "40": "家中生活正常",
    "41": "登记的家庭人口有误",
    "60": "多次上门无人",
}


def answers(lines: pl.DataFrame, truth: pl.DataFrame, seed: int) -> pl.DataFrame:
    """One row per visited line, sorted by alert_id; the same lines and seed give the same answers."""
    seen = lines.join(truth, on="household_id", how="left", maintain_order="left").sort("alert_id")
    rng = np.random.default_rng([seed, *(ord(c) for c in "visits"), seen.height])
    draws = pl.DataFrame({n: rng.random(seen.height) for n in ("_visit", "_door", "_judge", "_day")})
    seen = pl.concat([seen, draws], how="horizontal").filter(pl.col("_visit") >= UNVISITED)
    needy = pl.col("in_hardship").fill_null(False) | pl.col("gap_benefit_id").is_not_null()
    judged = needy ^ (pl.col("_judge") < MISJUDGED)
    found = (
        pl.when(pl.col("_door") < AWAY)
        .then(pl.lit("60"))
        .when(pl.col("_door") < AWAY + REFUSED)
        .then(pl.lit("50"))
        .when(judged & pl.col("gap_benefit_id").is_not_null())
        .then(pl.lit("20"))
        .when(judged & (pl.col("severity").fill_null(0) >= 3))
        .then(pl.lit("21"))
        .when(judged)
        .then(pl.lit("30"))
        .when(pl.col("is_receiving").fill_null(False))
        .then(pl.lit("10"))
        .otherwise(pl.lit("40"))
    )
    other = lucks(seen, ["alert_id"], "_other", seed)
    found = (
        pl.when((found == "30") & (other < REFERRED))
        .then(pl.lit("22"))
        .when((found == "40") & (other < WRONG_RECORD))
        .then(pl.lit("41"))
        .otherwise(found)
    )
    to = pl.Series(other / REFERRED * len(RECEIVERS)).floor().cast(pl.Int64)
    receiver = to.replace_strict(dict(enumerate(RECEIVERS)), default="", return_dtype=pl.String)
    day = pl.col("as_of") + pl.duration(days=3 + (pl.col("_day") * 16).floor().cast(pl.Int64))
    return seen.with_columns(result_code=found, found_date=day.cast(pl.Date)).select(
        "alert_id",
        "result_code",
        "found_date",
        pl.when(pl.col("result_code") == "20")
        .then("gap_benefit_id")
        .when(pl.col("result_code") == "21")
        .then(pl.lit(RELIEF))
        .alias("benefit_id"),
        pl.when(pl.col("result_code") == "22")
        .then(pl.format("转给{}", receiver))
        .otherwise(pl.col("result_code").replace_strict(NOTES, default=""))
        .alias("note_zh"),
        pl.lit("社工甲").alias("worker"),
    )


def truth_on(
    hardship: pl.DataFrame, rights: pl.DataFrame, households: pl.DataFrame, day: date
) -> pl.DataFrame:
    """What is true of each household on a day: household_id, in_hardship, severity, is_silent,
    gap_benefit_id, is_receiving.

    hardship    household_no, start_date, end_date, severity, is_silent
    rights      household_no, benefit_id, is_receiving: true entitlements of that day's month
    households  household_no, household_id
    """
    here = hardship.filter(
        (pl.col("start_date") <= day) & (pl.col("end_date").is_null() | (pl.col("end_date") > day))
    )
    worst = here.group_by("household_no").agg(
        in_hardship=pl.lit(True), severity=pl.col("severity").max(), is_silent=pl.col("is_silent").any()
    )
    # A one-off sum is for a difficulty that is there; without one a blow long made good leaves no gap.
    needless = (pl.col("benefit_id") == "temporary_relief") & ~pl.col("household_no").is_in(
        worst["household_no"].implode()
    )
    missed = (
        rights.filter(~pl.col("is_receiving") & ~needless)
        .sort("household_no", "benefit_id")
        .group_by("household_no")
        .agg(gap_benefit_id=pl.col("benefit_id").first())
    )
    paid = rights.filter("is_receiving").group_by("household_no").agg(is_receiving=pl.lit(True))
    frame = households.select("household_no", "household_id")
    for part in (worst, missed, paid):
        frame = frame.join(part, on="household_no", how="left", maintain_order="left")
    return frame.with_columns(
        pl.col("in_hardship", "is_silent", "is_receiving").fill_null(False), pl.col("severity").fill_null(0)
    ).drop("household_no")
