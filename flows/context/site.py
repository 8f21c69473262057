"""A site is an installation, opened: its warehouse, contracts, rules and clock, which every step shares."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

import duckdb
import polars as pl

import zhaoren
from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.model import Contract
from divisions import area_codes
from flows.context import reference
from flows.context.home import Home
from flows.context.progress import Progress, silent
from flows.context.rulebook import added_files, load_rulebook, refuse_orphans
from models.ranking.registry import latest_model
from policies.catalogue.model import Catalogue
from warehouse.as_of import outcomes
from warehouse.database.columns import add_fact_columns
from warehouse.database.connection import connect
from warehouse.database.partitions import step_fingerprint
from warehouse.database.schema import create
from warehouse.deliveries.deliveries import deliveries_at
from warehouse.identity.identity_decisions import decisions_at
from warehouse.identity.vault import Vault, vault_key
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room


def local_now() -> datetime:
    """The clock, read here and nowhere else in the core; wall time without a zone, as the tables keep it."""
    return datetime.now().replace(microsecond=0)  # noqa: DTZ005 (local wall time is meant)


@dataclass
class Site:
    """One home, opened by the one process that may write to it.

    notes: what the user is told at the end. memory: what steps looked up and need not look up again.
    """

    home: Home
    con: duckdb.DuckDBPyConnection
    vault_key: str
    contracts: dict[str, Contract]
    codes: dict[str, CodeTable]
    catalogue: Catalogue
    progress: Progress = silent
    now: Callable[[], datetime] = local_now
    notes: dict[str, Any] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def open_vault(self, as_of: date, purpose: str) -> Iterator[Vault]:
        """The vault, for loading or delivering; that it was opened, and what for, is logged first."""
        self.con.execute("INSERT INTO ops.vault_opening VALUES (?, ?, ?)", [self.now(), as_of, purpose])
        with Vault(self.home.vault, self.vault_key) as vault:
            yield vault

    @cached_property
    def rules_hash(self) -> str:
        """Digest of every rule, contract and code-table file, and the version: what a list depends on."""
        root = room("policies").parent
        digest = hashlib.sha256(zhaoren.__version__.encode())
        rooms = ("policies", "data_contracts", "exchange")
        for path in sorted(p for name in rooms for p in room(name).rglob("*.yaml")):
            digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
        for path in added_files(self.home.root):
            digest.update(path.relative_to(self.home.root).as_posix().encode() + path.read_bytes())
        return digest.hexdigest()

    def fingerprint(self, as_of: date) -> str:
        """Digest of all that the date's lists depend on; equal fingerprints mean equal lists."""
        known_then = deliveries_at(self.con, as_of)  # a decision concerns the lists from its day on
        rows = known_then.select("delivery_id", "status", "since_date").rows()
        known = outcomes(self.con, as_of)
        model = latest_model(self.home.models, as_of)
        told = decisions_at(self.con, as_of).select("case_id", "decision").rows()
        text = repr((rows, known.rows(), told, model and model.model_id, self.rules_hash))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def areas(self) -> pl.DataFrame:
        """Area codes with the years they were in force, for the check of ID numbers."""
        return area_codes().select("code", "start_year", "end_year")

    def capacity(self, as_of: date) -> int:
        """Lines a station can visit in a period."""
        return reference.operations(self.catalogue, as_of).station_lines_month

    def is_done(self, as_of: date, step: str, fingerprint: str) -> bool:
        """Whether the step was already done for the date from the same inputs."""
        return step_fingerprint(self.con, as_of, step) == fingerprint


@contextmanager
def open_site(home: Home, progress: Progress = silent) -> Iterator[Site]:
    """Open the warehouse, check the vault's key, prepare the home; close all of it at the end.

    The warehouse comes first: it lets one process in, and what that one has in scratch is its own.
    """
    home.prepare()
    try:
        key = vault_key(home.root)
        con = connect(home.warehouse)
    except OSError as error:
        raise _not_writable(home, error) from error
    try:
        Vault(home.vault, key).con.close()  # a wrong key stops the run before anything is touched
        home.clear_scratch()
        book = load_rulebook(home.root)
        create(con, book.contracts, book.catalogue.panel_facts())
        add_fact_columns(con, book.catalogue.panel_facts())
        refuse_orphans(book.contracts, _loaded(con))
        yield Site(home, con, key, book.contracts, book.codes, book.catalogue, progress)
    finally:
        con.close()


def _loaded(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The "department.extract" of every delivery with rows in core."""
    query = "SELECT DISTINCT department || '.' || extract FROM ops.delivery WHERE rows_loaded > 0 ORDER BY 1"
    return [row[0] for row in con.execute(query).fetchall()]


def _not_writable(home: Home, error: OSError) -> ZhaorenError:
    return ZhaorenError(
        "The home cannot be written.", str(home.root), str(error), "Check its owner and free space."
    )
