"""One delivery's way in: its rows are checked and compared with the department's past, judged, and loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.model import Contract
from data_contracts.delivery_checks.foreign_keys import lookups_needed, mark_known
from data_contracts.delivery_checks.past import Past
from data_contracts.delivery_checks.profile import profile_of
from data_contracts.delivery_checks.runner import SuiteRun, check_suite, decide_delivery, queried_columns
from data_contracts.loading.odcs import as_agreed
from data_contracts.row_checks.heads import KIND as HEADS
from data_contracts.row_checks.rows import CheckedDelivery, check_delivery, without_notes
from data_contracts.row_checks.unidentified_rows import unidentified_rows
from exchange.deliveries.reading import OpenDelivery, open_delivery
from exchange.receipts.refusals import SAME_BYTES, TOO_MANY
from flows.context.site import Site
from flows.ingest.accounting import account_of, conserve
from flows.ingest.lookups import Lookups
from warehouse.database.staging import SealedRows, stage
from warehouse.deliveries.account import Delivery
from warehouse.deliveries.deliveries import Decision, same_content_deliveries
from warehouse.deliveries.profiles import past_of
from warehouse.identity.vault import Vault
from warehouse.loading.load import load_delivery
from warehouse.queries.deliveries import is_first_of_month
from zhaoren.errors import ZhaorenError


def check_opened(
    opened: OpenDelivery,
    contract: Contract,
    codes: Mapping[str, CodeTable],
    areas: pl.DataFrame | None,
    known: date | None,
    *,
    kept: SealedRows,
) -> CheckedDelivery:
    """Read and check every row of an opened file that came on the day `known` (None: it is not asked).

    `kept` takes the good rows. Raises ZhaorenError when a row cannot be read.
    """
    chunks = (as_agreed(chunk, contract) for chunk in opened.chunks())
    return check_delivery(chunks, contract, codes, areas, known, kept=kept)


@dataclass(frozen=True)
class Rows:
    """The delivery's file, opened, and what the checks of its rows found."""

    opened: OpenDelivery
    checked: CheckedDelivery


