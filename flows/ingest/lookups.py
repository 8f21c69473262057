"""What the deliveries of one ingest step look up again and again; each answer is kept while it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from data_contracts.delivery_checks.foreign_keys import hashes
from warehouse.database.connection import Connection
from warehouse.deliveries.account import Delivery
from warehouse.deliveries.profiles import whole_deliveries_at
from warehouse.identity.vault import Vault
from warehouse.queries.deliveries import accepted_ids, persons_known


@dataclass
class Lookups:
    """The answers live no longer than the vault is open: hashes of ID numbers are among them."""

    con: Connection
    vault: Vault
    _hashes: dict[tuple[str, str], tuple[list[str], pl.Series]] = field(default_factory=dict)
    _in_force: pl.DataFrame | None = None
    _compared: set[str] = field(default_factory=set)
    _day: date | None = None

    def number_hashes(self, extract: str, column: str, known: date) -> pl.Series:
        """Hashes (foreign_keys.hashes) of the ID numbers in an extract's column, by the day.

        They are looked up again when the extract changed.
        """
        accepted = accepted_ids(self.con, extract, known)
        kept = self._hashes.get((extract, column))
        if kept is None or kept[0] != accepted:
            persons = persons_known(self.con, extract, column.replace("id_number", "person_id"), known)
            kept = self._hashes[extract, column] = (accepted, hashes(self.vault.numbers(persons)))
        return kept[1]

    def in_force(self, delivery: Delivery) -> pl.DataFrame:
        """Whole deliveries in force on the delivery's day, those of its own extract certainly up to date.

        A file is compared with files of its extract only, so one answer serves every extract of a day until
        a second file of an extract comes on it.
        """
        if self._in_force is None or self._day != delivery.known_date or delivery.extract in self._compared:
            self._in_force = whole_deliveries_at(self.con, delivery.known_date)
            self._day, self._compared = delivery.known_date, set()
        self._compared.add(delivery.extract)
        return self._in_force
