"""A delivery's promises, checked by Great Expectations on a staged copy in DuckDB.

The staged table has one row per record read, without identifiers: row_no, is_faulty, is_duplicate,
has_<column> for every column, and what staged.py adds for the rules that look at values.
Great Expectations is imported on first use: it takes seconds.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from data_contracts.contract.model import Contract, Rule
from data_contracts.delivery_checks.expectations import Past, expectation_for
from zhaoren.errors import ZhaorenError
from zhaoren.sql_text import quoted_name

__all__ = [
    "CheckResult", "ExpectationConfig", "Past", "SuiteRun", "queried_columns", "check_suite", "compile_suite",
    "decide_delivery", "run_suite", "warmed_up",
]  # fmt: skip
_DATASOURCE = "deliveries"
NOTHING = "nothing to compare with"
_ONE_AT_A_TIME = threading.Lock()
# A contract's SQL looks at the staged table and at no other file of the machine.
_CLOSED = {"connect_args": {"config": {"enable_external_access": "false"}}}
logging.getLogger("great_expectations").setLevel(logging.WARNING)  # it chats while it is imported


@dataclass(frozen=True)
class CheckResult:
    """What one delivery rule found. failing_cnt: rows of a broken share; 1 or 0 for whole-file rules.

    `checked` is False where the rule had nothing to compare with: then it has neither passed nor failed,
    `passed` is True only in that it holds nothing up, and `detail` says what was wanting.
    """

    rule_id: str
    level: str
    passed: bool
    failing_cnt: int
    detail: str = ""
    checked: bool = True


@dataclass(frozen=True)
class ExpectationConfig:
    """One Great Expectations expectation: its type and arguments, for one rule of the contract.

    `nothing`: why it cannot be run here (an unknown past); needs: the staged columns it reads.
    """

    rule_id: str
    level: str
    type: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    kind: str = ""
    counts_rows: bool = False
    needs: tuple[str, ...] = ()
    nothing: str = ""


@dataclass(frozen=True)
class SuiteRun:
    """One delivery's suite as it ran: a result per rule, and the validation document for Data Docs.

    document: Great Expectations' own result as plain JSON values, without rows; {} where nothing ran.
    """

    results: tuple[CheckResult, ...]
    document: Mapping[str, Any] = field(default_factory=dict)


def compile_suite(contract: Contract, past: Past | int | None = None) -> list[ExpectationConfig]:
    """Every suite rule of the contract as one expectation, in the contract's order.

    `past`: what is known of earlier deliveries; a number stands for the previous delivery's rows.
    """
    known = past if isinstance(past, Past) else Past(previous_rows=past)
    return [_expectation(contract, rule, known) for rule in contract.rules_in("suite")]


def run_suite(
    contract: Contract,
    database: str | Path,
    table: str,
    past: Past | None = None,
    previous_rows: int | None = None,
) -> list[CheckResult]:
    """Run the contract's suite on `table` of a DuckDB file (a path or a `duckdb:///…` address).

    `previous_rows` is short for a past of which only that is known. One result per rule: a rule whose past
    is unknown gives one that is not `checked`. ZhaorenError when a check itself fails.
    """
    return list(check_suite(contract, database, table, past or Past(previous_rows=previous_rows)).results)


def check_suite(contract: Contract, database: str | Path, table: str, past: Past | None = None) -> SuiteRun:
    """`run_suite` with the validation document that Data Docs are made from."""
    configs = compile_suite(contract, past or Past())
    if not configs:
        return SuiteRun(())
    configs, outcome, document = _validate(configs, str(database), table)
    results = [
        _result(config, outcome[config.rule_id]) if config.rule_id in outcome else _unchecked(config)
        for config in configs
    ]
    return SuiteRun(tuple(results), document)


def queried_columns(contract: Contract, past: Past | None, stage: pl.DataFrame) -> pl.DataFrame:
    """The stage's columns that a question of the suite names: the others need not be written for it."""
    configs = compile_suite(contract, past)
    text = " ".join(f"{config.kwargs} {config.needs}" for config in configs)
    return stage.select("row_no", *(name for name in stage.columns if name != "row_no" and name in text))


def decide_delivery(results: Sequence[CheckResult]) -> str:
    """accepted, held (a person decides) or rejected (nothing is loaded), by the worst failed rule."""
    failed = {result.level for result in results if not result.passed}
    if "reject_delivery" in failed:
        return "rejected"
    return "held" if "hold_delivery" in failed else "accepted"


def _expectation(contract: Contract, rule: Rule, past: Past) -> ExpectationConfig:
    found = expectation_for(contract, rule, past)
    return ExpectationConfig(
        rule_id=rule.id,
        level=rule.level,
        type=found.type,
        kwargs=found.kwargs,
        description=rule.zh,
        kind=rule.kind,
        counts_rows=found.counts_rows,
        needs=found.needs,
        nothing=found.nothing,
    )


def _unchecked(config: ExpectationConfig) -> CheckResult:
    return CheckResult(config.rule_id, config.level, True, 0, f"{NOTHING}: {config.nothing}", checked=False)


