"""A line per family of whom to call and where they live, from names, phones and addresses in full."""

from __future__ import annotations

import polars as pl


def contact_lines(
    cases: pl.DataFrame,
    members: pl.DataFrame,
    names: pl.DataFrame,
    phones: pl.DataFrame,
    addresses: pl.DataFrame,
) -> pl.DataFrame:
    """One row per case, in its order: number, name, phones, others, address, village_code.

    `cases`: number, household_id, person_id (whom to ask for), village_code. `members`: household_id,
    person_id, who_zh. `names`, `phones` (many a person, in order), `addresses`: person_id, value.
    Others are the members with a phone who are not asked for first; null where nothing is known.
    """
    numbers = phones.group_by("person_id", maintain_order=True).agg(
        pl.col("value").str.join("、").alias("phones")
    )
    named = names.select("person_id", name="value")
    lines = cases
    for part in (named, numbers, addresses.select("person_id", address="value")):
        lines = lines.join(part, on="person_id", how="left", maintain_order="left")
    rest = members.join(cases.select("person_id"), on="person_id", how="anti").join(numbers, on="person_id")
    rest = rest.join(named, on="person_id", how="left").sort("household_id", "person_id")
    told = pl.format(
        "{}（{}）{}", pl.col("name").fill_null("姓名未登记"), pl.col("who_zh").fill_null("成员"), "phones"
    )
    others = rest.group_by("household_id", maintain_order=True).agg(told.str.join("\n").alias("others"))
    lines = lines.join(others, on="household_id", how="left", maintain_order="left")
    return lines.select("number", "name", "phones", "others", "address", "village_code")
