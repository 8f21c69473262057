"""The rows of one delivery: identities to the vault, facts to core under ids that say nothing.

The roll of everybody also says who lives with whom: its household numbers become household ids here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from data_contracts.cells.id_numbers import written_birth_date, written_sex_code
from data_contracts.contract.model import Contract
from transforms.households.household_ids import resolve_households
from transforms.households.household_keys import household_keys, town
from warehouse.database.connection import Connection, fetch, run
from warehouse.database.extract_tables import core_columns, kept_in_vault
from warehouse.deliveries.account import Delivery
from warehouse.identity.vault import Vault
from warehouse.identity.vault_secrets import number_hashes
from warehouse.loading.boundary import outgoing
from warehouse.loading.dwelling_ids import with_dwelling_ids
from warehouse.loading.identify import identify
from warehouse.loading.members import open_members

Chunks = Callable[[], Iterable[pl.DataFrame]]
# Of a roll, what may stay in memory till all of it was seen; of more, every row is read and identified again.
HELD_BYTES = 2 << 30
MEMBER = ("person_id", "relation_code")
KEY = "household_key"


def _keyed(rows: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """The register's rows with their household's key."""
    placed = rows.with_columns(place=town(pl.col("village_code")))
    return placed.join(keys, on=["household_no", "place"], how="left", maintain_order="left").drop("place")


def _each_once(held: list[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The frames, each let go of as the next is taken."""
    held.reverse()
    while held:
        yield held.pop()


