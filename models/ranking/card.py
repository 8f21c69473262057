"""The model card: what a ranking is for, what it learned from, how it measured, and what it is not for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zhaoren.rooms import room

_TEMPLATE = room("models") / "ranking" / "card_template.md"
_KIND_ZH = {
    "rule_points": "规则积分（学习模型没有胜过规则）",
    "logistic": "逻辑回归",
    "boosting": "梯度提升树",
}
_COMPARED = (
    "ranking",
    "listed_cnt",
    "hit_cnt",
    "share_in_hardship",
    "share_low",
    "share_high",
    "lift",
    "recall",
)
_ON_LISTS = ("as_of", "ranking", "listed_cnt", "hit_cnt", "share_in_hardship")
_ENTRY = ("ranking", "listed_cnt", "hit_cnt", "entry_hit_cnt")
_GROUPED = (
    "group", "value", "entity_cnt", "label_cnt", "flagged_cnt", "precision", "recall", "recall_low",
    "recall_high", "false_positive_rate", "score_excess", "withheld",
)  # fmt: skip


def model_card(model_id: str, metrics: dict[str, Any], features: list[dict[str, str]]) -> str:
    """The card of one model as Markdown, from its metrics and its feature list (name, zh)."""
    plain = {
        k: metrics[k]
        for k in ("as_of", "kind", "cut", "train_rows", "holdout_rows", "fitted_rows", "fitted_verified")
    }
    return _TEMPLATE.read_text(encoding="utf-8").format(
        model_id=model_id,
        kind_zh=_KIND_ZH[metrics["kind"]],
        feature_cnt=len(features),
        train_lists=_span(metrics["train_lists"]),
        holdout_lists=_span(metrics["holdout_lists"]),
        arms=as_table(metrics["arms"], ("arm", "visited_cnt", "verified_cnt")),
        comparison=as_table(metrics["comparison"], _COMPARED),
        verdict=_verdict(metrics),
        lists=as_table(metrics["lists"], _ON_LISTS),
        entry=as_table(metrics["entry"], _ENTRY),
        groups=as_table(metrics["groups"], _GROUPED),
        features=as_table(features, ("name", "zh")),
        settings="\n".join(f"- {name}: {value}" for name, value in metrics["settings"].items()),
        **plain,
    )


def _verdict(metrics: dict[str, Any]) -> str:
    """For each challenger, that it may rank, or why it may not."""
    lines = [
        f"- `{kind}`: " + ("may rank" if not why else "; ".join(why))
        for kind, why in metrics["reasons"].items()
    ]
    end = "A person decides whether it is used." if metrics["promotable"] else "The rules go on ranking."
    return "\n".join([*lines, "", end])


def _span(dates: list[str]) -> str:
    return dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"


def as_table(rows: Iterable[dict[str, Any]], columns: tuple[str, ...]) -> str:
    """Rows as a Markdown table of these columns; what is not known says so."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(_cell(row[c]) for c in columns) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return "unknown"
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