@dataclass(frozen=True)
class Loader:
    """Loads one delivery into an open site. `check` reads and writes nothing; `load` is all or nothing.

    confirm: raises ZhaorenError when the file, after its rows were read, is no longer the one that was
    archived.
    """

    site: Site
    vault: Vault
    lookups: Lookups
    contract: Contract
    delivery: Delivery
    confirm: Callable[[], None] = lambda: None

    def check(self, path: Path) -> Rows:
        """Read and check every row. Raises ZhaorenError when a row cannot be read."""
        opened = open_delivery(path, self.contract, self.site.contracts)
        known = self.delivery.known_date
        kept = SealedRows(self.site.home.scratch)
        checked = check_opened(opened, self.contract, self.site.codes, self.site.areas, known, kept=kept)
        if self.delivery.kind == "mended":
            checked = without_notes(checked, self.contract, HEADS)  # a few rows are not whole households
        return Rows(opened, checked)

    def load(self, rows: Rows, released: Decision | None = None) -> Delivery:
        """Load the rows if no rule objects to the delivery, or a person released it.

        Returns the delivery with its status and its account of rows. Raises ZhaorenError when a rule refuses
        for good what was to be released.
        """
        checked = rows.checked
        staged = self._staged(checked)
        suite = self._suite(staged)
        delivery = self._judged(rows, suite, is_released=released is not None)
        conserve(delivery)
        if released is not None and delivery.status != "accepted":
            raise _refused_for_good(delivery)
        account = account_of(
            delivery,
            self.contract,
            checked,
            suite,
            notes=rows.opened.notes,
            profile=profile_of(staged, self.contract),
            headers=rows.opened.own_headers,
        )
        decision = released or decided(self.site, delivery)
        unidentified = self._unidentified(checked)
        self.confirm()
        load_delivery(
            self.site.con,
            self.vault,
            self.contract,
            delivery,
            good=checked.good_chunks,
            account=account,
            decision=decision,
            unidentified=unidentified,
        )
        return delivery

    def _staged(self, checked: CheckedDelivery) -> pl.DataFrame:
        """What the suite looks at, with who is known to the extracts that the contract refers to."""
        staged, contracts = checked.stage, self.site.contracts
        for column, referenced, of in lookups_needed(self.contract):
            if referenced in contracts:
                extract, known = contracts[referenced].extract, self.delivery.known_date
                numbers = self.lookups.number_hashes(extract, of, known)
                staged = mark_known(staged, checked.references, column, numbers)
        return staged

    def _suite(self, staged: pl.DataFrame) -> SuiteRun:
        """The contract's delivery rules, by Great Expectations over a staged copy without identifiers.

        Corrected rows are few: what a whole delivery must satisfy is not expected of them.
        """
        if self.delivery.kind == "mended":
            return SuiteRun(())
        past = self._past()
        path = stage(self.site.home.scratch / "staging.duckdb", queried_columns(self.contract, past, staged))
        try:
            return check_suite(self.contract, path, "staged", past)
        finally:
            path.unlink(missing_ok=True)

    def _past(self) -> Past:
        delivery, con = self.delivery, self.site.con
        period = delivery.period_month or delivery.known_date
        in_force = self.lookups.in_force(delivery)
        past = past_of(con, self.contract, delivery.known_date, period, part=delivery.part, standing=in_force)
        if is_first_of_month(con, delivery):
            return past
        return replace(past, promised_date=None, last_known_date=None)  # a correction is not late

    def _judged(self, rows: Rows, suite: SuiteRun, *, is_released: bool) -> Delivery:
        """The delivery with its verdict, the reason for it, and what became of each row."""
        checked = rows.checked
        verdict = "rejected" if checked.must_be_held else decide_delivery(suite.results)
        counterpart = "" if is_released else self._same_content()
        if is_released and verdict == "held":
            verdict = "accepted"
        elif counterpart and verdict == "accepted":
            verdict = "held"
        waits = verdict != "accepted"
        reasons = [f"{SAME_BYTES} as {counterpart}"] if counterpart else []
        reasons += [TOO_MANY] if checked.must_be_held else []
        reasons += [r.rule_id for r in suite.results if not r.passed and r.level.endswith("delivery")]
        return replace(
            self.delivery,
            status=verdict,
            rows_read=checked.rows_read,
            rows_loaded=0 if waits else checked.rows_good,
            rows_quarantined=checked.rows_refused + (checked.rows_good if waits else 0),
            rows_duplicate=checked.duplicates.height,
            encoding=rows.opened.encoding,
            reason="; ".join(reasons),
        )

    def _same_content(self) -> str:
        """The id of a delivery of another month or part with the same bytes, accepted or held; '' for none.

        A department that sends last month's file again has made a mistake, or nothing changed: a person asks.
        """
        delivery = self.delivery
        found = same_content_deliveries(self.site.con, delivery.department, delivery.extract, delivery.sha256)
        counts = pl.col("status").is_in(["accepted", "held"])
        found = found.filter(counts & (pl.col("delivery_id") != delivery.delivery_id))
        return "" if found.is_empty() else str(found.item(-1, "delivery_id"))

    def _unidentified(self, checked: CheckedDelivery) -> pl.DataFrame | None:
        """Refused rows that say whom they speak of though not by a number.

        Those still uncorrected when a receipt comes back were recognised with the delivery they belong to.
        """
        if self.delivery.kind != "full":
            return None
        return unidentified_rows(checked, self.contract, self.site.codes, checked.good_chunks())


def decided(site: Site, delivery: Delivery) -> Decision:
    """What the rules decided of a delivery, for its record."""
    return Decision(delivery.status, delivery.known_date, site.now(), "rules", delivery.reason)


def _refused_for_good(delivery: Delivery) -> ZhaorenError:
    return ZhaorenError(
        "The delivery cannot be released.",
        delivery.delivery_id,
        f"It breaks a rule that refuses the whole delivery: {delivery.reason}.",
        "Ask the department for a corrected file.",
        code="release_refused",
    )
