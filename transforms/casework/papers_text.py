"""Which papers a household's applications ask for: those a department's file holds, and those to bring."""

from __future__ import annotations

import polars as pl


def papers_text(
    wanted: pl.DataFrame, papers: pl.DataFrame, held: pl.DataFrame, words: tuple[str, str]
) -> pl.DataFrame:
    """One row per household with a benefit that asks for papers: household_id, papers_zh.

    `wanted`: household_id, benefit_id. `papers`: benefit_id, paper, place (the order), held_zh, bring_zh (""
    where nothing has to be brought), facts (names; none where nobody holds it). `held`: household_id, fact:
    what known_facts says. `words`: how the line of held papers and that of papers to bring begin.
    """
    each = (
        wanted.join(papers, on="benefit_id").unique(["household_id", "paper"]).sort("household_id", "place")
    )
    by_fact = each.explode("facts").rename({"facts": "fact"})
    known = by_fact.join(held, on=["household_id", "fact"], how="semi")
    known = known.select("household_id", "paper", is_held=pl.lit(True)).unique()
    told = each.join(known, on=["household_id", "paper"], how="left", maintain_order="left").with_columns(
        pl.col("is_held").fill_null(False)
    )
    bring = ~pl.col("is_held") & (pl.col("bring_zh") != "")
    lines = told.group_by("household_id", maintain_order=True).agg(
        _line(words[0], pl.col("held_zh").filter("is_held")).alias("held"),
        _line(words[1], pl.col("bring_zh").filter(bring)).alias("bring"),
    )
    text = pl.concat_str("held", "bring", separator="\n", ignore_nulls=True)
    return lines.select("household_id", text.alias("papers_zh"))


def _line(begin: str, names: pl.Expr) -> pl.Expr:
    named = names.unique(maintain_order=True).str.join("、")
    return pl.when(named != "").then(pl.format("{}{}", pl.lit(begin), named))


def known_facts(rows: pl.DataFrame, facts: list[str]) -> pl.DataFrame:
    """household_id, fact: every fact that is known, and not false, of the household or of one of its members.

    `rows`: household_id and the facts as columns, one or more rows per household.
    """
    parts = [
        rows.filter(pl.col(fact).is_not_null() & (pl.col(fact).cast(pl.String) != "false")).select(
            "household_id", fact=pl.lit(fact)
        )
        for fact in facts
        if fact in rows.columns
    ]
    empty = pl.DataFrame(schema={"household_id": pl.String, "fact": pl.String})
    return pl.concat([empty, *parts]).unique(maintain_order=True)
