"""What a list line says beside its reason: what the household receives, whom to ask for, the last visit.

open_benefits_text(entitlements, names, facts) -> DataFrame(household_id, open_benefits_zh)
receiving_text(entitlements, names, members) -> DataFrame(household_id, receiving_zh)
last_visit_text(outcomes, alerts, names) -> DataFrame(household_id, last_visit_zh)
applied_text(outcomes, alerts, names, entitlements) -> DataFrame(household_id, applied_zh)
who_text(persons, relations) -> DataFrame(person_id, who_zh)
heads(persons) -> DataFrame(household_id, person_id, village_code)
visit_order(lines) -> lines, their list_rank in the order in which a list prints them

entitlements  household_id, benefit_id, is_receiving
names         code -> Chinese name, as a frame code, zh
facts         name of a missing fact -> how a person says it, as a frame fact, zh
"""

from __future__ import annotations

import polars as pl

from policies.catalogue.benefit import ENTITLED
from transforms.alerts.texts import level_rank
from zhaoren.chinese import dates_zh

# What fits in a cell of the printed page.
FACTS_NAMED, BENEFITS_NAMED, GROUPS_SHOWN, PEOPLE_NAMED = 3, 4, 2, 3
# Results of a visit that put an application on its way (policies/result_codes.yaml).
APPLIED = ("20", "21")


