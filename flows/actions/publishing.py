"""Publish the pseudonymised marts for analysts, each column with its meaning."""

from __future__ import annotations

from flows.context.site import Site
from warehouse.publish import publish


def publish_home(site: Site) -> dict[str, int]:
    """Replace published/analytics.duckdb. Returns the rows of each table."""
    site.progress("publishing for analysts", 0, 1)
    rows = publish(site.con, site.home.published, _comments(site))
    site.progress("published", 1, 1)
    return rows


def _comments(site: Site) -> dict[tuple[str, str], str]:
    """(table, column) -> meaning: facts from the feature dictionary, extracts from their contracts."""
    comments = {
        (f"panel.{f.entity}", f.name): f"{f.zh}（{f.unit}）" if f.unit else f.zh
        for f in site.catalogue.panel_facts()
    }
    return comments | MART_COMMENTS


GOLDEN_PARTS = {
    "source": "：whose word it is",
    "source_cnt": "：sources that say anything",
    "agreement_share": "：share of them that say the same",
}
MART_COMMENTS = {
    ("mart.alert", "alert_id"): "个案编号 case number; as_of, household and queue",
    ("mart.alert", "household_id"): "家庭 opaque household id",
    ("mart.alert", "queue"): "need 帮扶 or compliance 核查; two separate queues",
    ("mart.alert", "level"): "级别 red, orange, yellow, blue",
    ("mart.alert", "status"): "new 新增, repeated 重复, suppressed 静默, escalated 升级",
    ("mart.alert", "reason_zh"): "为什么 the sentence on the list",
    ("mart.alert", "is_listed"): "within the station's capacity",
    ("mart.alert", "arm"): "rule, model or audit: how the line was chosen",
    ("mart.entitlement", "eligible"): "yes, likely (an unverified value was used), no, unknown",
    ("mart.entitlement", "missing_facts"): "facts that would be needed for an answer",
    ("mart.entitlement", "amount_yuan_month"): "应享受金额 yuan per month",
    ("mart.entitlement", "is_receiving"): "whether the rolls show it as paid; null is unknown",
    ("mart.entitlement", "gap_yuan_month"): "差额 yuan per month",
    (
        "mart.entitlement",
        "missed_month_cnt",
    ): "已错过的整月数 whole months since the right began, not received",
    ("mart.policy_gap", "basis"): "visit 上门确认困难但不符合政策, or signs 红橙预警而无符合的待遇",
    ("mart.policy_gap", "may_fit"): "some benefit with money cannot be answered yet",
    ("mart.policy_gap", "nearest_zh"): "差得最少的一条政策及差距",
    ("mart.outcome", "result_code"): "结果代码 what the visit found",
    ("mart.outcome", "found_date"): "走访日期 day of the visit",
    ("mart.staleness", "days_old"): "days since the extract's last accepted delivery",
    (
        "mart.evaluation",
        "share_in_hardship",
    ): "share of listed households truly in hardship (made-up province only)",
    ("core.person_alias", "same_as"): "the person whom person_id stands for now",
    **{
        ("panel.golden", f"{word}_{part}"): f"{zh}{meaning}"
        for word, zh in (("sex", "性别"), ("birth", "出生日期"), ("village", "居住地"))
        for part, meaning in GOLDEN_PARTS.items()
    },
    **{
        ("panel.golden", f"{start}{word}_{end}"): f"{zh}：{meaning}"
        for word, zh in (("sex", "性别"), ("birth", "出生日期"), ("village", "居住地"))
        for start, end, meaning in (
            ("is_", "agreed", "other sources overruled the first"),
            ("has_", "conflict", "not all sources say the same"),
        )
    },
    ("panel.golden", "sex_code"): "性别 as settled",
    ("panel.golden", "death_date"): "死亡日期 of the source that goes first",
    ("panel.golden", "death_source"): "whose date it is",
    ("panel.golden", "death_source_cnt"): "independent sources that report the death",
    ("panel.golden", "death_state"): "none, reported, confirmed or contradicted",
    ("panel.golden", "has_death_conflict"): "sources differ on the death",
    ("panel.golden", "is_in_register"): "在户籍名册 the police list the person",
    ("panel.golden", "is_alive"): "在世; null is unknown",
    ("panel.attribute_conflict", "attribute"): "what the sources differ on",
    ("panel.attribute_conflict", "value"): "what the source says",
    ("panel.attribute_conflict", "source"): "the extract that says so, or id_number",
    ("panel.attribute_conflict", "known_date"): "since when it says so",
    ("panel.attribute_conflict", "is_chosen"): "whether this value was settled on",
    ("ops.delivery", "rows_read"): "= rows_loaded + rows_quarantined + rows_duplicate",
    ("ops.delivery", "known_date"): "the day we could first know it",
}
