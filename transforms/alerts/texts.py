"""The texts of an alert: one plain Chinese sentence, the benefits that may be missing, the questions to ask.

    gap_rows(entitlements, benefits, as_of) -> DataFrame(household_id, benefit_id, benefit_zh, person_cnt,
        gap_fen, once_fen, gap_zh), one row per household and benefit it may be missing
    reasons(signals, key) -> DataFrame(key, reason_zh)         signals' sentences joined
    questions(signals, key) -> DataFrame(key, questions_zh)    lines, each question once
    gap_texts(gaps) -> DataFrame(household_id, missing_benefits_zh, benefit_ids, gap_cnt, gap_fen)

Sentences bring their own numbers and dates; nothing here shows a score or an identifier. A sum is printed as
far as its parameters are vouched for: one that was not verified says 待核; one borrowed from elsewhere, and
one paid once that was not verified (an average of what others got), are not printed at all.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from policies.catalogue.benefit import ENTITLED
from transforms.alerts.asked import ASKED_TOO_ZH, ASKED_ZH
from transforms.alerts.plain_sentences import said_once, without_zeros
from transforms.expressions import fen
from zhaoren.chinese import date_zh

LEVELS = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}
# What fits in a cell of the printed page; what is left out is counted.
SENTENCES_SHOWN = 4
QUESTIONS_SHOWN = 5
UNKNOWN_SUM = "金额以当地核定为准，待核"
# Of a household without a sign. That chance chose it stands nowhere on a list: a worker who knew would go
# there last, and a family would ask what it had done.
ROUTINE_ZH = "例行走访，了解家庭近况，看看有没有需要帮助的地方。"
GAP_QUESTIONS = "\n".join(
    (
        "是否已经申请过，或曾被告知不符合？",
        "家庭收入、人口等情况与登记的是否一致？",
        "是否愿意申请，需要哪些帮助准备材料？",
    )
)
ROUTINE_QUESTIONS = "\n".join(
    ("近期收入、就医、就业、上学有没有变化？", "有没有应享受而没有享受的待遇？", "还有什么需要帮助的？")
)


def level_rank(column: str = "level") -> pl.Expr:
    """0 for red to 3 for blue."""
    return pl.col(column).replace_strict(LEVELS, default=None, return_dtype=pl.Int64)


def gap_rows(entitlements: pl.DataFrame, benefits: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Benefits that a household seems to qualify for and is known not to receive.

    An unknown is_receiving is no gap: we do not know that anything is missing.
    """
    open_ = pl.col("eligible").is_in(ENTITLED) & ~pl.col("is_receiving")
    monthly, once = fen("gap_yuan_month").fill_null(0), fen("amount_once_yuan").fill_null(0)
    rows = entitlements.join(benefits, on="benefit_id", how="left", maintain_order="left")
    # A sum that nobody can say, as where a place has not entered its own, is missing all the same.
    unsaid = pl.all_horizontal("is_sum", *(pl.col(name).is_null() for name in _SUM_COLUMNS))
    has_sum = (monthly > 0) | (once > 0) | unsaid.fill_null(False)
    found = rows.filter(open_ & has_sum & pl.col("household_id").is_not_null())
    # Among several members the sum is as good as the worst of its parts. No status given is not verified.
    status = pl.col("amount_status").replace_strict(_TRUST, default=1, return_dtype=pl.Int64)
    per_benefit = found.group_by("household_id", "benefit_id").agg(
        pl.len().cast(pl.Int64).alias("person_cnt"),
        monthly.sum().alias("gap_fen"),
        once.sum().alias("once_fen"),
        status.max().alias("trust"),
        pl.col("is_minimum_amount").fill_null(False).any().alias("is_minimum"),
        pl.col("missed_month_cnt").max().alias("missed_cnt"),
    )
    named = per_benefit.join(benefits, on="benefit_id", how="left")
    named = named.with_columns(pl.coalesce("benefit_zh", "benefit_id").alias("benefit_zh"))
    return named.with_columns(_gap_zh(as_of)).sort("household_id", "benefit_id")


_SUM_COLUMNS = ("amount_status", "gap_yuan_month", "amount_once_yuan")
_TRUST = {"verified": 0, "unverified": 1, "borrowed": 2}


def _gap_zh(as_of: date) -> pl.Expr:
    people = pl.when(pl.col("person_cnt") > 1).then(pl.format("{}人，", "person_cnt")).otherwise(pl.lit(""))
    # Missed since the right began or the rolls did, whichever is later: no claim beyond what was seen.
    began = pl.lit(as_of).dt.offset_by(pl.format("-{}mo", pl.col("missed_cnt").fill_null(0)))
    missed = pl.when(pl.col("missed_cnt") > 0).then(began.dt.strftime("，不早于%Y年%-m月起未见发放"))
    vouched, checked = pl.col("trust") < _TRUST["borrowed"], pl.col("trust") == 0
    about = pl.when("is_minimum").then(pl.lit("不低于")).otherwise(pl.lit("约"))
    check = pl.when(checked).then(pl.lit("")).otherwise(pl.lit("，待核"))
    sum_ = pl.when(vouched).then(pl.format("{}{}元/月{}", about, _whole_yuan("gap_fen"), check))
    monthly = pl.format(
        "{}（{}{}{}）",
        "benefit_zh",
        people,
        sum_.otherwise(pl.lit(UNKNOWN_SUM)),
        missed.otherwise(pl.lit("")),
    )
    once_sum = pl.when(checked).then(pl.format("{}{}元，{}", about, _whole_yuan("once_fen"), "period_zh"))
    once = pl.format(
        "{}（{}{}）",
        "benefit_zh",
        people,
        once_sum.otherwise(pl.format("{}，{}", "period_zh", pl.lit(UNKNOWN_SUM))),
    )
    return pl.when(pl.col("gap_fen") > 0).then(monthly).otherwise(once).alias("gap_zh")


