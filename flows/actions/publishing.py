"""Publish the pseudonymised marts for analysts, each column with its meaning."""

from __future__ import annotations

from flows.context.site import Site
from warehouse.database.schema import all_tables
from warehouse.publish import publish


def publish_home(site: Site) -> dict[str, int]:
    """Replace published/analytics.duckdb. Returns the rows of each table."""
    site.progress("publishing for analysts", 0, 1)
    tables = all_tables(site.contracts.values(), site.catalogue.panel_facts())
    rows = publish(site.con, site.home.published, tables.values())
    site.progress("published", 1, 1)
    return rows
