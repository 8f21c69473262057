"""Great Expectations on DuckDB: one suite validated on one staged table, in memory and off the network.

It is imported on first use, since that takes seconds.
"""

from __future__ import annotations

import functools
import logging
import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from data_contracts.cells.revealing import covered
from data_contracts.delivery_checks.expectation import ExpectationConfig
from zhaoren.errors import ZhaorenError
from zhaoren.sql_text import quoted_name

_DATASOURCE = "deliveries"
# What the document says of exceptions: one that was raised has ended the whole run, told without its message.
_NOTHING_RAISED = {"raised_exception": False, "exception_message": None, "exception_traceback": None}
MOST_SECONDS = 300.0  # of one delivery's suite; the largest we know takes 2
_ONE_AT_A_TIME = threading.Lock()
# A contract's SQL looks at the staged table and at no other file of the machine.
_CLOSED = {"connect_args": {"config": {"enable_external_access": "false"}}}
logging.getLogger("great_expectations").setLevel(logging.WARNING)  # it logs while it is imported


def validate(
    configs: Sequence[ExpectationConfig], database: str, table: str
) -> tuple[list[ExpectationConfig], dict[str, Any], dict[str, Any]]:
    """The configs (with what is not staged marked so), the results by rule id, and the document."""
    import great_expectations as gx

    context = _context()
    address = database if database.startswith("duckdb:") else f"duckdb:///{database}"
    source = context.data_sources.add_sql(_DATASOURCE, connection_string=address, kwargs=_CLOSED)
    try:
        configs = _against(configs, _columns(source, table))
        wanted = [_configuration(config) for config in configs if not config.why_not]
        # Given at once: the suite's own `add` takes two rules of one type on the table for the same.
        suite = gx.ExpectationSuite(configs[0].rule_id.rsplit(".", 1)[0], expectations=wanted)
        asset = source.add_table_asset(table, table_name=table)
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        with _stopped_after(MOST_SECONDS, source.get_execution_engine()) as was_stopped:
            report = batch.validate(suite, result_format={"result_format": "COMPLETE"})
        if was_stopped.is_set():
            why = f"its checks were still at work after {MOST_SECONDS:.0f} seconds and were stopped"
            raise ZhaorenError("the delivery's checks take too long", suite.name, why, "simplify its queries")
        found = {result.expectation_config.meta["rule_id"]: result for result in report.results}
        return configs, found, _document(configs, report)
    finally:
        # An open handle keeps the file locked and its pages in memory.
        source.get_execution_engine().close()
        source.get_engine().dispose()
        context.data_sources.delete(_DATASOURCE)


@contextmanager
def _stopped_after(seconds: float, engine: Any) -> Iterator[threading.Event]:
    """Queries still at work after so long end with an error: a contract from others may ask without end."""
    over, was_stopped = threading.Event(), threading.Event()
    connection = engine.engine.raw_connection()  # the suite's own: it has but one

    def stop() -> None:
        after = seconds
        while not over.wait(after):
            was_stopped.set()
            connection.driver_connection.interrupt()
            after = 0.1  # the suite's next query would take as long

    watch = threading.Thread(target=stop, daemon=True)
    watch.start()
    try:
        yield was_stopped
    finally:
        over.set()
        watch.join()
        connection.close()


def _columns(source: Any, table: str) -> set[str]:
    # Not from the catalogue: DuckDB's views of it take longer than a check.
    with source.get_engine().connect() as connection:
        answer = connection.exec_driver_sql(f"SELECT * FROM {quoted_name(table)} LIMIT 0")
        return set(answer.keys())


def _against(configs: Sequence[ExpectationConfig], columns: set[str]) -> list[ExpectationConfig]:
    """A rule on a column that nobody staged is not run; why_not names the column."""
    found = []
    for config in configs:
        missing = [column for column in config.needs if column not in columns]
        why = f"the staged table has no {', '.join(missing)}"
        found.append(replace(config, why_not=why) if missing and not config.why_not else config)
    return found


def _document(configs: Sequence[ExpectationConfig], report: Any) -> dict[str, Any]:
    """The validation result as plain values in the contract's order; rows and machine paths left out."""
    whole = report.to_json_dict()
    order = {config.rule_id: place for place, config in enumerate(configs)}
    seen = {r.expectation_config.meta["rule_id"]: r for r in report.results}
    details = {
        config.rule_id: detail_of(config, seen[config.rule_id]) for config in configs if not config.why_not
    }
    results = sorted(whole["results"], key=lambda r: order[r["expectation_config"]["meta"]["rule_id"]])
    for result in results:
        result["exception_info"] = dict(_NOTHING_RAISED)
        rule_id = result["expectation_config"]["meta"]["rule_id"]
        result["result"] = {"observed_value": details[rule_id] or "0"}
        result["expectation_config"]["kwargs"].pop("batch_id", None)
    unchecked = {config.rule_id: config.why_not for config in configs if config.why_not}
    return {
        "success": whole["success"], "suite_name": whole["suite_name"], "results": results,
        "statistics": whole["statistics"], "unchecked": unchecked,
    }  # fmt: skip


def detail_of(config: ExpectationConfig, result: Any) -> str:
    """What was seen: a row count, the numbers that were out of bounds, the parts that are missing.

    Whatever a query of a contract gives, no number of a person is among it.
    """
    return covered(_seen(config, result))


def without_values(message: str) -> str:
    """An engine's message without what it quotes, which may be a cell."""
    return covered(re.sub(r"'[^'\n]*'", "'…'", message))


def _seen(config: ExpectationConfig, result: Any) -> str:
    rows = (result.result.get("details") or {}).get("unexpected_rows") or []
    if config.kind == "partition":
        return ", ".join(str(row["part"]) for row in rows)
    if rows and not config.counts_rows:
        return ", ".join(f"{key} {value}" for key, value in rows[0].items())
    observed = result.result.get("observed_value")
    return "" if observed is None else str(observed)


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


def warm_up() -> threading.Thread:
    """Begin to import Great Expectations beside other work: it takes seconds, and the machine has two cores.

    Whoever needs it first waits for the rest; whoever is to import much that it imports, too, joins the
    thread before.
    """
    helper = threading.Thread(target=_context)
    helper.start()
    return helper


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
