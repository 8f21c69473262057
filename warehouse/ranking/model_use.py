"""The log of use of models, `ops.model_use`; who said each word stays in the vault."""

from __future__ import annotations

from datetime import date

import duckdb

from warehouse.database.connection import fetch
from warehouse.identity.marks import marked_step
from warehouse.identity.vault import Vault
from warehouse.written.words import MODEL_USE, authors, keep_one

# use_no, event (use|rollback), model_id (or rules), used_from
Word = tuple[int, str, str, date]


def uses(con: duckdb.DuckDBPyConnection) -> list[Word]:
    """Every word of the log in the order in which it was said: use_no, event, model_id, used_from."""
    query = "SELECT use_no, event, model_id, used_from FROM ops.model_use ORDER BY use_no"
    return [(int(no), str(event), str(model), day) for no, event, model, day in fetch(con, query).rows()]


def add_use(con: duckdb.DuckDBPyConnection, vault: Vault, word: Word, *, decided: date, by: str) -> None:
    """Add a word, and who said it to the vault, under one mark: all or nothing in each of them.

    Killed between the two commits, the word is not in force; said again it takes the same number.
    """
    use_no, event, model_id, used_from = word
    with marked_step(con, vault, f"model use {use_no}: {event} {model_id} from {used_from} on"):
        # The author of a word that was cut off is not that of the one now said.
        vault.con.execute("DELETE FROM v.written WHERE kind = ? AND about = ?", [MODEL_USE, str(use_no)])
        keep_one(vault, MODEL_USE, str(use_no), known=decided, author=by, text="")
        con.execute(
            "INSERT INTO ops.model_use (use_no, event, model_id, used_from, decided_date) "
            "VALUES (?, ?, ?, ?, ?)",
            [use_no, event, model_id, used_from, decided],
        )


def said_by(vault: Vault, words: list[Word]) -> dict[int, str]:
    """use_no -> who said it."""
    found = authors(vault, MODEL_USE, [str(word[0]) for word in words])
    return {int(no): by for no, by in found.items()}
