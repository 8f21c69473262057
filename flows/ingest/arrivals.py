"""What arrived: which delivery a file is, of which month and part, and whether its bytes were seen before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from exchange.receipts.receipts import receipt_id
from flows.context.site import Site
from flows.ingest.filenames import extract_of, parse_name, period_of
from warehouse.deliveries.deliveries import find, same_bytes
from warehouse.loading.load import Delivery
from zhaoren.errors import ZhaorenError

SAME_BYTES = "same bytes"


def arrival(site: Site, path: Path, delivery: Delivery) -> Delivery:
    """The delivery with its id, month, part and kind. Raises ZhaorenError when the file cannot be placed."""
    contract_id = f"{delivery.department}.{delivery.extract}"
    if contract_id not in site.contracts:
        raise ZhaorenError(
            "No contract covers this file.",
            f"{delivery.department}/{delivery.file_name}",
            f"There is no contract {contract_id}.",
            "Name the folder after the department and the file after the extract, or write a contract.",
            code="no_contract",
        )
    mends = receipt_id(path)
    if mends is not None:
        delivery = _mended(site, delivery, mends)
    else:
        name = parse_name(path.name)
        period = period_of(name, delivery.known_date, site.contracts[contract_id].cadence)
        delivery = replace(delivery, period_month=period, part=name.part)
    return replace(delivery, delivery_id=delivery_id(delivery))


def delivery_id(delivery: Delivery) -> str:
    """The delivery's id: day, extract, what tells files of one day and the same bytes apart, digest.

    That of mended rows sorts behind every other of its day, so that they count as the newer word.
    """
    known, sha256 = delivery.known_date, delivery.sha256
    marks = [delivery.extract]
    if delivery.period_month is None:
        marks = [f"{delivery.department}.{delivery.extract}"]
    elif delivery.kind == "mended":
        marks.append("mended")
    elif not _is_usual(delivery.period_month, known):
        marks.append(f"{delivery.period_month:%Y%m}")
    if delivery.part:
        marks.append(delivery.part)
    return "-".join([f"{known:%Y%m%d}", *marks, sha256[:12]])


def _is_usual(month: date, known: date) -> bool:
    """Whether it is the month a file without a stated month would speak of."""
    apart = (known.year - month.year) * 12 + known.month - month.month
    return apart == 1 or (month == known and known.day > 1)


def _mended(site: Site, delivery: Delivery, mends: str) -> Delivery:
    """A receipt sent back: of the month and part of the delivery it belongs to."""
    found = find(site.con, mends).filter(department=delivery.department, extract=delivery.extract)
    if found.is_empty():
        raise ZhaorenError(
            "This receipt belongs to no delivery of this extract.",
            f"{delivery.department}/{delivery.file_name}",
            f"It names the delivery “{mends}”, which is not known here as {delivery.extract}.",
            "Put it under the department and extract it was written for, or send the whole file again.",
            code="receipt_unknown",
        )
    base = found.row(0, named=True)
    if base["status"] != "accepted":
        raise ZhaorenError(
            "This receipt belongs to a delivery that is not in force.",
            f"{delivery.department}/{delivery.file_name}",
            f"The delivery {mends} is {base['status']}, so its mended rows have nothing to be added to.",
            "Mend the newest receipt, or send the whole file again.",
            code="receipt_not_in_force",
        )
    return replace(
        delivery,
        kind="mended",
        amends_delivery_id=base["amends_delivery_id"] or mends,
        period_month=base["period_month"],
        part=base["part"],
    )


def is_known(site: Site, path: Path, sha256: str, known: date) -> bool:
    """Whether the file is nothing new: the same bytes for the same month and part.

    A file once rejected, superseded or withdrawn that is sent again on a later day is a new delivery.
    """
    twins = same_bytes(site.con, path.parent.name, extract_of(path.name), sha256)
    if twins.is_empty():
        return False
    blank = Delivery("", path.parent.name, extract_of(path.name), path.name, sha256, known, "rejected")
    again = pl.col("known_date") == known
    try:
        one = arrival(site, path, blank)
    except ZhaorenError:
        return not twins.filter(again).is_empty()
    stands = pl.col("status").is_in(["accepted", "held"])
    same_part = (pl.col("part") == one.part) | (pl.col("part") == "") | pl.lit(one.part == "")
    same_month = pl.col("period_month") == one.period_month
    return not twins.filter((again | stands) & same_month & same_part).is_empty()


def twin_of(site: Site, delivery: Delivery) -> str:
    """The id of a delivery of another month or part with the same bytes that stands or waits, or ''."""
    twins = same_bytes(site.con, delivery.department, delivery.extract, delivery.sha256)
    twins = twins.filter(
        pl.col("status").is_in(["accepted", "held"]) & (pl.col("delivery_id") != delivery.delivery_id)
    )
    return "" if twins.is_empty() else str(twins.item(-1, "delivery_id"))
