"""Publish for analysts what names and singles out nobody, with the names behind the codes."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from data_contracts.contract.code_tables import CodeTable
from data_contracts.registry.published import published_tables
from data_contracts.registry.tables import shipped_tables
from flows.context.places import PLACES, place_names
from flows.context.site import Site
from policies.analysis.restricted import restricted
from policies.catalogue.model import Catalogue
from transforms.alerts.status import GAP_SIGNAL
from warehouse.database.schema import all_tables
from warehouse.publishing.lake import publish_to_lake
from warehouse.publishing.publish import Published, publish, write_parquet
from warehouse.publishing.release import Release
from warehouse.queries.reference import replace_reference


def publish_home(site: Site) -> Published:
    """Replace published/analytics.duckdb. Returns the rows of each table, and how far it was folded.

    A ZhaorenError, with the old file left as it was, when somebody would stand out in the new one.
    """
    site.progress("publishing for analysts", 0, 1)
    hidden = restricted(site.catalogue, site.contracts.values())
    names = {
        "ref.place": places(),
        "ref.code": codes(_open_codes(site)),
        "ref.rule": rules(site.catalogue).filter(~pl.col("rule_id").is_in(hidden.signals | hidden.benefits)),
    }
    replace_reference(site.con, names)
    facts = site.catalogue.panel_facts()
    release = Release(
        tables=all_tables(site.contracts.values(), facts).values(),
        people=published_tables().values(),
        restricted=hidden,
        facts=facts,
        results=results(site.catalogue),
    )
    done = publish(site.con, site.home.published, release)
    if lake := site.settings.lake:
        site.progress("publishing to the lake", 0, 1)
        publish_to_lake(site.home.published, lake)
    site.progress("published", 1, 1)
    return done


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


def _open_codes(site: Site) -> dict[str, CodeTable]:
    """The code tables but for those that restricted contracts alone read by."""
    contracts = site.contracts.values()
    shared = {column.codes for c in contracts if not c.is_restricted for column in c.columns}
    hidden = {column.codes for c in contracts if c.is_restricted for column in c.columns} - shared
    return {name: table for name, table in site.codes.items() if name not in hidden}


def results(catalogue: Catalogue) -> pl.DataFrame:
    """result_code -> need_found: whether such a visit found need, or cannot tell."""
    words = {True: "yes", False: "no", None: "cannot_tell"}
    rows = [(code.code, words[code.is_verified_need]) for code in catalogue.result_codes]
    return pl.DataFrame(rows, schema={"result_code": pl.String, "need_found": pl.String}, orient="row")


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
