"""One delivery's rows: checked, compared with the department's past, accepted or not, and loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.model import Contract
from data_contracts.delivery_checks.foreign_keys import lookups_needed, mark_known
from data_contracts.delivery_checks.profile import profile_of
from data_contracts.delivery_checks.runner import (
    Past,
    SuiteRun,
    check_suite,
    decide_delivery,
    queried_columns,
)
from data_contracts.loading.odcs import as_agreed
from data_contracts.row_checks.rows import CheckedDelivery, check_delivery
from data_contracts.row_checks.unidentified_rows import unidentified_rows
from exchange.deliveries.reading import OpenDelivery
from flows.context.site import Site
from flows.ingest.accounting import account_of, conserve
from flows.ingest.arrivals import SAME_BYTES, twin_of
from warehouse.database.staging import stage
from warehouse.deliveries.deliveries import Decision
from warehouse.deliveries.profiles import past_of, standing_at
from warehouse.identity.vault import Vault
from warehouse.loading.load import Delivery, load_delivery
from zhaoren.errors import ZhaorenError

TOO_MANY = "more rows are refused than can be sent back one by one"


def check_opened(
    contract: Contract, opened: OpenDelivery, codes: Mapping[str, CodeTable], areas: pl.DataFrame | None
) -> CheckedDelivery:
    """Every row read and checked. Raises ZhaorenError when a row cannot be read; then nothing is loaded."""

    def chunks() -> Iterator[pl.DataFrame]:
        return (as_agreed(chunk, contract) for chunk in opened.chunks())

    return check_delivery(chunks, contract, codes, areas)


def load_checked(
    site: Site,
    vault: Vault,
    contract: Contract,
    delivery: Delivery,
    opened: OpenDelivery,
    checked: CheckedDelivery,
    released: Decision | None = None,
) -> Delivery:
    """Load the rows if nothing stands against the delivery, or a person released it.

    Returns the delivery with its status and its account of rows. Mended rows are few: what a whole delivery
    must satisfy is not asked of them.
    """
    staged = _staged(site, vault, contract, delivery, checked)
    suite = SuiteRun(()) if delivery.kind == "mended" else _suite(site, contract, delivery, staged)
    delivery = _judged(site, delivery, opened, checked, suite, is_released=released is not None)
    conserve(delivery)
    if released is not None and delivery.status != "accepted":
        raise _refused_for_good(delivery)
    account = account_of(delivery, contract, checked, suite, profile_of(staged, contract))
    decision = released or decided(site, delivery)
    # Rows still unmended when a receipt comes back were recognised with the delivery they belong to.
    unidentified = None
    if delivery.kind == "full":
        unidentified = unidentified_rows(checked, contract, site.codes, checked.good_chunks())
    load_delivery(site.con, vault, contract, delivery, checked.good_chunks, account, decision, unidentified)
    return delivery


def decided(site: Site, delivery: Delivery) -> Decision:
    """What the rules decided of a delivery, for its record."""
    return Decision(delivery.status, delivery.known_date, site.now(), "rules", delivery.reason)


def _judged(
    site: Site,
    delivery: Delivery,
    opened: OpenDelivery,
    checked: CheckedDelivery,
    suite: SuiteRun,
    is_released: bool,
) -> Delivery:
    """The delivery with its verdict, the reason for it, and what became of each row."""
    verdict = "rejected" if checked.must_be_held else decide_delivery(suite.results)
    twin = "" if is_released else twin_of(site, delivery)
    if is_released and verdict == "held":
        verdict = "accepted"
    elif twin and verdict == "accepted":
        verdict = "held"
    waits = verdict != "accepted"
    reasons = [f"{SAME_BYTES} as {twin}"] if twin else []
    reasons += [TOO_MANY] if checked.must_be_held else []
    reasons += [r.rule_id for r in suite.results if not r.passed and r.level.endswith("delivery")]
    return replace(
        delivery,
        status=verdict,
        rows_read=checked.rows_read,
        rows_loaded=0 if waits else checked.rows_good,
        rows_quarantined=checked.rows_refused + (checked.rows_good if waits else 0),
        rows_duplicate=checked.duplicates.height,
        encoding=opened.encoding,
        reason="; ".join(reasons),
        headers=json.dumps(opened.own_headers, ensure_ascii=False),
    )


def _refused_for_good(delivery: Delivery) -> ZhaorenError:
    return ZhaorenError(
        "The delivery cannot be released.",
        delivery.delivery_id,
        f"It breaks a rule that refuses the whole delivery: {delivery.reason}.",
        "Ask the department for a corrected file.",
        code="release_refused",
    )


def _staged(
    site: Site, vault: Vault, contract: Contract, delivery: Delivery, checked: CheckedDelivery
) -> pl.DataFrame:
    """What the suite looks at, with who is known to the extracts that the contract refers to."""
    staged = checked.stage
    for column, referenced, of in lookups_needed(contract):
        if referenced in site.contracts:
            numbers = _numbers(site, vault, site.contracts[referenced].extract, of, delivery)
            staged = mark_known(staged, checked.good_chunks(), column, numbers)
    return staged


def _numbers(site: Site, vault: Vault, extract: str, column: str, delivery: Delivery) -> pl.Series:
    """The ID numbers of an extract known by the delivery's day; kept until that extract changes."""
    person, day = column.replace("id_number", "person_id"), [delivery.known_date]
    standing = site.con.execute(
        "SELECT list(delivery_id ORDER BY delivery_id) FROM ops.delivery "
        "WHERE status = 'accepted' AND extract = ? AND known_date <= ?",
        [extract, *day],
    ).fetchone()
    asked = f"SELECT DISTINCT {person} AS person_id FROM core.{extract} WHERE known_date <= ?"
    kept = site.memory.setdefault("numbers", {})
    if kept.get((extract, column), (None,))[0] != standing:
        persons = site.con.execute(asked, day).pl().get_column("person_id")
        kept[extract, column] = (standing, vault.numbers(persons))
    return kept[extract, column][1]  # type: ignore[no-any-return]


