"""The account of one delivery: every row it had is loaded, quarantined or a duplicate (law 1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from data_contracts.contract.model import Contract
from data_contracts.delivery_checks.runner import SuiteRun
from data_contracts.registry.tables import schema
from data_contracts.row_checks.rows import CheckedDelivery
from exchange.reading_notes import Note
from warehouse.deliveries.account import Account, Delivery
from zhaoren.errors import ZhaorenError

HELD_ZH = "整批数据未通过交付检查，本行暂不入库"
RESULTS = schema("ops.check_result", without=("delivery_id",))
READING = schema("ops.reading_note", without=("delivery_id",))


def conserve(delivery: Delivery) -> None:
    """Raises ZhaorenError when a row was neither loaded, nor quarantined, nor a duplicate."""
    accounted = delivery.rows_loaded + delivery.rows_quarantined + delivery.rows_duplicate
    if accounted != delivery.rows_read:
        raise ZhaorenError(
            "Rows were lost.",
            f"{delivery.department}/{delivery.file_name}",
            f"{delivery.rows_read} rows were read but {accounted} are accounted for.",
            "Nothing of this file was loaded. Keep the file and report this as a defect.",
            code="rows_lost",
        )


def account_of(
    delivery: Delivery,
    contract: Contract,
    checked: CheckedDelivery,
    suite: SuiteRun,
    *,
    notes: Iterable[Note],
    profile: pl.DataFrame,
    headers: Mapping[str, str],
) -> Account:
    """What `ops` keeps of the checks; a held or rejected delivery quarantines its good rows too."""
    faults = checked.faults.rename({"reason_zh": "reason"})
    rejecting = pl.col("level") == "reject_row"
    quarantine = faults.filter(rejecting).select("row_no", "rule_id", "column_name", "reason")
    if delivery.status != "accepted":
        waiting = [_held(delivery, good.select("row_no")) for good in checked.good_chunks()]
        quarantine = pl.concat([quarantine, *waiting])
    return Account(
        quarantine=quarantine.sort("row_no", "rule_id"),
        noted=faults.filter(~rejecting).select("row_no", "rule_id", "level", "column_name", "reason"),
        repairs=checked.repairs.select("row_no", "column_name", "kind"),
        duplicates=checked.duplicates.select("row_no"),
        reading=_reading(delivery, notes),
        results=_results(checked, contract, suite),
        originals=checked.quarantined.unpivot(
            index="row_no", variable_name="column_name", value_name="value"
        ).with_columns(pl.col("value").cast(pl.String)),
        profile=profile,
        document=suite.document,
        headers=headers,
    )


def _reading(delivery: Delivery, notes: Iterable[Note]) -> pl.DataFrame:
    """The notes as they are kept; that a receipt sent back has our other sheets too is nothing to tell."""
    ours = delivery.kind == "mended"
    kept = [
        (n.code, n.cnt, n.kept) for n in notes if not (ours and n.code in ("sheet_read", "sheets_unread"))
    ]
    return pl.DataFrame(kept, schema=READING, orient="row")


def _held(delivery: Delivery, good: pl.DataFrame) -> pl.DataFrame:
    return good.select(
        "row_no",
        rule_id=pl.lit(f"{delivery.department}.{delivery.extract}.delivery_{delivery.status}"),
        column_name=pl.lit(None, dtype=pl.String),
        reason=pl.lit(HELD_ZH),
    )


def _results(checked: CheckedDelivery, contract: Contract, suite: SuiteRun) -> pl.DataFrame:
    """rule_id, level, passed, failing_cnt, detail of row rules and delivery rules alike.

    A rule with nothing to compare with has neither passed nor failed: passed is null, detail says why.
    """
    row_rules = [
        (rule.id, rule.level, checked.counts.get(rule.id, 0) == 0, checked.counts.get(rule.id, 0), "")
        for rule in contract.rules_in("row")
    ]
    whole = [
        (r.rule_id, r.level, r.passed if r.checked else None, r.failing_cnt, r.detail) for r in suite.results
    ]
    return pl.DataFrame(row_rules + whole, schema=RESULTS, orient="row").sort("rule_id")
