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
_GROUPED = (
    "group", "value", "candidate_cnt", "hardship_cnt", "listed_cnt", "yield_share", "recall", "line_ratio",
    "score_excess",
)  # fmt: skip


def model_card(model_id: str, metrics: dict[str, Any], features: list[dict[str, str]]) -> str:
    """The card of one model as Markdown, from its metrics and its feature list (name, zh)."""
    # the audit by town lives in metrics.json: hundreds of stations would drown the card
    groups = [row for row in metrics["groups"] if row["group"] != "town_code"]
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
        arms=_table(metrics["arms"], ("arm", "visited_cnt", "verified_cnt")),
        comparison=_table(metrics["comparison"], _COMPARED),
        groups=_table(groups, _GROUPED),
        features=_table(features, ("name", "zh")),
        settings="\n".join(f"- {name}: {value}" for name, value in metrics["settings"].items()),
        **plain,
    )


def _span(dates: list[str]) -> str:
    return dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"


def _table(rows: Iterable[dict[str, Any]], columns: tuple[str, ...]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(_cell(row[c]) for c in columns) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return "unknown"
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
