"""Publish the pseudonymised marts for analysts, with the names behind their codes."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from data_contracts.contract.code_tables import CodeTable
from data_contracts.registry.tables import shipped_tables
from flows.context.places import PLACES, place_names
from flows.context.site import Site
from policies.catalogue.model import Catalogue
from transforms.alerts.status import GAP_SIGNAL
from warehouse.database.schema import all_tables
from warehouse.publish import publish, write_parquet
from warehouse.queries.reference import replace_reference


def publish_home(site: Site) -> dict[str, int]:
    """Replace published/analytics.duckdb. Returns the rows of each table."""
    site.progress("publishing for analysts", 0, 1)
    names = {"ref.place": places(), "ref.code": codes(site.codes), "ref.rule": rules(site.catalogue)}
    replace_reference(site.con, names)
    tables = all_tables(site.contracts.values(), site.catalogue.panel_facts())
    rows = publish(site.con, site.home.published, tables.values())
    site.progress("published", 1, 1)
    return rows


def export_parquet(site: Site, folder: Path) -> list[str]:
    """Write every published table as <folder>/<schema>.<table>.parquet. Returns the files' names."""
    folder.mkdir(parents=True, exist_ok=True)
    return write_parquet(site.home.published, folder)


def places() -> pl.DataFrame:
    """ref.place: every present city, county and town."""
    named = [place_names(level).with_columns(level=pl.lit(level)) for level in PLACES]
    return pl.concat(named).select(
        place_code="code", place_name="name", level="level", city_code=pl.col("code").str.head(4)
    )


def codes(tables: dict[str, CodeTable]) -> pl.DataFrame:
    """ref.code: every code of every code table."""
    rows = [(table.name, value.code, value.zh) for table in tables.values() for value in table.values]
    return pl.DataFrame(rows, schema=shipped_tables()["ref.code"].schema(), orient="row")


def rules(catalogue: Catalogue) -> pl.DataFrame:
    """ref.rule: every benefit, signal and result code once, under the name of its latest version."""
    benefits = {rule.id: (rule.name_zh, rule.receiving_sql is not None) for rule in catalogue.benefits}
    signals = {rule.id: rule.name_zh for rule in catalogue.signals} | {GAP_SIGNAL: "可能漏享的待遇"}
    results = {code.code: code.zh for code in catalogue.result_codes}
    rows = [
        *(("benefit", rule_id, *said) for rule_id, said in benefits.items()),
        *(("signal", rule_id, name, None) for rule_id, name in signals.items()),
        *(("result", rule_id, name, None) for rule_id, name in results.items()),
    ]
    return pl.DataFrame(rows, schema=shipped_tables()["ref.rule"].schema(), orient="row")
