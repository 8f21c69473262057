"""What the run report says of what orders the lists, above all tables: a refused model, drift, promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from exchange.words import words
from flows.context.run import ordering_of, use_log
from flows.context.site import Site
from models.features.feature_list import describe
from models.ranking.drift import SCORE
from models.ranking.registry import MEANS, NEED
from models.ranking.use_log import in_use
from warehouse.ranking.drift import drift_at


def model_remarks(site: Site, as_of: date) -> Iterator[str]:
    """One sentence each, in Chinese; none where all is well."""
    said = words("report")["remarks"]["models"]
    for target, sentence in ((NEED, "refused"), (MEANS, "test_refused")):
        if ordering_of(site, as_of, target).refused:
            yield said[sentence].format(model_id=in_use(use_log(site), as_of, target))
    alarms = drift_at(site.con, as_of).filter("is_alarm", as_of=as_of)
    for row in alarms.iter_rows(named=True):
        yield said[row["measure"]].format(**_shown(row))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    name = row["column_name"]
    shares = {key: f"{row[key]:.0%}" for key in ("low", "high", "expected") if row[key] is not None}
    value = f"{row['value']:.2f}" if row["measure"] == "psi" else f"{row['value']:.0%}"
    return {
        "model_id": row["model_id"],
        "cnt": row["cnt"],
        "value": value,
        "zh": "模型分" if name in (SCORE, "") else describe(name),
        **shares,
    }
