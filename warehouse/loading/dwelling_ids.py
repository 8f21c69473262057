"""Which dwelling a row says somebody lives in: an opaque id in place of the address."""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.households.addresses import address_keys
from warehouse.identity.vault import Vault

ADDRESSES = ("village_code", "address", "dwelling_village_code", "dwelling_address")


def with_dwelling_ids(vault: Vault, rows: pl.DataFrame, known: date) -> pl.DataFrame:
    """The rows with dwelling_id and is_dwelling_outside.

    A row without a present address means the registered one. An address without a village of ours is
    outside the province: no dwelling in which to look for members of a household. Rows without these columns
    are as they were.
    """
    if not set(ADDRESSES) <= set(rows.columns):
        return rows
    stated = pl.col("dwelling_village_code").is_not_null() | pl.col("dwelling_address").is_not_null()
    outside = stated & pl.col("dwelling_village_code").is_null()
    place = rows.select(
        village=pl.when(stated).then("dwelling_village_code").otherwise("village_code"),
        address=pl.when(stated).then("dwelling_address").otherwise("address"),
    )
    keys = address_keys(place["village"], place["address"])
    keyed = rows.with_columns(keys.alias("_key"), outside.alias("is_dwelling_outside"))
    dwellings = vault.dwelling_ids(keyed.get_column("_key"), known)
    named = dwellings.select(
        pl.col("household_no").alias("_key"), pl.col("household_id").alias("dwelling_id")
    )
    return keyed.join(named, on="_key", how="left", maintain_order="left").drop("_key")
