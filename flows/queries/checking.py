"""Any contract on any file, as counts: the work behind the command `check`; nothing is stored."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from data_contracts.contract.code_tables import CodeTable, load_codes
from data_contracts.contract.model import Contract
from data_contracts.loading.contracts import contracts_in, load_contracts
from zhaoren.errors import ZhaorenError

COUNTS = ("rows_read", "rows_good", "rows_faulty", "rows_duplicate")


def check_file(
    file: Path,
    contract: str,
    schema: str | None = None,
    rows_only: bool = False,
    receipt: Path | None = None,
    references: Sequence[str] = (),
) -> dict[str, Any]:
    """What a contract finds in one file, as counts; no cell's value is among it.

    `references`: other tables' files as NAME=FILE, to look up what this file refers to.
    `rules`: failing rows per broken rule (1 for a rule on the whole file). `not_run`: rules that need what a
    single file does not have, and why. Raises ZhaorenError when contract or file cannot be read.
    """
    from data_contracts.delivery_checks.runner import decide_delivery
    from exchange.deliveries.reading import open_delivery
    from flows.ingest.loader import check_opened

    tables, agreed = _agreed(file, contract, schema)
    text = open_delivery(file, agreed)
    checked = check_opened(text, agreed, _codes(contract), _areas(agreed))
    results, not_run = (
        _left_out(agreed)
        if rows_only
        else _delivery_rules(agreed, _looked_up(agreed, tables, checked, references))
    )
    broken = {rule: count for rule, count in checked.counts.items() if count}
    broken |= {result.rule_id: result.failing_cnt for result in results if not result.passed}
    levels = {rule.id: rule.level for rule in agreed.rules}
    counts = (checked.rows_read, checked.rows_good, checked.rows_refused, checked.duplicates.height)
    written = _receipt(receipt, agreed, file, checked, results, dict(zip(COUNTS, counts, strict=True)))
    return {
        "contract": agreed.id,
        **dict(zip(COUNTS, counts, strict=True)),
        "verdict": decide_delivery(results),
        "passed": all(levels[rule] == "note" for rule in broken),
        "rules": dict(sorted(broken.items())),
        "levels": {rule: levels[rule] for rule in sorted(broken)},
        "rules_run": len(agreed.rules_in("row")) + len(results),
        "not_run": dict(sorted(not_run.items())),
        "documented": [rule.id for rule in agreed.rules_in("documented")],
        "why_documented": {rule.id: rule.why_documented for rule in agreed.rules_in("documented")},
        "unknown_headers": list(text.unknown_headers),
        "missing_headers": list(text.missing_headers),
        **({"receipt": str(written)} if written else {}),
    }


def _agreed(file: Path, contract: str, schema: str | None) -> tuple[Mapping[str, Contract], Contract]:
    """Every table the contract may refer to, and the one to check by."""
    known = load_contracts()
    if contract in known:
        return known, known[contract]
    if not Path(contract).is_file():
        raise ZhaorenError(
            f"There is no contract “{contract}”.",
            "",
            "",
            f"Name a YAML file or one of: {', '.join(sorted(known))}.",
        )
    found = contracts_in(Path(contract))
    if schema is not None and schema not in found:
        what = f"There is no table “{schema}” in this contract."
        raise ZhaorenError(what, contract, "", f"Name one of: {', '.join(found)}.")
    return {**known, **found}, found[schema] if schema else _fitting(file, found)


def _fitting(file: Path, found: Mapping[str, Contract]) -> Contract:
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


def _codes(contract: str) -> dict[str, CodeTable]:
    """The shipped code tables, and those that lie beside a contract's file (<folder>/codes/*.yaml)."""
    beside = Path(contract).absolute().parent.parent / "codes"
    return load_codes() | (load_codes(beside) if Path(contract).is_file() and beside.is_dir() else {})


def _areas(agreed: Contract) -> Any:
    if not any(rule.kind == "area" for rule in agreed.rules):
        return None
    from divisions import area_codes

    return area_codes().select("code", "start_year", "end_year")