def _suite(site: Site, contract: Contract, delivery: Delivery, staged: pl.DataFrame) -> SuiteRun:
    """The contract's delivery rules, by Great Expectations over a staged copy without identifiers."""
    past = _past(site, contract, delivery)
    path = stage(site.home.scratch / "staging.duckdb", queried_columns(contract, past, staged))
    try:
        return check_suite(contract, path, "staged", past)
    finally:
        path.unlink(missing_ok=True)


def _past(site: Site, contract: Contract, delivery: Delivery) -> Past:
    period = delivery.period_month or delivery.known_date
    past = past_of(site.con, contract, delivery.known_date, period, delivery.part, _standing(site, delivery))
    if not _is_first(site, delivery):
        return replace(past, promised_date=None, last_known_date=None)  # a correction is not late
    return past


def _standing(site: Site, delivery: Delivery) -> pl.DataFrame:
    """What stood on the delivery's day; asked anew when a second file of an extract comes on one day."""
    known, seen, standing = site.memory.get("standing", (None, set(), None))
    if known != delivery.known_date or delivery.extract in seen:
        seen, standing = set(), standing_at(site.con, delivery.known_date)
    site.memory["standing"] = (delivery.known_date, seen | {delivery.extract}, standing)
    return standing


def _is_first(site: Site, delivery: Delivery) -> bool:
    """Whether nothing of this extract, month and part came before it."""
    found = site.con.execute(
        "SELECT 1 FROM ops.delivery WHERE department = ? AND extract = ? AND period_month = ? AND part = ? "
        "AND delivery_id <> ? LIMIT 1",
        [delivery.department, delivery.extract, delivery.period_month, delivery.part, delivery.delivery_id],
    )
    return found.fetchone() is None