@dataclass(frozen=True)
class FactWriter:
    """Writes the rows of one delivery, known from `known` on; the caller holds both transactions."""

    con: Connection
    vault: Vault
    contract: Contract
    delivery: Delivery
    known: date

    def write(self, good: Chunks) -> pl.DataFrame | None:
        """Write every chunk. Of the roll of everybody, returns the living members of its households:
        household_id, person_id, relation_code."""
        if self.contract.identifies_everybody:
            return self._write_register(good)
        for chunk in good():
            self._insert(self._identified(chunk))
        return None

    def note_recognised(self, unidentified: pl.DataFrame | None) -> None:
        """Note under whom refused rows are used all the same (`ops.recognised_row`)."""
        if unidentified is None:
            return
        run(
            self.con,
            "INSERT INTO ops.recognised_row BY NAME SELECT delivery_id, row_no, person_id "
            f"FROM core._{self.delivery.extract} "
            "WHERE delivery_id = $1 AND row_no IN (SELECT row_no FROM refused) ORDER BY row_no",
            [self.delivery.delivery_id],
            refused=unidentified.select("row_no"),
        )

    def _write_register(self, good: Chunks) -> pl.DataFrame | None:
        """A number's household is decided by everybody who bears it: look at all before writing any."""
        members: list[pl.DataFrame] = []
        held: list[pl.DataFrame] = []
        size = 0.0
        for chunk in good():
            rows = self._identified(chunk)
            members.append(rows.select(*MEMBER, "household_no", "village_code", "registration_status_code"))
            size += rows.estimated_size()
            held = [*held, rows] if size <= HELD_BYTES else []
        if not members:
            return None
        everybody = pl.concat(members)
        keys = self._household_keys(everybody)
        everybody = _keyed(everybody, keys)
        homes = self._household_ids(everybody)
        for rows in _each_once(held) if held else map(self._identified, good()):
            keyed = _keyed(rows, keys)
            housed = keyed.join(homes, on=KEY, how="left", maintain_order="left").drop(KEY)
            self._insert(with_dwelling_ids(self.vault, housed, self.known))
        living = everybody.filter(pl.col("registration_status_code") == "active")
        return living.join(homes, on=KEY).select("household_id", *MEMBER)

    def _household_keys(self, everybody: pl.DataFrame) -> pl.DataFrame:
        """household_no and place of every row of the roll, and what they key by the contract."""
        active = pl.col("registration_status_code") == "active"
        rows = everybody.with_columns(is_head=(pl.col("relation_code") == "head") & active)
        return household_keys(rows, self.contract.household_scope, self.delivery.part)

    def _identified(self, chunk: pl.DataFrame) -> pl.DataFrame:
        delivery_id = self.delivery.delivery_id
        return identify(self.con, self.vault, self.contract, chunk, delivery_id=delivery_id, known=self.known)

    def _household_ids(self, everybody: pl.DataFrame) -> pl.DataFrame:
        """household_key, household_id of every key ever seen, those of this roll included."""
        aliases = self.vault.household_aliases()
        numbered = everybody.drop("household_no").rename({KEY: "household_no"})
        resolved = resolve_households(numbered, aliases, open_members(self.con))
        self.vault.note_households(resolved.filter(how="known"), self.known)
        unseen = resolved.filter(pl.col("how") != "known").select("household_no", "household_id")
        every = pl.concat([aliases, self.vault.mint_households(unseen, self.known)])
        return every.rename({"household_no": KEY})

    def _insert(self, rows: pl.DataFrame) -> None:
        self._keep_identities(rows)
        self._insert_facts(rows)
        self._insert_persons(rows)

    def _keep_identities(self, rows: pl.DataFrame) -> None:
        """To the vault what only it holds."""
        for attribute in kept_in_vault(self.contract):
            values = rows.select("person_id", value=attribute).drop_nulls("value")
            if values.height:
                self.vault.keep_identities(
                    values.unique(maintain_order=True), attribute, self.contract.extract, **self._origin
                )

    @property
    def _origin(self) -> dict[str, object]:
        """What is the same for all rows: handed over once, not written beside each of millions."""
        return {
            "period_month": self.delivery.period_month,
            "known_date": self.known,
            "delivery_id": self.delivery.delivery_id,
        }

    def _insert_facts(self, rows: pl.DataFrame) -> None:
        """The rows into the extract's table."""
        happened = self.contract.event_date
        event = pl.col(happened) if happened else pl.lit(None, dtype=pl.Date)
        facts = rows.with_columns(
            *outgoing(self.contract, rows.columns, number_hashes(self.vault.con)),
            event_date=pl.coalesce(event, pl.lit(self.known)),
        ).select(name for name in core_columns(self.contract) if name not in self._origin)
        same = ", ".join(f"${at} AS {name}" for at, name in enumerate(self._origin, 1))
        run(
            self.con,
            f"INSERT INTO core._{self.contract.extract} BY NAME SELECT *, {same} FROM facts",
            list(self._origin.values()),
            facts=facts,
        )

    def _insert_persons(self, rows: pl.DataFrame) -> None:
        """Whoever is named in any of the rows' columns is known from now on."""
        numbers = [c.name for c in self.contract.columns if c.reads_as == "cn_id"]
        pairs = pl.concat(
            rows.select(number=name, person_id=name.replace("id_number", "person_id")) for name in numbers
        ).drop_nulls("person_id")
        new = fetch(
            self.con,
            "SELECT person_id FROM named ANTI JOIN core._person USING (person_id) ORDER BY 1",
            named=pairs.select("person_id").unique(maintain_order=True),
        )
        if new.is_empty():
            return
        self._insert_numbers(pairs.join(new, on="person_id", how="semi", maintain_order="left"))
        run(
            self.con,
            "INSERT INTO core._person BY NAME SELECT person_id, $1 AS first_known_date, "
            "$2 AS first_extract FROM new",
            [self.known, self.delivery.extract],
            new=new,
        )

    def _insert_numbers(self, pairs: pl.DataFrame) -> None:
        """What the number itself says of each new person: birth date and sex. Never a place, which it does
        say: where it was first issued, perhaps fifty years ago."""
        number = pl.col("number")
        said = pairs.select(
            "person_id",
            has_number=number.is_not_null(),
            id_birth_date=written_birth_date(number),
            id_sex_code=written_sex_code(number),
        )
        first = said.sort("person_id", "has_number", descending=[False, True]).unique(
            "person_id", keep="first", maintain_order=True
        )
        run(
            self.con,
            "INSERT INTO core._identity BY NAME "
            "SELECT * FROM said ANTI JOIN core._identity USING (person_id)",
            said=first,
        )