def _result(config: ExpectationConfig, result: Any) -> CheckResult:
    broken = [entry for entry in result.exception_info.values() if isinstance(entry, dict)]
    if any(entry.get("raised_exception") for entry in broken) or result.exception_info.get(
        "raised_exception"
    ):
        why = next((str(entry.get("exception_message")) for entry in broken), "")
        todo = "run `zhaoren contracts lint`; if it finds nothing, report this as a defect"
        raise ZhaorenError("a check of the delivery could not run", config.rule_id, why, todo)
    observed = result.result.get("observed_value")
    failing = int(observed or 0) if config.counts_rows else int(not result.success)
    return CheckResult(config.rule_id, config.level, bool(result.success), failing, _detail(config, result))


def _detail(config: ExpectationConfig, result: Any) -> str:
    """What was seen: a row count, the numbers that were out of bounds, the parts that are missing."""
    rows = (result.result.get("details") or {}).get("unexpected_rows") or []
    if config.kind == "partition":
        return ", ".join(str(row["part"]) for row in rows)
    if rows and not config.counts_rows:
        return ", ".join(f"{key} {value}" for key, value in rows[0].items())
    observed = result.result.get("observed_value")
    return "" if observed is None else str(observed)


def _validate(
    configs: Sequence[ExpectationConfig], database: str, table: str
) -> tuple[list[ExpectationConfig], dict[str, Any], dict[str, Any]]:
    """The configs (with what is not staged marked so), the results by rule id, and the document."""
    import great_expectations as gx

    context = _context()
    address = database if database.startswith("duckdb:") else f"duckdb:///{database}"
    source = context.data_sources.add_sql(_DATASOURCE, connection_string=address, kwargs=_CLOSED)
    try:
        configs = _against(configs, _columns(source, table))
        asked = [_configuration(config) for config in configs if not config.nothing]
        # Given at once: the suite's own `add` takes two rules of one type on the table for the same.
        suite = gx.ExpectationSuite(configs[0].rule_id.rsplit(".", 1)[0], expectations=asked)
        asset = source.add_table_asset(table, table_name=table)
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        report = batch.validate(suite, result_format={"result_format": "COMPLETE"})
        found = {result.expectation_config.meta["rule_id"]: result for result in report.results}
        return configs, found, _document(configs, report)
    finally:
        # An open handle keeps the file locked and its pages in memory.
        source.get_execution_engine().close()
        source.get_engine().dispose()
        context.data_sources.delete(_DATASOURCE)


def _columns(source: Any, table: str) -> set[str]:
    # Not from the catalogue: DuckDB's views of it take longer than a check.
    with source.get_engine().connect() as connection:
        asked = connection.exec_driver_sql(f"SELECT * FROM {quoted_name(table)} LIMIT 0")
        return set(asked.keys())


def _against(configs: Sequence[ExpectationConfig], columns: set[str]) -> list[ExpectationConfig]:
    """Rules on columns that nobody staged have nothing to look at; the result says which."""
    found = []
    for config in configs:
        missing = [column for column in config.needs if column not in columns]
        why = f"the staged table has no {', '.join(missing)}"
        found.append(replace(config, nothing=why) if missing and not config.nothing else config)
    return found


def _document(configs: Sequence[ExpectationConfig], report: Any) -> dict[str, Any]:
    """The validation result as plain values in the contract's order; rows and machine paths left out."""
    whole = report.to_json_dict()
    order = {config.rule_id: place for place, config in enumerate(configs)}
    seen = {r.expectation_config.meta["rule_id"]: r for r in report.results}
    details = {
        config.rule_id: _detail(config, seen[config.rule_id]) for config in configs if not config.nothing
    }
    results = sorted(whole["results"], key=lambda r: order[r["expectation_config"]["meta"]["rule_id"]])
    for result in results:
        rule_id = result["expectation_config"]["meta"]["rule_id"]
        result["result"] = {"observed_value": details[rule_id] or "0"}
        result["expectation_config"]["kwargs"].pop("batch_id", None)
    unchecked = {config.rule_id: config.nothing for config in configs if config.nothing}
    return {
        "success": whole["success"], "suite_name": whole["suite_name"], "results": results,
        "statistics": whole["statistics"], "unchecked": unchecked,
    }  # fmt: skip


def _configuration(config: ExpectationConfig) -> Any:
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    return ExpectationConfiguration(
        type=config.type,
        kwargs=dict(config.kwargs),
        meta={"rule_id": config.rule_id, "level": config.level},
        description=config.description,
    )


class _Persisted(str):
    """A dialect name as Great Expectations' list holds them: compared as text, or by `.value`."""

    @property
    def value(self) -> str:
        return str(self)


@contextmanager
def warmed_up() -> Iterator[None]:
    """Import Great Expectations beside the body's work: it takes seconds, and the machine has two cores."""
    helper = threading.Thread(target=_context)
    helper.start()
    try:
        yield
    finally:
        helper.join()


def _context() -> Any:
    """The one context of this process, whichever thread asks first."""
    with _ONE_AT_A_TIME:
        return _made_context()


@functools.cache
def _made_context() -> Any:
    """The one context of this process: in memory, silent, and never on the network."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    # It sets this one to INFO itself, and one line of it breaks the progress bar.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine

    # For dialects not on this list, a connection is closed before its result is read.
    persisted = engine._PERSISTED_CONNECTION_DIALECTS
    if "duckdb" not in [dialect.value for dialect in persisted]:
        engine._PERSISTED_CONNECTION_DIALECTS = (*persisted, _Persisted("duckdb"))  # type: ignore[assignment]
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    # In memory there is nothing to save, yet it writes itself out as YAML four times a delivery.
    context._save_project_config = lambda *_: None  # type: ignore[method-assign]
    return context
