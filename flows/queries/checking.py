"""Any contract on any file, as counts: the work behind the command `check`; nothing is stored."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from data_contracts.contract.code_tables import CodeTable, load_codes
from data_contracts.contract.model import Contract
from data_contracts.loading.contracts import contracts_in, load_contracts
from flows.queries.referenced_tables import mark_referenced
from zhaoren.errors import ZhaorenError

if TYPE_CHECKING:
    from data_contracts.delivery_checks.runner import CheckResult
    from data_contracts.row_checks.rows import CheckedDelivery

COUNTS = ("rows_read", "rows_good", "rows_faulty", "rows_duplicate")
# Why a rule could not run is shown on one line of a table; an engine's message may be a page.
_LONGEST_REASON = 300


def check_file(
    file: Path,
    contract_or_id: str,
    *,
    schema: str | None = None,
    rows_only: bool = False,
    receipt: Path | None = None,
    references: Sequence[str] = (),
    known: date | None = None,
) -> dict[str, Any]:
    """What a contract finds in one file, as counts; no cell's value is among it.

    `known`: the day the file came, after which nothing in it can have happened; None: that is not asked.
    `references`: other tables' files as NAME=FILE, to look up what this file refers to.
    `rules`: failing rows per broken rule (1 for a rule on the whole file). `not_run`: rules that need what a
    single file does not have, and why. Raises ZhaorenError when contract or file cannot be read.
    """
    from data_contracts.delivery_checks.runner import decide_delivery
    from exchange.deliveries.headers import vocabulary
    from exchange.deliveries.peeking import shown_headers
    from exchange.deliveries.reading import open_delivery
    from flows.ingest.loader import check_opened
    from warehouse.database.staging import SealedRows

    tables, contract = _tables(file, contract_or_id, schema)
    text = open_delivery(file, contract)
    kept = SealedRows(Path(tempfile.gettempdir()))
    checked = check_opened(text, contract, _codes(contract_or_id), _areas(contract), known, kept=kept)
    if rows_only:
        results: list[CheckResult] = []
        not_run = {rule.id: "left out by --rows-only" for rule in contract.rules_in("suite")}
    else:
        results, not_run = _delivery_rules(contract, mark_referenced(contract, tables, checked, references))
    names = shown_headers(text, vocabulary([*load_contracts().values(), contract]))
    broken = {rule: count for rule, count in checked.counts.items() if count}
    broken |= {result.rule_id: result.failing_cnt for result in results if not result.passed}
    levels = {rule.id: rule.level for rule in contract.rules}
    written = _receipt(receipt, contract, file, checked, results) if receipt else None
    return {
        "contract": contract.id,
        **_counts(checked),
        "verdict": decide_delivery(results),
        "passed": all(levels[rule] == "note" for rule in broken),
        "rules": dict(sorted(broken.items())),
        "levels": {rule: levels[rule] for rule in sorted(broken)},
        "rules_run": len(contract.rules_in("row")) + len(results),
        "not_run": dict(sorted(not_run.items())),
        "documented": [rule.id for rule in contract.rules_in("documented")],
        "why_documented": {rule.id: rule.why_documented for rule in contract.rules_in("documented")},
        "unknown_headers": [names[header] for header in text.unknown_headers],
        "missing_headers": list(text.missing_headers),
        **({"receipt": str(written)} if written else {}),
    }


def _counts(checked: CheckedDelivery) -> dict[str, int]:
    counts = (checked.rows_read, checked.rows_good, checked.rows_refused, checked.duplicates.height)
    return dict(zip(COUNTS, counts, strict=True))


def _tables(file: Path, contract_or_id: str, schema: str | None) -> tuple[Mapping[str, Contract], Contract]:
    """Every table the contract may refer to, and the one to check the file by."""
    known = load_contracts()
    if contract_or_id in known:
        return known, known[contract_or_id]
    if not Path(contract_or_id).is_file():
        raise ZhaorenError(
            f"There is no contract “{contract_or_id}”.",
            "",
            "",
            f"Name a YAML file or one of: {', '.join(sorted(known))}.",
        )
    found = contracts_in(Path(contract_or_id))
    if schema is not None and schema not in found:
        what = f"There is no table “{schema}” in this contract."
        raise ZhaorenError(what, contract_or_id, "", f"Name one of: {', '.join(found)}.")
    return {**known, **found}, found[schema] if schema else _best_fit(file, found)


def _best_fit(file: Path, found: Mapping[str, Contract]) -> Contract:
    """The table whose headers fit the file best; the first of equals."""
    if len(found) == 1:
        return next(iter(found.values()))
    from exchange.deliveries.reading import guess_contract

    guesses = guess_contract(file, found)
    if not guesses:
        raise ZhaorenError(
            "No table of this contract fits the file.",
            file.name,
            "None of its rows holds the headers of one.",
            f"Name the table with --schema: {', '.join(found)}.",
        )
    return found[guesses[0][0]]


def _codes(contract_or_id: str) -> dict[str, CodeTable]:
    """The shipped code tables, and those that lie beside a contract's file (<folder>/codes/*.yaml)."""
    beside = Path(contract_or_id).absolute().parent.parent / "codes"
    return load_codes() | (load_codes(beside) if Path(contract_or_id).is_file() and beside.is_dir() else {})


