"""Measure who-is-who against the truth of a made-up province: rows to persons, persons to households."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from flows.context.site import Site
from flows.evaluation.truth import numbered_persons
from models.evaluation.linkage_quality import pair_quality, rand_index, row_quality
from models.features.groups import age_band
from transforms.linkage.person_ids import with_master_ids
from warehouse.as_of import members_at
from warehouse.database.connection import Connection
from warehouse.database.partitions import newest_date
from warehouse.deliveries.deliveries import deliveries_at
from warehouse.identity.person_aliases import aliases_at
from warehouse.queries.deliveries import persons_of_rows
from warehouse.queries.findings import duplicate_rows, refused_rows

KINDS = ("hukou", "assistance", "dwelling")
GROUPS = ("extract", "age_band", "sex_code", "kind")


@dataclass(frozen=True)
class LinkageQuality:
    """What `zhaoren evaluate --linkage` shows, as of one date.

    pairs: precision, recall and F1 over pairs of rows. rows, unnumbered: tables by source, age band and
    sex, of all rows and of those without a usable number (row_quality's columns; these also by what was
    wrong). households: kind, person_cnt, adjusted_rand_index.
    """

    as_of: date
    row_cnt: int
    pairs: dict[str, float | None]
    rows: pl.DataFrame
    unnumbered: pl.DataFrame
    households: pl.DataFrame


def evaluate_linkage(site: Site, truth: dict[str, pl.DataFrame], as_of: date | None = None) -> LinkageQuality:
    """Compare with the truth as of a date (the newest by default); nothing is stored.

    Counted are the rows of accepted deliveries that were not refused for anything but their ID number, nor
    dropped as duplicates. Rows refused for their number count: finding whom they are about is what is
    measured.
    """
    day = as_of or newest_date(site.con)
    aliases = aliases_at(site.con, day)
    persons = numbered_persons(site, day).rename({"id_number": "true_id"})
    rows = _rows(site, truth["rows"], aliases, day).rename({"id_number": "true_id"})
    rows = rows.join(persons.rename({"person_id": "right_person_id"}), on="true_id", how="left")
    rows = rows.join(_traits(truth["persons"], day), on="true_id", how="left")
    rows = rows.with_columns(is_joined=pl.col("person_id").is_in(persons["person_id"].unique().implode()))
    lost = rows.filter(~pl.col("has_usable_id"))
    return LinkageQuality(
        as_of=day,
        row_cnt=rows.height,
        pairs=pair_quality(rows),
        rows=_tables(rows, ("all", *GROUPS[:3])),
        unnumbered=_tables(lost, ("all", *GROUPS)),
        households=_households(site.con, truth["memberships"], persons, aliases, day),
    )


def _tables(rows: pl.DataFrame, groups: tuple[str, ...]) -> pl.DataFrame:
    rows = rows.with_columns(all=pl.lit("all"))
    return pl.concat([row_quality(rows, group) for group in groups])


def _rows(site: Site, planted: pl.DataFrame, aliases: pl.DataFrame, day: date) -> pl.DataFrame:
    """The truth's rows that were read by the date, with extract and the person we took each to be about."""
    path = pl.col("file").str.split("/")
    rows = planted.with_columns(
        known_date=path.list.get(0).str.to_date(), department=path.list.get(1), file_name=path.list.get(2)
    ).filter(pl.col("known_date") <= day)
    deliveries = deliveries_at(site.con, day).filter(pl.col("status").is_in(["accepted", "superseded"]))
    deliveries = deliveries.select("delivery_id", "department", "extract", "file_name", "known_date")
    rows = rows.join(deliveries, on=["known_date", "department", "file_name"])
    for left_out in (refused_rows(site.con, but_for="id_number"), duplicate_rows(site.con)):
        rows = rows.join(left_out, on=["delivery_id", "row_no"], how="anti")
    parts = [
        with_master_ids({c.extract: persons_of_rows(site.con, c.extract)}, aliases)
        for c in site.contracts.values()
    ]
    ours = pl.concat(frame for part in parts for frame in part.values())
    return rows.join(ours, on=["delivery_id", "row_no"], how="left")


def _traits(persons: pl.DataFrame, day: date) -> pl.DataFrame:
    age = (pl.lit(day) - pl.col("birth_date")).dt.total_days() // 365.2425
    traits = persons.select("sex_code", true_id="id_number", age_years=age.cast(pl.Int64))
    return traits.with_columns(age_band().alias("age_band")).drop("age_years")


def _households(
    con: Connection, memberships: pl.DataFrame, persons: pl.DataFrame, aliases: pl.DataFrame, day: date
) -> pl.DataFrame:
    """kind, person_cnt, adjusted_rand_index: every person of the truth who is known to us."""
    now = memberships.filter(
        (pl.col("valid_from") <= day) & (pl.col("valid_to").is_null() | (pl.col("valid_to") > day))
    ).rename({"id_number": "true_id"})
    found = with_master_ids({"m": members_at(con, day)}, aliases)["m"]
    rows = []
    for kind in KINDS:
        ours = found.filter(kind=kind).unique("person_id", keep="last", maintain_order=True)
        pairs = (
            now.filter(kind=kind)
            .select("true_id", true="household_key")
            .join(persons, on="true_id")
            .join(ours.select("person_id", found="household_id"), on="person_id", how="left")
        )
        rows.append((kind, pairs.height, rand_index(pairs)))
    schema = {"kind": pl.String, "person_cnt": pl.Int64, "adjusted_rand_index": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")
