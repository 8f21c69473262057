"""Publish the pseudonymised marts for analysts, each column with its meaning."""

from __future__ import annotations

from zhaoren.flows.job import Job
from zhaoren.warehouse.publish import publish


def publish_home(job: Job) -> dict[str, int]:
    """Replace published/analytics.duckdb. Returns the rows of each table."""
    job.tell("publishing for analysts", 0, 1)
    rows = publish(job.con, job.home.published, _comments(job))
    job.tell("published", 1, 1)
    return rows


def _comments(job: Job) -> dict[tuple[str, str], str]:
    """(table, column) -> meaning: facts from the feature dictionary, extracts from their contracts."""
    comments = {
        (f"panel.{f.entity}", f.name): f"{f.zh}（{f.unit}）" if f.unit else f.zh
        for f in job.catalogue.facts.values()
    }
    return comments | MART_COMMENTS


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
    ("mart.outcome", "result_code"): "结果代码 what the visit found",
    ("mart.outcome", "found_date"): "走访日期 day of the visit",
    ("mart.staleness", "days_old"): "days since the extract's last accepted delivery",
    (
        "mart.evaluation",
        "share_in_hardship",
    ): "share of listed households truly in hardship (made-up province only)",
    ("ops.delivery", "rows_read"): "= rows_loaded + rows_quarantined + rows_duplicate",
    ("ops.delivery", "known_date"): "the day we could first know it",
}
