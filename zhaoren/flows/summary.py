"""The account of one run, for the report, the artifact and `zhaoren status`."""

from __future__ import annotations

from datetime import date

import polars as pl

from zhaoren.divisions import towns
from zhaoren.exchange.report import RunSummary
from zhaoren.flows.job import Job
from zhaoren.policies.signals import signal_unknowns
from zhaoren.warehouse.accounts import account
from zhaoren.warehouse.store import partition


def run_summary(
    job: Job, as_of: date, dirt: pl.DataFrame | None = None, evaluation: pl.DataFrame | None = None
) -> RunSummary:
    """Everything the report of one date shows; `dirt` and `evaluation` only for a made-up province."""
    deliveries = _named(job, account(job.con, "deliveries", as_of))
    lists = account(job.con, "lists", as_of).join(
        towns().select("town_code", "town_name"), on="town_code", how="left"
    )
    lists = lists.with_columns(capacity=pl.lit(job.capacity(as_of)))
    return RunSummary(
        as_of=as_of,
        run_id=f"{as_of}-{job.fingerprint(as_of)}",
        version=job.rules_hash[:8],
        is_made_up=dirt is not None,
        figures=_figures(job, as_of, deliveries, lists),
        deliveries=deliveries,
        checks=_named(job, account(job.con, "checks", as_of)),
        sources=_named(job, account(job.con, "sources", as_of)),
        quarantine=_named(job, account(job.con, "quarantine", as_of)),
        repairs=_named(job, account(job.con, "repairs", as_of)),
        dirt=dirt,
        lists=lists,
        signals=_signals(job, as_of),
        evaluation=evaluation,
    )


def _named(job: Job, frame: pl.DataFrame) -> pl.DataFrame:
    """Departments and extracts beside their Chinese names."""
    contracts = job.contracts.values()
    extracts = {c.extract: c.title_zh for c in contracts}
    frame = frame.with_columns(extract_zh=pl.col("extract").replace(extracts))
    if "department" in frame.columns:
        departments = {c.department: c.department_zh for c in contracts}
        frame = frame.with_columns(department_zh=pl.col("department").replace(departments))
    return frame


def _signals(job: Job, as_of: date) -> pl.DataFrame:
    """Each signal's count of yes and of unknown: unknown is never shown as no."""
    persons = partition(job.con, "panel.person", as_of)
    households = partition(job.con, "panel.household", as_of)
    unknown = signal_unknowns(job.catalogue, persons, households, as_of)
    names = pl.DataFrame(
        [(s.id, s.name_zh, s.queue) for s in job.catalogue.signals_at(as_of)],
        schema=["signal_id", "signal_zh", "queue"],
        orient="row",
    )
    fired = account(job.con, "signals", as_of).select("signal_id", "yes_cnt")
    counted = names.join(fired, on="signal_id", how="left").join(
        unknown.group_by("signal_id").agg(pl.col("unknown_cnt").max()), on="signal_id", how="left"
    )
    return counted.with_columns(pl.col("yes_cnt", "unknown_cnt").fill_null(0))


def _figures(
    job: Job, as_of: date, deliveries: pl.DataFrame, lists: pl.DataFrame
) -> tuple[tuple[str, object], ...]:
    people = partition(job.con, "panel.person", as_of).height
    households = partition(job.con, "panel.household", as_of).height
    return (
        ("在库人员", people),
        ("在库家庭", households),
        ("本期文件", deliveries.height),
        ("读取行数", int(deliveries.get_column("rows_read").sum())),
        ("名单站点", lists.height),
        ("名单户数", int(lists.get_column("listed_cnt").sum())),
    )


def summary_markdown(job: Job, as_of: date) -> str:
    """The run's summary as Markdown: law 1 in one line, then the lists by town."""
    sums = account(job.con, "deliveries", as_of).select(pl.col("^rows_.*$").sum()).row(0, named=True)
    lists = account(job.con, "lists", as_of)
    rows = "\n".join(
        f"| {r['town_code']} | {r['listed_cnt']} | {r['new_cnt']} | {r['escalated_cnt']} |"
        for r in lists.to_dicts()
    )
    return (
        f"# {as_of}\n\n{sums['rows_read']} rows read = {sums['rows_loaded']} loaded + "
        f"{sums['rows_quarantined']} quarantined + {sums['rows_duplicate']} duplicate\n\n"
        f"| station | listed | new | escalated |\n|---|---|---|---|\n{rows}\n"
    )
