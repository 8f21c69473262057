"""Bring a home made by a former version into today's layout, step by step, at its first opening.

A step changes warehouse and vault in one go: the vault commits first, the warehouse last, together with the
number of the layout. Killed in between, the step is done again, so what it does to the vault must be
harmless twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from data_contracts.contract.model import Contract
from warehouse.database.connection import Connection
from warehouse.identity.marks import marked_step
from warehouse.identity.vault import Vault
from warehouse.migrations.names_into_vault import names_into_vault
from warehouse.migrations.numbers_into_vault import numbers_into_vault
from warehouse.migrations.thin_tables import thin_tables
from warehouse.migrations.views_anew import make_views_anew
from warehouse.migrations.visits_as_rows import outcomes_into_visits
from warehouse.migrations.without_indexes import drop_indexes
from warehouse.migrations.words_into_vault import drop_emptied, words_into_vault
from warehouse.wholeness.adoption import adopt
from warehouse.wholeness.home_row import home_id_of, layout_of
from zhaoren.errors import ZhaorenError

Work = Callable[[Connection, Vault, Mapping[str, Contract]], None]


@dataclass(frozen=True)
class Migration:
    """One step. layout: the number that the home bears afterwards, counted from 1 without a gap.

    what: in a few words, for whoever waits. leaves_old_text: the warehouse's file is rewritten whole after
    it, since the free blocks of a DuckDB file still hold what was deleted.
    """

    layout: int
    what: str
    work: Work
    leaves_old_text: bool = False


# In order; a new step goes to the end.
MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "names of files move into the vault", names_into_vault, leaves_old_text=True),
    Migration(2, "notes and reasons move into the vault", words_into_vault, leaves_old_text=True),
    Migration(3, "columns that are empty now are dropped", drop_emptied),
    Migration(4, "departments' numbers and free text move into the vault", numbers_into_vault, True),
    Migration(5, "answers that stay the same are stored once", thin_tables),
    Migration(6, "large tables go without an index", drop_indexes),
    Migration(7, "answers whose sum is not known are counted", make_views_anew),
    Migration(8, "results of visits are kept row by row", outcomes_into_visits),
)


def migrate(
    con: Connection,
    vault: Vault,
    contracts: Mapping[str, Contract],
    steps: Sequence[Migration] = MIGRATIONS,
) -> list[str]:
    """Do the steps the home has not had yet. Returns what each did, in words.

    A home without any data is today's already. `con`: the open warehouse, its tables made.
    """
    _note_new_home(con, vault, len(steps))
    adopt(con, vault, home_id_of(con))
    done = []
    for step in steps[layout_of(con) :]:
        with marked_step(con, vault, f"layout {step.layout}"):
            step.work(con, vault, contracts)
            con.execute(
                "UPDATE ops.home SET layout = ?, is_rewrite_due = is_rewrite_due OR ?",
                [step.layout, step.leaves_old_text],
            )
        done.append(step.what)
    return done


def refuse_newer(con: Connection) -> None:
    """Raise ZhaorenError for a home that a newer version laid out; it is only looked at."""
    if layout_of(con) > len(MIGRATIONS):
        raise ZhaorenError(
            "The home was made by a newer version.",
            "warehouse.duckdb",
            f"Its layout is number {layout_of(con)}; this program knows up to {len(MIGRATIONS)}.",
            "Use that version, or a newer one. Nothing was changed.",
            code="home_newer",
        )


def _note_new_home(con: Connection, vault: Vault, newest: int) -> None:
    """The line of ops.home, where there is none yet."""
    if con.execute("SELECT 1 FROM ops.home").fetchone():
        return
    is_empty = con.execute("SELECT count(*) = 0 FROM ops.delivery").fetchall()[0][0]
    layout = newest if is_empty else 0
    # A vault that was taken on before says which home it is: the warehouse may be a former version's backup.
    con.execute(
        "INSERT INTO ops.home (home_id, layout, is_rewrite_due) VALUES (?, ?, false)",
        [vault.home_id() or secrets.token_hex(8), layout],
    )
