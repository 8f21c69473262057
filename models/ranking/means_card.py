"""The card of a proxy means test: what it asks, what it learned from, how it was judged, what it is not."""

from __future__ import annotations

from typing import Any

from models.ranking.card import as_table
from zhaoren.rooms import room

_TEMPLATE = room("models") / "ranking" / "means_card_template.md"
_JUDGED = ("as_of", "household_cnt", "found_cnt", "area", "area_low", "area_high", "top_share")
_DOOR = (
    *("visit_cnt", "below_cnt", "shift", "area"),
    *("random_cnt", "random_below_cnt", "random_expected", "random_low", "random_high"),
)
_GROUPED = (
    *("group", "value", "entity_cnt", "label_cnt", "flagged_cnt", "selection_rate", "recall"),
    *("recall_low", "recall_high", "withheld"),
)


def means_card(model_id: str, metrics: dict[str, Any], features: list[dict[str, str]]) -> str:
    """The card of one test as Markdown, from its metrics and its feature list (name, zh)."""
    against = metrics["reasons"]
    verdict = (
        "A person decides whether it may ask." if not against else "\n".join(f"- {why}" for why in against)
    )
    return _TEMPLATE.read_text(encoding="utf-8").format(
        model_id=model_id,
        as_of=metrics["as_of"],
        learner=metrics["learner"],
        feature_cnt=len(features),
        fitted_rows=metrics["fitted_rows"],
        found_cnt=metrics["found_cnt"],
        lists=f"{metrics['lists'][0]} to {metrics['lists'][-1]}",
        short_percent=round(100 * metrics["short_share"]),
        verdict=verdict,
        judged=as_table(metrics["judged"], _JUDGED),
        door=as_table([metrics["door"]], _DOOR),
        groups=as_table(metrics["groups"], _GROUPED),
        features=as_table(features, ("name", "zh")),
        settings="\n".join(f"- {name}: {value}" for name, value in metrics["settings"].items()),
    )
