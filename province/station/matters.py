"""How the made-up station's open matters go on in a month: answers that come late, or never.

    progress(open_, decided, as_of, seed) -> DataFrame(step_id, event_code, event_date, next_date, owner_code,
        note_zh, worker), at most one row per matter
    satisfaction(ended, as_of, seed) -> DataFrame(case_no, event_code, event_date, worker)

    open_    step_id, kind_code, subject, event_code (its last), event_date, due_date, case_no
    decided  step_id, months_taken: what offices made of applications (province/truth/offices.py)
    ended    case_no of cases whose matters ended

The rates are made up: a third of receivers answer late, one referral in ten is turned down, one in eight is
never answered.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from province.station.luck import lucks

# kind and last event -> chance that it goes on this month, what comes, and what comes instead for a few.
_NEXT = {
    ("referral", "sent"): (0.65, "accepted", 0.10, "declined"),
    ("referral", "accepted"): (0.60, "answered", 0.0, ""),
    ("follow_up", "agreed"): (0.75, "done", 0.10, "changed"),
    ("follow_up", "changed"): (0.80, "done", 0.0, ""),
    ("revisit", "planned"): (0.70, "done", 0.0, ""),
    ("casework", "intake"): (0.90, "assessment", 0.0, ""),
    ("casework", "assessment"): (0.90, "plan", 0.0, ""),
    ("casework", "plan"): (0.80, "intervention", 0.0, ""),
    ("casework", "intervention"): (0.50, "evaluation", 0.0, ""),
    ("casework", "evaluation"): (0.80, "closing", 0.0, ""),
}
_NOTES = {"declined": "不属于本部门职责范围", "assessment": "已了解家庭情况", "plan": "每月联系一次",
          "evaluation": "目标基本达到", "closing": "家庭情况稳定"}  # fmt: skip
_NEEDS_DATE = ("changed", "plan", "intervention")
ASKED, GOOD, FAIR, POOR = 0.45, 0.70, 0.88, 0.95
NOT_LOOKED_AT, REVIEWERS_ERR = 0.16, 0.025
CORRECTED, ANSWERED = 0.5, 0.7
REVIEWER, CLERK = "复核员丙", "经办员丁"
WORKER, OTHER_WORKER = "社工甲", "社工乙"


def progress(open_: pl.DataFrame, decided: pl.DataFrame, as_of: date, seed: int) -> pl.DataFrame:
    """What is written down of each matter this month; see the top of this file."""
    rows = open_.join(decided, on="step_id", how="left", maintain_order="left").sort("step_id")
    draws = [
        lucks(rows, ["step_id", "event_code"], f"{name}|{as_of}", seed).alias(name)
        for name in ("_go", "_day")
    ]
    found = [_event(row, as_of) for row in rows.with_columns(draws).rows(named=True)]
    schema = {
        "step_id": pl.String, "event_code": pl.String, "event_date": pl.Date, "next_date": pl.Date,
        "note_zh": pl.String, "worker": pl.String,
    }  # fmt: skip
    return pl.DataFrame([row for row in found if row], schema=schema, orient="row")


def _event(row: dict, as_of: date) -> tuple | None:
    day = max(as_of + timedelta(days=2 + int(row["_day"] * 18)), row["event_date"])
    code = _decision(row, as_of) if row["kind_code"] == "application" else _answer(row)
    if not code:
        return None
    again = as_of + timedelta(days=40) if code in _NEEDS_DATE else None
    return row["step_id"], code, day, again, _NOTES.get(code, ""), WORKER


def _answer(row: dict) -> str:
    chance, usual, few, instead = _NEXT.get((row["kind_code"], row["event_code"]), (0.0, "", 0.0, ""))
    if row["_go"] < few:
        return instead
    return usual if row["_go"] < few + chance else ""


def _decision(row: dict, as_of: date) -> str:
    """The office's answer, heard a month after it was given; a refusal is heard after three."""
    months = (as_of.year - row["event_date"].year) * 12 + as_of.month - row["event_date"].month
    if row["event_code"] != "submitted":
        return ""
    if row["months_taken"] is None:
        return "declined" if months >= 3 and row["_go"] < 0.6 else ""
    return "granted" if months >= row["months_taken"] else ""


def second_looks(drawn: pl.DataFrame, as_of: date, seed: int) -> pl.DataFrame:
    """What reviewers find at visits that were drawn: step_id, event_code, event_date, note_zh, worker.

    drawn: step_id, is_reported (the visit found need), is_needy (there is one). One in six is not looked at,
    one reviewer in forty is mistaken.
    """
    rows = drawn.sort("step_id")
    rows = rows.with_columns(
        lucks(rows, ["step_id"], f"{name}|{as_of}", seed).alias(name) for name in ("_goes", "_errs")
    )
    agrees = (pl.col("is_reported") == pl.col("is_needy")) ^ (pl.col("_errs") < REVIEWERS_ERR)
    return rows.filter(pl.col("_goes") >= NOT_LOOKED_AT).select(
        "step_id",
        event_code=pl.when(agrees).then(pl.lit("confirmed")).otherwise(pl.lit("changed")),
        event_date=pl.lit(as_of + timedelta(days=12)),
        note_zh=pl.when(agrees).then(pl.lit("")).otherwise(pl.lit("看到的情况与记录不同")),
        worker=pl.lit(REVIEWER),
    )


def department_answers(open_: pl.DataFrame, as_of: date, seed: int) -> pl.DataFrame:
    """What departments say of facts that families object to; columns as second_looks. open_: step_id."""
    rows = open_.sort("step_id")
    luck = lucks(rows, ["step_id"], f"department|{as_of}", seed)
    code = pl.when(luck < CORRECTED).then(pl.lit("corrected")).when(luck < ANSWERED).then(pl.lit("upheld"))
    return (
        rows.select("step_id", event_code=code, event_date=pl.lit(as_of + timedelta(days=15)))
        .drop_nulls("event_code")
        .with_columns(
            note_zh=pl.when(pl.col("event_code") == "upheld")
            .then(pl.lit("与原始登记一致"))
            .otherwise(pl.lit("")),
            worker=pl.lit(CLERK),
        )
    )


def satisfaction(ended: pl.DataFrame, as_of: date, seed: int) -> pl.DataFrame:
    """Another worker than the visit's asks some families whose matters ended, and writes what they said."""
    rows = ended.select("case_no").unique(maintain_order=True).sort("case_no")
    rows = rows.with_columns(lucks(rows, ["case_no"], f"asked|{as_of}", seed).alias("_asked"),
                             lucks(rows, ["case_no"], f"says|{as_of}", seed).alias("_says"))  # fmt: skip
    said = (
        pl.when(pl.col("_says") < GOOD)
        .then(pl.lit("good"))
        .when(pl.col("_says") < FAIR)
        .then(pl.lit("fair"))
        .when(pl.col("_says") < POOR)
        .then(pl.lit("poor"))
        .otherwise(pl.lit("no_answer"))
    )
    return rows.filter(pl.col("_asked") < ASKED).select(
        "case_no", event_code=said, event_date=pl.lit(as_of + timedelta(days=20)), worker=pl.lit(OTHER_WORKER)
    )