def _areas(contract: Contract) -> pl.DataFrame | None:
    """Area codes with their years, where a rule of the contract needs them: reading them takes a while."""
    if not any(rule.kind == "area" for rule in contract.rules):
        return None
    from divisions import area_codes

    return area_codes().select("code", "start_year", "end_year")


def _delivery_rules(contract: Contract, staged: pl.DataFrame) -> tuple[list[CheckResult], dict[str, str]]:
    """Results of the rules on the whole delivery, and those that could not be run with the reason.

    A rule that the engine refuses (a query in another dialect, say) is set aside; the others still run.
    """
    from data_contracts.delivery_checks.runner import check_suite
    from warehouse.database.staging import stage

    not_run: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="zhaoren-check-") as folder:
        path = stage(Path(folder) / "staged.duckdb", staged)
        while True:
            try:
                rules = tuple(rule for rule in contract.rules if rule.id not in not_run)
                results = check_suite(replace(contract, rules=rules), path, "staged").results
                break
            except ZhaorenError as error:
                # `where` names the rule that failed; anything else is not a rule's fault, and a rule named
                # twice would keep this loop going for ever.
                if error.where not in {rule.id for rule in contract.rules} - set(not_run):
                    raise
                not_run[error.where] = f"{error.what}: {error.why}".splitlines()[0][:_LONGEST_REASON]
    not_run |= {result.rule_id: result.detail for result in results if not result.checked}
    return [result for result in results if result.checked], not_run


def _receipt(
    folder: Path, contract: Contract, file: Path, checked: CheckedDelivery, results: Sequence[CheckResult]
) -> Path:
    from exchange.receipts.receipts import Findings, receipt_name, write_receipt

    folder.mkdir(parents=True, exist_ok=True)
    refused = checked.quarantined.select("row_no")
    found = Findings(
        faults=checked.faults.join(refused, on="row_no", how="semi"),
        originals=checked.quarantined,
        noted=checked.faults.join(refused, on="row_no", how="anti"),
        repairs=checked.repairs,
        duplicates=checked.duplicates,
        results=pl.DataFrame(
            [(result.rule_id, result.passed, result.failing_cnt) for result in results],
            schema={"rule_id": pl.String, "passed": pl.Boolean, "failing_cnt": pl.Int64},
            orient="row",
        ),
    )
    info = {
        "file_name": file.name,
        "rows_read": checked.rows_read,
        "rows_loaded": checked.rows_good,
        "rows_quarantined": checked.rows_refused,
        "rows_duplicate": checked.duplicates.height,
    }
    path = folder / receipt_name(file.name)
    write_receipt(path, contract, info, found)
    return path