def _delivery_rules(agreed: Contract, staged: Any) -> tuple[list[Any], dict[str, str]]:
    """Results of the rules on the whole delivery, and those that could not be run with the reason.

    A rule that the engine refuses (a query in another dialect, say) is set aside; the others still run.
    """
    from data_contracts.delivery_checks.runner import run_suite
    from warehouse.database.staging import stage

    not_run: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="zhaoren-check-") as folder:
        path = stage(Path(folder) / "staged.duckdb", staged)
        while True:
            try:
                rules = tuple(rule for rule in agreed.rules if rule.id not in not_run)
                results = run_suite(replace(agreed, rules=rules), path, "staged")
                break
            except ZhaorenError as error:
                if error.where not in {rule.id for rule in agreed.rules} - set(not_run):
                    raise
                not_run[error.where] = f"{error.what}: {error.why}".splitlines()[0][:300]
    not_run |= {result.rule_id: result.detail for result in results if not result.checked}
    return [result for result in results if result.checked], not_run


def _left_out(agreed: Contract) -> tuple[list[Any], dict[str, str]]:
    return [], {rule.id: "left out by --rows-only" for rule in agreed.rules_in("suite")}


def _looked_up(
    agreed: Contract, tables: Mapping[str, Contract], checked: Any, references: Sequence[str]
) -> pl.DataFrame:
    """The staged rows, marked where what they refer to stands in `references`, or in the file itself."""
    from data_contracts.delivery_checks.foreign_keys import mark_known

    files = dict(_named_file(one) for one in references)
    stage = checked.stage
    for rule in agreed.rules_in("suite"):
        if rule.kind != "orphan_share":
            continue
        table, _, column = str(rule.options["references"]).replace("/", ".").rpartition(".")
        table = table if table in files or table in tables else table.rpartition(".")[2]
        if table == agreed.extract and table not in files:
            own = column in {c.name for c in agreed.columns}
            known = pl.concat([chunk[column] for chunk in checked.good_chunks()]) if own else None
        else:
            known = _known_values(files.get(table), tables.get(table), column)
        if known is not None:
            stage = mark_known(stage, checked.good_chunks(), str(rule.column), known.drop_nulls())
    return stage


def _named_file(text: str) -> tuple[str, Path]:
    name, given, path = text.partition("=")
    if not given or not Path(path).is_file():
        raise ZhaorenError(
            f"“{text}” names no table's file.",
            "",
            "",
            "Write --reference TABLE=FILE, and a file that is there.",
        )
    return name, Path(path)


def _known_values(file: Path | None, contract: Contract | None, column: str) -> pl.Series | None:
    if file is None or contract is None or column not in {c.name for c in contract.columns}:
        return None
    from data_contracts.row_checks.rows import check_rows
    from exchange.deliveries.reading import read_delivery

    return check_rows(read_delivery(file, contract).frame, contract, load_codes()).good[column]


def _receipt(
    folder: Path | None, agreed: Contract, file: Path, checked: Any, results: Sequence[Any], counts: Any
) -> Path | None:
    if folder is None:
        return None
    from exchange.receipts.receipts import Findings, receipt_name, write_receipt

    folder.mkdir(parents=True, exist_ok=True)
    refused = checked.faults.join(checked.quarantined.select("row_no"), on="row_no", how="semi")
    told = [(result.rule_id, result.passed, result.failing_cnt) for result in results]
    found = Findings(
        faults=refused,
        originals=checked.quarantined,
        noted=checked.faults.join(checked.quarantined.select("row_no"), on="row_no", how="anti"),
        repairs=checked.repairs,
        duplicates=checked.duplicates,
        results=pl.DataFrame(told, schema=_RESULTS, orient="row"),
    )
    info = {
        "file_name": file.name,
        "rows_read": counts["rows_read"],
        "rows_loaded": counts["rows_good"],
        "rows_quarantined": counts["rows_faulty"],
        "rows_duplicate": counts["rows_duplicate"],
    }
    path = folder / receipt_name(file.name)
    write_receipt(path, agreed, info, found)
    return path


_RESULTS = {"rule_id": pl.String, "passed": pl.Boolean, "failing_cnt": pl.Int64}
