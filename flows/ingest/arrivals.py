"""What arrived: which delivery a file is, of which month and part, and whether it was taken in before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from data_contracts.contract.file_names import UNPLACED, KnownWords
from data_contracts.contract.model import Contract
from exchange.receipts.returned import receipt_id
from flows.ingest.filenames import parse_name, period_of
from warehouse.database.connection import Connection
from warehouse.deliveries.account import Delivery
from warehouse.deliveries.deliveries import find_delivery, same_content_deliveries
from zhaoren.errors import ZhaorenError
from zhaoren.names import safe_name


@dataclass(frozen=True)
class Arrival:
    """A file of one inbox date: where it lies, the digest of its bytes, and the day it came.

    words: those that may be shown of names. state: what the system said of the file before its bytes were
    hashed.
    """

    path: Path
    sha256: str
    known_date: date
    words: KnownWords
    state: tuple[int, ...] = ()

    @property
    def own_name(self) -> str:
        """The file's name as its department wrote it, fit to be printed; for the vault and the receipt."""
        return safe_name(self.path.name)

    @property
    def own_folder(self) -> str:
        """The name of the folder it lies in, likewise."""
        return safe_name(self.path.parent.name)

    @property
    def name(self) -> str:
        """What the file is called: its name as far as contracts know its words, else by its digest."""
        return self.words.file(self.own_name, self.sha256)

    @property
    def department(self) -> str:
        """Who sent it: the folder it lies in; a hash for a folder that is no department."""
        return self.words.folder(self.own_folder)

    @property
    def extract(self) -> str:
        """What it is: what its name says before the first dot."""
        return self.words.extract(self.own_name)

    @property
    def name_hash(self) -> str:
        """Tells files of different names apart, and says no name."""
        return self.words.hashed(self.own_folder, self.own_name)[:16]

    @property
    def contract_id(self) -> str:
        """The id of the contract that covers it, if there is one."""
        return f"{self.department}.{self.extract}"

    @property
    def where(self) -> str:
        """How messages name it."""
        return f"{self.department}/{self.name}"


@dataclass(frozen=True)
class Placement:
    """The month and part of an extract that a file speaks of, and the delivery whose rows it corrects.

    period_month is None while nobody knows: no contract covers the file, or its name cannot be read.
    """

    period_month: date | None = None
    part: str = ""
    amends_delivery_id: str | None = None

    @property
    def kind(self) -> str:
        """`mended` for a receipt sent back, whose rows are added to a delivery; else `full`."""
        return "full" if self.amends_delivery_id is None else "mended"


NOWHERE = Placement()


def place(con: Connection, contracts: Mapping[str, Contract], arrival: Arrival) -> Placement:
    """What the file speaks of. Raises ZhaorenError when nobody can say, or it corrects nothing in force."""
    contract = contracts.get(arrival.contract_id)
    if contract is None:
        raise _no_contract(contracts, arrival)
    corrected = receipt_id(arrival.path)
    if corrected is not None:
        return _place_of_receipt(con, arrival, corrected)
    name = parse_name(arrival.own_name, arrival.where)
    return Placement(period_of(name, arrival.known_date, contract.cadence), arrival.words.part(name.part))


def _no_contract(contracts: Mapping[str, Contract], arrival: Arrival) -> ZhaorenError:
    """Which of the two words is at fault, and which words there are; the words themselves are not quoted."""
    there = sorted(c.extract for c in contracts.values() if c.department == arrival.department)
    if there:
        why = f"Its name begins with no extract of {arrival.department}: {', '.join(there)}."
    else:
        why = "The folder it lies in is named after no department that a contract knows."
    return ZhaorenError(
        "No contract covers this file.",
        arrival.where,
        why,
        "Name the folder after the department and the file after the extract, or write a contract. "
        "`zhaoren status --names` shows how it is named.",
        code="no_contract",
    )


def _place_of_receipt(con: Connection, arrival: Arrival, corrected: str) -> Placement:
    """A receipt sent back speaks of the month and part of the delivery it was written for."""
    found = find_delivery(con, corrected).filter(department=arrival.department, extract=arrival.extract)
    if found.is_empty():
        raise ZhaorenError(
            "This receipt belongs to no delivery of this extract.",
            arrival.where,
            f"It names a delivery that is not known here as {arrival.extract}.",
            "Put it under the department and extract it was written for, or send the whole file again.",
            code="receipt_unknown",
        )
    base = found.row(0, named=True)
    if base["status"] != "accepted":
        raise ZhaorenError(
            "This receipt belongs to a delivery that is not in force.",
            arrival.where,
            f"The delivery {corrected} is {base['status']}, so its corrected rows cannot be added to it.",
            "Correct the newest receipt, or send the whole file again.",
            code="receipt_not_in_force",
        )
    # A receipt of corrected rows that were refused again corrects the delivery that all of them began with.
    return Placement(base["period_month"], base["part"], base["amends_delivery_id"] or corrected)


def delivery_of(arrival: Arrival, placement: Placement = NOWHERE) -> Delivery:
    """The delivery that the file is. It counts as rejected until its rows were read, checked and judged."""
    return Delivery(
        delivery_id=delivery_id(arrival, placement),
        department=arrival.department,
        extract=arrival.extract,
        file_name=arrival.name,
        sha256=arrival.sha256,
        known_date=arrival.known_date,
        status="rejected",
        name_hash=arrival.name_hash,
        period_month=placement.period_month,
        part=placement.part,
        kind=placement.kind,
        amends_delivery_id=placement.amends_delivery_id,
    )


def delivery_id(arrival: Arrival, placement: Placement) -> str:
    """The day, the extract, whatever tells files of one day and of the same bytes apart, and the digest.

    The id of corrected rows sorts behind every other id of its day, so that they count as newer.
    """
    known, month = arrival.known_date, placement.period_month
    marks = [arrival.extract]
    if month is None:
        marks = [arrival.contract_id if _is_of_contract(arrival) else f"{UNPLACED}-{arrival.name_hash[:8]}"]
    elif placement.kind == "mended":
        marks.append("mended")
    elif not _is_usual(month, known):
        marks.append(f"{month:%Y%m}")
    if placement.part:
        marks.append(placement.part)
    return "-".join([f"{known:%Y%m%d}", *marks, arrival.sha256[:12]])


def _is_of_contract(arrival: Arrival) -> bool:
    return arrival.extract != UNPLACED and arrival.own_folder == arrival.department


def _is_usual(month: date, known: date) -> bool:
    """Whether it is the month a file without a stated month would speak of."""
    apart = (known.year - month.year) * 12 + known.month - month.month
    return apart == 1 or (month == known and known.day > 1)


def is_known(con: Connection, contracts: Mapping[str, Contract], arrival: Arrival) -> bool:
    """Whether the file is nothing new: the same bytes for the same month and part.

    A file once rejected, superseded or withdrawn that is sent again on a later day is a new delivery.
    """
    sent_before = same_content_deliveries(con, arrival.department, arrival.extract, arrival.sha256)
    if sent_before.is_empty():
        return False
    same_day = pl.col("known_date") == arrival.known_date
    try:
        placement = place(con, contracts, arrival)
    except ZhaorenError:
        return not sent_before.filter(same_day).is_empty()
    counts = pl.col("status").is_in(["accepted", "held"])
    # A whole roll holds each of its parts: the same bytes as one of either kind are nothing new.
    same_part = (pl.col("part") == placement.part) | (pl.col("part") == "") | pl.lit(placement.part == "")
    same_month = pl.col("period_month") == placement.period_month
    return not sent_before.filter((same_day | counts) & same_month & same_part).is_empty()
