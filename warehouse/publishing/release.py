"""What one publishing is made of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from data_contracts.registry.published import PublishedTable
from data_contracts.registry.tables import Table
from policies.analysis.restricted import Restricted
from policies.catalogue.fact import Fact

# Rows alike of anything published about people; docs/threat-model.md says why five.
K = 5


@dataclass(frozen=True, kw_only=True)
class Release:
    """The warehouse's tables, what is folded, what is restricted, and the frames that name codes.

    results: result_code and need_found (yes, no, cannot_tell).
    """

    tables: Collection[Table]
    people: Collection[PublishedTable]
    restricted: Restricted
    facts: Collection[Fact]
    results: pl.DataFrame
    k: int = K
