"""Notes, workers' names and reasons of decisions: v.written, a row per thing that somebody wrote about.

kind, about: what it is about, by ids alone. author: who wrote it, as typed. The warehouse has the code
and the date of each, and for decisions the account that decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from warehouse.database.connection import fetch, run
from warehouse.identity.vault import Vault

VISIT, VISIT_RULED = "visit", "visit_ruled"
VISIT_WITHDRAWN = "visit_withdrawn"  # as an earlier version kept what is a ruling now
CONTACT, STEP, KEY_VISIT, SERVICE, FOUND = "contact", "step", "key_visit", "service", "found_family"
DELIVERY_DECISION, IDENTITY_DECISION = "delivery_decision", "identity_decision"
CONTACT_EXPORT = "contact_export"  # why somebody asked for a station's contact details
MODEL_USE = "model_use"  # who put a model into use
_VISIT = ("alert_id", "result_code", "found_date", "known_date", "feedback_sha256")


def about_visit() -> pl.Expr:
    """`about` of a visit: the columns that tell it apart, as earlier versions kept it."""
    return pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in _VISIT], separator="|")


def keep_written(vault: Vault, kind: str, rows: pl.DataFrame, known: date) -> None:
    """Keep author and text of each row (about, author, text), the first for good.

    The caller holds the transaction.
    """
    rows = rows.select("about", "author", "text").filter(
        ~pl.all_horizontal(pl.col("author", "text").is_null())
    )
    run(
        vault.con,
        "INSERT INTO v.written (kind, about, known_date, author, text) "
        "SELECT ?, about, ?, author, text FROM rows ON CONFLICT DO NOTHING",
        [kind, known],
        rows=rows,
    )


def keep_one(vault: Vault, kind: str, about: str, *, known: date, author: str, text: str) -> None:
    """The same for one row."""
    row = pl.DataFrame({"about": [about], "author": [author], "text": [text]}, schema=_WRITTEN)
    keep_written(vault, kind, row, known)


_WRITTEN = {"about": pl.String, "author": pl.String, "text": pl.String}


def authors(vault: Vault, kind: str, about: Sequence[str]) -> dict[str, str]:
    """about -> who wrote it, of those things that somebody wrote."""
    wanted = pl.DataFrame({"about": list(about)}, schema={"about": pl.String})
    query = "SELECT about, author FROM v.written SEMI JOIN wanted USING (about) WHERE kind = $1"
    return dict(fetch(vault.con, query, [kind], wanted=wanted).rows())


def written(vault: Vault, kind: str) -> pl.DataFrame:
    """about, known_date, author, text of everything of a kind, oldest first."""
    return fetch(
        vault.con,
        "SELECT about, known_date, author, text FROM v.written WHERE kind = ? ORDER BY known_date, about",
        [kind],
    )


def keep_notes(vault: Vault, visits: pl.DataFrame, known: date, sha256: str) -> None:
    """Keep notes and workers of a file's visits (note_zh, worker beside mart.visit's columns)."""
    keys = visits.with_columns(known_date=pl.lit(known), feedback_sha256=pl.lit(sha256))
    rows = keys.select(about=about_visit(), author="worker", text="note_zh")
    keep_written(vault, VISIT, rows, known)


def with_notes(vault: Vault, visits: pl.DataFrame) -> pl.DataFrame:
    """Visits (columns of mart.visit) with note_zh and worker, null where nobody wrote any."""
    wanted = visits.select(about=about_visit())
    notes = fetch(
        vault.con,
        "SELECT about, text AS note_zh, author AS worker FROM v.written SEMI JOIN wanted USING (about) "
        "WHERE kind = $1 ORDER BY about",
        [VISIT],
        wanted=wanted,
    )
    named = visits.with_columns(about=about_visit())
    return named.join(notes, on="about", how="left", maintain_order="left").drop("about")
