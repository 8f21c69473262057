"""Persons met without a usable number, kept in the vault with all that may tell who they are.

One row of `v.provisional` per such person. The same words from the same department are the same person again
(the fingerprint), so that a row repeated every month asks its question once; nothing else is joined here.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from warehouse.database.connection import fetch, run
from warehouse.identity.vault import Vault

# What such a row tells of its person: shared_person_id is whose number it bears, where it is somebody else's.
STATED = {
    "name": pl.String,
    "sex_code": pl.String,
    "birth_date": pl.Date,
    "village_code": pl.String,
    "number_text": pl.String,
    "id_digits": pl.String,
    "local_no": pl.String,
    "household_no": pl.String,
    "guardian_person_id": pl.String,
    "shared_person_id": pl.String,
    "event_date": pl.Date,
}
# The day of an event and what a department leaves blank now and then do not make another person.
_ALIKE = [name for name in STATED if name not in ("event_date", "sex_code", "id_digits")]


def mint_provisional(
    vault: Vault, stated: pl.DataFrame, extract: str, delivery_id: str, known: date
) -> pl.Series:
    """A person_id for every row of `stated` (STATED's columns), in order; the same words keep their id.

    Two rows of one delivery that say the same are two persons until somebody knows better.
    """
    again = pl.int_range(pl.len()).over(_ALIKE)  # the how many-th row of these very words
    parts = [pl.col(name).cast(pl.String).fill_null("") for name in _ALIKE]
    words = stated.select(pl.concat_str(pl.lit(extract), *parts, again, separator="\x1f").alias("words"))
    hashed = stated.hstack(fetch(vault.con, "SELECT sha256(words) AS fingerprint FROM words", words=words))
    former = fetch(
        vault.con,
        "SELECT fingerprint, person_id FROM v.provisional SEMI JOIN hashed USING (fingerprint)",
        hashed=hashed.select("fingerprint"),
    )
    run(
        vault.con,
        "UPDATE v.provisional SET last_seen = greatest(last_seen, $1), delivery_id = $2 "
        "WHERE fingerprint IN (SELECT fingerprint FROM former)",
        [known, delivery_id],
        former=former,
    )
    new = hashed.join(former, on="fingerprint", how="anti", maintain_order="left")
    new = new.with_columns(vault.next_persons(new.height))
    run(
        vault.con,
        "INSERT INTO v.provisional BY NAME SELECT *, $1 AS extract, $2 AS delivery_id, "
        "$3::DATE AS first_seen, $3::DATE AS last_seen FROM new",
        [extract, delivery_id, known],
        new=new,
    )
    ids = pl.concat([former, new.select("fingerprint", "person_id")])
    return hashed.join(ids, on="fingerprint", how="left", maintain_order="left").get_column("person_id")


def provisional_persons(vault: Vault, as_of: date) -> pl.DataFrame:
    """One row per provisional person met by the date: person_id, extract, delivery_id, STATED's columns."""
    return fetch(
        vault.con,
        f"SELECT person_id, extract, delivery_id, {', '.join(STATED)} FROM v.provisional "
        "WHERE first_seen <= $1 ORDER BY person_id",
        [as_of],
    )
