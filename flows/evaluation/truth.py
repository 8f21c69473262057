"""The made-up province's truth beside our ids. Only the demo, its workers and the evaluation come here."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from flows.context.site import Site
from province.truth.visits import truth_on
from transforms.linkage.person_ids import with_master_ids
from warehouse.identity.person_aliases import aliases_at
from warehouse.queries.deliveries import delivered_files
from warehouse.queries.findings import duplicate_rows, noted_cells, refused_rows
from zhaoren.errors import ZhaorenError

FILES = ("hardship", "entitlements", "persons", "dirt")
RANKING_FILES = (*FILES, "households")
IDENTITY_FILES = ("rows", "memberships", "persons")
_PURPOSE = "compare with the made-up truth"  # why the vault was opened, in its log


def read_truth(folder: Path) -> dict[str, pl.DataFrame]:
    """The truth's tables by name. Raises ZhaorenError when the folder holds none."""
    return _read(folder, FILES)


def read_ranking_truth(folder: Path) -> dict[str, pl.DataFrame]:
    """The same with each household's true income by month. Raises ZhaorenError as read_truth."""
    return _read(folder, RANKING_FILES)


def read_identity_truth(folder: Path) -> dict[str, pl.DataFrame]:
    """Whom each row speaks of, who belonged together, and who they are. Raises ZhaorenError as read_truth."""
    return _read(folder, IDENTITY_FILES)


def _read(folder: Path, names: tuple[str, ...]) -> dict[str, pl.DataFrame]:
    missing = [name for name in names if not (folder / f"{name}.parquet").is_file()]
    if missing:
        raise ZhaorenError(
            "There is no truth to compare with.",
            str(folder),
            f"{missing[0]}.parquet is missing.",
            "Point --truth at the truth/ folder of a made-up province; real data have none.",
        )
    return {name: pl.read_parquet(folder / f"{name}.parquet") for name in names}


def numbered_persons(site: Site, day: date) -> pl.DataFrame:
    """id_number, person_id of everybody who was ever delivered with a number, as resolved by the day."""
    with site.open_vault(day, _PURPOSE) as vault:
        numbers = vault.persons()
    return with_master_ids({"persons": numbers}, aliases_at(site.con, day))["persons"]


def rights_before(rights: pl.DataFrame, day: date) -> pl.DataFrame:
    """The true entitlements of the month before the date: the one its rolls report on."""
    month = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
    return rights.filter((pl.col("from_month") <= month) & (pl.col("until_month") >= month))


def household_numbers(site: Site, day: date) -> pl.DataFrame:
    """household_no, household_id of the register's households, as known by the day."""
    with site.open_vault(day, _PURPOSE) as vault:
        known = vault.household_aliases()
    # The register's numbers are known under their town (transforms/households/household_keys.py).
    return known.with_columns(pl.col("household_no").str.replace("^[0-9]{9}/", ""))


def truth_of(site: Site, truth: dict[str, pl.DataFrame], day: date) -> pl.DataFrame:
    """What is true of each household on a day, under our household_id; see `truth_on`."""
    households = household_numbers(site, day)
    rights = truth["entitlements"]
    # The truth ends with the province's last month; a later visit finds the last month's rights.
    month = min(day.replace(day=1), rights.select(pl.col("until_month").max()).item())
    rights = rights.filter((pl.col("from_month") <= month) & (pl.col("until_month") >= month))
    known = truth_on(truth["hardship"], rights, households, day)
    return known.group_by("household_id", maintain_order=True).agg(
        pl.col("in_hardship", "is_silent", "is_receiving").any(),
        pl.col("severity").max(),
        pl.col("gap_benefit_id").drop_nulls().first(),
    )


def dirt_caught(site: Site, truth: dict[str, pl.DataFrame], until: date) -> pl.DataFrame:
    """Planted dirt by kind: kind, planted_cnt, caught_cnt, missed_cnt, quarantined_cnt, repaired_cnt.

    A planted cell counts as caught when its row was quarantined or was dropped as a repeat, or when a repair
    of that cell is on record.
    """
    planted = truth["dirt"].with_columns(
        pl.col("file").str.split("/").list.get(0).str.to_date().alias("known_date"),
        pl.col("file").str.split("/").list.get(2).alias("file_name"),
    )
    planted = planted.filter(pl.col("known_date") <= until)
    deliveries = delivered_files(site.con).select("delivery_id", "known_date", "file_name")
    rows = planted.join(deliveries, on=["known_date", "file_name"], how="inner").with_row_index("_i")
    refused = refused_rows(site.con).with_columns(quarantined=pl.lit(True))
    noted = noted_cells(site.con).with_columns(repaired=pl.lit(True))
    repeats = duplicate_rows(site.con).with_columns(repeated=pl.lit(True))
    rows = (
        rows.join(refused, on=["delivery_id", "row_no"], how="left")
        .join(repeats, on=["delivery_id", "row_no"], how="left")
        .join(noted, on=["delivery_id", "row_no", "column_name"], how="left")
        .with_columns(pl.col("quarantined", "repaired", "repeated").fill_null(False))
    )
    caught = pl.col("quarantined") | pl.col("repaired") | pl.col("repeated")
    return (
        rows.group_by("kind")
        .agg(
            planted_cnt=pl.len(),
            caught_cnt=caught.sum(),
            missed_cnt=(~caught).sum(),
            quarantined_cnt=pl.col("quarantined").sum(),
            repaired_cnt=(pl.col("repaired") | pl.col("repeated")).sum(),
        )
        .sort("kind")
    )


def return_day(as_of: date) -> date:
    """The day the made-up stations hand their lists back: before the next month's run."""
    return as_of + timedelta(days=24)