def _whole_yuan(column: str) -> pl.Expr:
    return ((pl.col(column) + 50) // 100).cast(pl.String)


def missing_benefits(entitlements: pl.DataFrame, benefits: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row per household that is known to miss benefits: household_id and gap_texts' columns.

    benefits: benefit_id, benefit_zh, period_zh (when a sum comes), is_sum (not a service).
    """
    return gap_texts(gap_rows(entitlements, benefits, as_of))


def gap_texts(gaps: pl.DataFrame) -> pl.DataFrame:
    """All gaps of a household as one text, the largest monthly amount first."""
    ordered = gaps.sort(
        ["household_id", "gap_fen", "once_fen", "benefit_id"], descending=[False, True, True, False]
    )
    return ordered.group_by("household_id", maintain_order=True).agg(
        pl.format("可能符合：{}", pl.col("gap_zh").str.join("；")).alias("missing_benefits_zh"),
        pl.col("benefit_zh").str.join("、").alias("gaps_zh"),
        pl.col("benefit_id").sort().str.join(",").alias("benefit_ids"),
        pl.len().cast(pl.Int64).alias("gap_cnt"),
        pl.col("gap_fen").sum(),
    )


def reasons(signals: pl.DataFrame, key: str) -> pl.DataFrame:
    """The fired signals' sentences, most urgent first; the same one about several members is given once."""
    bare = without_zeros(pl.col("sentence_zh").str.strip_chars_end("。；; "))
    rows = signals.with_columns(bare.alias("sentence_zh"), level_rank().alias("_level"))
    distinct = rows.group_by(key, "sentence_zh").agg(
        pl.col("_level").min(),
        pl.col("points").max(),
        pl.col("signal_id").min(),
        pl.col("person_id").n_unique(),
    )
    ordered = distinct.sort(
        [key, "_level", "points", "signal_id", "sentence_zh"], descending=[False, False, True, False, False]
    )
    several = pl.when(pl.col("person_id") > 1).then(pl.format("{}（{}人）", "sentence_zh", "person_id"))
    texts = ordered.with_columns(several.otherwise(pl.col("sentence_zh")).alias("_text"))
    texts = said_once(texts.select(key, "_text"), key)
    joined = texts.group_by(key, maintain_order=True).agg(
        pl.col("_text").head(SENTENCES_SHOWN).str.join("；").alias("reason_zh"),
        (pl.len().cast(pl.Int64) - SENTENCES_SHOWN).alias("_more"),
    )
    more = pl.when(pl.col("_more") > 0).then(pl.format("{}；另有{}项提示", "reason_zh", "_more"))
    return joined.select(key, more.otherwise(pl.col("reason_zh")).alias("reason_zh"))


def questions(signals: pl.DataFrame, key: str) -> pl.DataFrame:
    """The signals' questions, most urgent signal's first, each once, a line each."""
    rows = signals.select(key, level_rank().alias("_level"), "points", "signal_id", "questions_zh")
    rows = rows.sort([key, "_level", "points", "signal_id"], descending=[False, False, True, False])
    lines = rows.explode("questions_zh").drop_nulls("questions_zh")
    lines = lines.unique([key, "questions_zh"], keep="first", maintain_order=True)
    return lines.group_by(key, maintain_order=True).agg(
        pl.col("questions_zh").head(QUESTIONS_SHOWN).str.join("\n")
    )


def full_reason(as_of: date) -> pl.Expr:
    """Signals' sentences, that benefits may be missing, and that an income is asked for.

    Columns reason_zh, gaps_zh, gap_cnt, expected_fen. Which benefits and how much stands in
    missing_benefits_zh: a sum is said once on a line; of an income that is asked for no sum is said at all.
    """
    also = pl.format("可能有{}项待遇应享未享", "gap_cnt")
    only = pl.format(
        "截至{}，家庭情况可能符合{}的条件，但没有查到发放记录", pl.lit(date_zh(as_of)), "gaps_zh"
    )
    has_signal, has_gap = pl.col("reason_zh").is_not_null(), pl.col("gap_cnt").is_not_null()
    text = (
        pl.when(has_signal & has_gap)
        .then(pl.format("{}；{}", "reason_zh", also))
        .when(has_gap)
        .then(only)
        .otherwise(pl.col("reason_zh"))
    )
    asked = pl.col("expected_fen").is_not_null()
    text = (
        pl.when(asked & text.is_null())
        .then(pl.lit(ASKED_ZH))
        .when(asked)
        .then(pl.format("{}；{}", text, pl.lit(ASKED_TOO_ZH)))
        .otherwise(text)
    )
    return pl.format("{}。", text)