def open_benefits_text(entitlements: pl.DataFrame, names: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """One row per household that may have a benefit whose sum nobody can say yet: which, and what is missing.

    Benefits that wait for the same facts stand together, the most first; then those that give no sum of money
    or of which no roll says who gets them.
    """
    rows = entitlements.filter(
        pl.col("household_id").is_not_null() & ~pl.col("is_receiving").fill_null(False)
    )
    rows = rows.join(names.rename({"code": "benefit_id", "zh": "benefit_zh"}), on="benefit_id")
    # A standard that was not entered ("$…") is nothing a family can be asked for.
    asked_of_family = ~pl.col("missing_facts").str.contains("$", literal=True)
    unknown = _waiting_for(rows.filter(pl.col("eligible") == "unknown", asked_of_family), facts)
    fits = rows.filter(pl.col("eligible").is_in(ENTITLED), pl.col("gap_yuan_month").fill_null(0) == 0)
    asked = _grouped(fits, "household_id").with_columns(_text=pl.format("可问问要不要申请：{}", "_named"))
    both = pl.concat([unknown, asked.select("household_id", "_text")])
    return both.group_by("household_id", maintain_order=True).agg(
        pl.col("_text").str.join("\n").alias("open_benefits_zh")
    )


def _waiting_for(unknown: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """household_id, _text: a line for each set of facts that benefits wait for, the commonest sets first."""
    each = unknown.with_columns(pl.col("missing_facts").str.split(",").alias("fact")).explode("fact")
    keys = ["household_id", "benefit_id", "benefit_zh"]
    said = each.join(facts, on="fact", how="left", maintain_order="left")
    lacks = said.group_by(keys, maintain_order=True).agg(
        pl.coalesce("zh", "fact").unique(maintain_order=True).head(FACTS_NAMED).str.join("、").alias("_lacks")
    )
    groups = _grouped(lacks, "household_id", "_lacks")
    groups = groups.sort("household_id", "_cnt", "_lacks", descending=[False, True, False])
    shown = groups.group_by("household_id", maintain_order=True).head(GROUPS_SHOWN)
    text = pl.format("须先核实{}：{}", "_lacks", "_named")
    return shown.select("household_id", text.alias("_text"))


def _grouped(rows: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Names of the benefits of each group, each once: _named, of which the first few are said, and _cnt."""
    each = (
        rows.select(*keys, "benefit_id", "benefit_zh").unique(maintain_order=True).sort(*keys, "benefit_id")
    )
    names = pl.col("benefit_zh").head(BENEFITS_NAMED).str.join("、")
    groups = each.group_by(keys, maintain_order=True).agg(names.alias("_named"), pl.len().alias("_cnt"))
    more = pl.when(pl.col("_cnt") > BENEFITS_NAMED).then(pl.format("{}等{}项", "_named", "_cnt"))
    return groups.with_columns(more.otherwise("_named").alias("_named"), pl.col("_cnt").cast(pl.Int64))


def receiving_text(entitlements: pl.DataFrame, names: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """One row per household that receives anything: the benefits' names, each once, and who has each.

    `members`: person_id, who_zh. A benefit of the household is the whole family's.
    """
    paid = entitlements.filter(pl.col("is_receiving") & pl.col("household_id").is_not_null())
    named = paid.join(names, left_on="benefit_id", right_on="code", how="inner")
    named = named.join(members, on="person_id", how="left", maintain_order="left")
    who = pl.when(pl.col("person_id").is_null()).then(pl.lit("全家")).otherwise("who_zh")
    each = named.select("household_id", "benefit_id", "zh", "person_id", who.alias("_who")).unique()
    each = each.sort("household_id", "benefit_id", "person_id")
    whom = pl.col("_who").drop_nulls().head(PEOPLE_NAMED).str.join("、")
    more = pl.when(pl.len() > PEOPLE_NAMED).then(pl.format("{}等{}人", whom, pl.len())).otherwise(whom)
    by_benefit = each.group_by("household_id", "benefit_id", "zh", maintain_order=True).agg(
        more.alias("_who")
    )
    said = pl.when(pl.col("_who") != "").then(pl.format("{}（{}）", "zh", "_who")).otherwise("zh")
    return by_benefit.group_by("household_id", maintain_order=True).agg(
        said.str.join("、").alias("receiving_zh")
    )


def who_text(persons: pl.DataFrame, relations: pl.DataFrame) -> pl.DataFrame:
    """How a line names a member without a name: the relation to the head, and the age: 配偶72岁."""
    named = persons.join(
        relations, left_on="relation_code", right_on="code", how="left", maintain_order="left"
    )
    age = (
        pl.when(pl.col("age_years").is_not_null()).then(pl.format("{}岁", "age_years")).otherwise(pl.lit(""))
    )
    who = pl.concat_str(pl.col("zh").fill_null("成员"), age)
    return named.select("person_id", who.alias("who_zh")).unique(
        "person_id", keep="first", maintain_order=True
    )


def applied_text(
    outcomes: pl.DataFrame, alerts: pl.DataFrame, names: pl.DataFrame, entitlements: pl.DataFrame
) -> pl.DataFrame:
    """One row per household for which visits applied for something: what, when, and what came of it.

    A line per benefit, by its newest application; whether it is on the rolls is what they show on the date.
    """
    household = alerts.select("alert_id", "household_id").unique(maintain_order=True)
    made = outcomes.filter(pl.col("result_code").is_in(APPLIED)).join(household, on="alert_id")
    made = made.with_columns(pl.col("benefit_id").fill_null("")).sort(
        "household_id", "benefit_id", "found_date"
    )
    made = made.unique(["household_id", "benefit_id"], keep="last", maintain_order=True)
    paid = (
        entitlements.filter("is_receiving").select("household_id", "benefit_id", _paid=pl.lit(True)).unique()
    )
    rows = made.join(paid, on=["household_id", "benefit_id"], how="left", maintain_order="left")
    rows = rows.join(names.rename({"code": "benefit_id"}), on="benefit_id", how="left", maintain_order="left")
    came = (
        pl.when(pl.col("_paid").fill_null(False)).then(pl.lit("名册已有")).otherwise(pl.lit("名册尚未见发放"))
    )
    known = pl.format("{}已申请{}：{}", dates_zh(pl.col("found_date")), "zh", came)
    text = (
        pl.when(pl.col("zh").is_not_null())
        .then(known)
        .otherwise(pl.format("{}已帮着申请，没有写明是哪一项", dates_zh(pl.col("found_date"))))
    )
    return rows.group_by("household_id", maintain_order=True).agg(text.str.join("\n").alias("applied_zh"))


def last_visit_text(outcomes: pl.DataFrame, alerts: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """One row per household visited before: the newest visit's date and result in words."""
    visits = (
        outcomes.select("alert_id", "result_code", "found_date")
        .join(alerts.select("alert_id", "household_id").unique(maintain_order=True), on="alert_id")
        .join(names, left_on="result_code", right_on="code", how="left")
        .sort("household_id", "found_date", "alert_id", "result_code")
        .unique("household_id", keep="last", maintain_order=True)
    )
    day = dates_zh(pl.col("found_date"))
    return visits.select("household_id", pl.concat_str(day, pl.lit("："), "zh").alias("last_visit_zh"))


def heads(persons: pl.DataFrame) -> pl.DataFrame:
    """Each household's living head, else its first living member, else any member: whom to ask for."""
    return (
        persons.filter(pl.col("household_id").is_not_null())
        .with_columns(
            _dead=~pl.col("is_alive").fill_null(True),
            _member=(pl.col("relation_code") != "head").fill_null(True),
        )
        .sort("household_id", "_dead", "_member", "person_id")
        .unique("household_id", keep="first", maintain_order=True)
        .select("household_id", "person_id", "village_code")
    )


def visit_order(lines: pl.DataFrame) -> pl.DataFrame:
    """Each station's lines as printed and numbered: by level, due date, village, rank.

    Where level and due date are alike, a village stands where its first line by list_rank does, and its lines
    follow each other, so that one way leads to all of them. No village known is a village of its own.
    """
    station, alike = "town_code", ("town_code", "_level", "due_date")
    rows = lines.with_columns(
        level_rank().alias("_level"), pl.col("village_code").fill_null("").alias("_village")
    )
    rows = rows.with_columns(pl.col("list_rank").min().over(*alike, "_village").alias("_first"))
    rows = rows.sort(*alike, "_first", "_village", "list_rank", "alert_id", nulls_last=True)
    printed = pl.int_range(1, pl.len() + 1).over(station).cast(pl.Int64).alias("list_rank")
    return rows.with_columns(printed).select(lines.columns)
