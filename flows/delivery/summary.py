"""The account of one run, for the report, the artifact and `zhaoren status`."""

from __future__ import annotations

from datetime import date

import polars as pl

from divisions.present import towns_at
from exchange.reports.report import Link, RunSummary
from exchange.words import reading_zh, words
from flows.context.alarms import alarms, missing_files, silent_months
from flows.context.places import with_town_names
from flows.context.run import run_of
from flows.context.site import Site
from flows.delivery.county_lists import capacities, counts_at
from flows.delivery.local_values import local_values_zh
from flows.delivery.policy_gaps import gaps_by_place
from flows.delivery.receipts import receipts_of
from flows.reports.model_remarks import model_remarks
from flows.reports.signal_yields import signal_remarks
from policies.catalogue.model import KEYS
from policies.catalogue.signal import Signal
from policies.engine.evaluate_signals import signal_unknowns
from policies.engine.rule_facts import rule_facts
from policies.lint.own_values import own_notices
from transforms.alerts.counts import COUNTS
from warehouse.database.catalogue import columns_of as columns_there
from warehouse.database.partitions import as_of_dates, partition, row_count, rows_of_shard
from warehouse.deliveries.accounts import account
from warehouse.deliveries.deliveries import deliveries_at
from warehouse.deliveries.scorecard import scorecard
from warehouse.queries.deliveries import corrections_of_day
from warehouse.queries.runs import inbox_notes


def run_summary(
    site: Site,
    as_of: date,
    *,
    dirt: pl.DataFrame | None = None,
    evaluation: pl.DataFrame | None = None,
    card: pl.DataFrame | None = None,
    links: tuple[Link, ...] = (),
) -> RunSummary:
    """Everything the report of one date shows; `dirt` and `evaluation` only for a made-up province.

    `card`: the date's score card, where the caller has it already. For a date without lists, which only took
    files in, what is made for lists is left out.
    """
    listed = as_of in as_of_dates(site.con)
    deliveries = _named(site, _with_receipts(site, as_of, account(site.con, "deliveries", as_of)))
    if card is None:
        card = scorecard(site.con, as_of, site.contracts, site.catalogue.facts.values())
    counts = counts_at(site, as_of)
    lists = with_town_names(counts.filter(pl.col("town_code").is_not_null()), towns_at(as_of, site.changes))
    lists = lists.join(capacities(site, as_of), on="town_code", how="left", maintain_order="left")
    lists = lists.with_columns(pl.col("capacity").fill_null(site.capacity(as_of)))
    return RunSummary(
        as_of=as_of,
        run_id=run_of(site, as_of).run_id,
        version=site.version,
        is_made_up=dirt is not None,
        figures=(*_figures_of_files(deliveries), *(_figures_of_lists(site, as_of, lists) if listed else ())),
        remarks=_remarks(site, as_of, counts, listed),
        links=links,
        deliveries=deliveries,
        held=_held(site, as_of),
        missing=_named(site, _missing(card)),
        left_out=inbox_notes(site.con, as_of),
        corrections=_named(site, corrections_of_day(site.con, as_of)),
        checks=_named(site, account(site.con, "checks", as_of)),
        quarantine=_named(site, account(site.con, "quarantine", as_of)),
        repairs=_named(site, account(site.con, "repairs", as_of)),
        reading=_reading(site, as_of),
        dirt=dirt,
        evaluation=evaluation,
        **(_made_for_lists(site, as_of, lists) if listed else {}),
    )


def _made_for_lists(site: Site, as_of: date, lists: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The sections that only a date with lists has."""
    return {
        "sources": _named(site, account(site.con, "sources", as_of)),
        "places": _named(site, _places(site, as_of)),
        "lists": lists,
        "signals": _signals(site, as_of),
        "policy_gaps": gaps_by_place(partition(site.con, "mart.policy_gap", as_of), "county"),
    }


def _with_receipts(site: Site, as_of: date, deliveries: pl.DataFrame) -> pl.DataFrame:
    """Each delivery with the way from the report to its receipt."""
    named = receipts_of(site.con, as_of).select("department", "extract", "file_name", "receipt")
    href = pl.format("../../receipts/{}/{}", pl.lit(as_of.isoformat()), pl.col("receipt"))
    keys = ["department", "extract", "file_name"]
    named = named.unique(keys, keep="first", maintain_order=True).with_columns(receipt_href=href)
    return deliveries.join(named, on=keys, how="left", maintain_order="left")


def _held(site: Site, as_of: date) -> pl.DataFrame:
    """Deliveries that wait on the date, why in Chinese, and the command that lets them in."""
    zh = {rule.id: rule.zh for contract in site.contracts.values() for rule in contract.rules}
    waiting = deliveries_at(site.con, as_of).filter(status="held").sort("known_date", "delivery_id")
    waiting = waiting.select("delivery_id", "department", "extract", "file_name", "known_date", "reason")
    reasons = pl.col("reason").str.split("; ").list.eval(_reason_zh(zh)).list.join("；")
    command = pl.format('zhaoren release {} --reason "…"', pl.col("delivery_id"))
    return _named(site, waiting.with_columns(reason_zh=reasons, command=command))


def _reason_zh(zh: dict[str, str]) -> pl.Expr:
    """One reason of a held delivery: a rule in words, or the delivery whose bytes it repeats."""
    return pl.element().replace(zh).str.replace(r"^same bytes as (.*)$", "与先前的 ${1} 完全相同")


def _remarks(site: Site, as_of: date, counts: pl.DataFrame, listed: bool) -> tuple[str, ...]:
    """What the report must say above all tables.

    That the date has no lists; months in which nobody delivered; red families beyond the stations' hours;
    families without a town; what orders the lists; signals that find nothing.
    """
    said = words("report")["remarks"]
    silent = "、".join(f"{month.year}年{month.month}月" for month in silent_months(site, as_of))
    red = counts.select(pl.col(*COUNTS).sum()).row(0, named=True)
    homeless = account(site.con, "no_town", as_of).row(0, named=True)
    remarks = (
        None if listed else said["no_lists"],
        said["silent"].format(months=silent) if silent else None,
        said["red_beyond"].format_map(red) if red["red_beyond_cnt"] else None,
        said["no_town"].format_map(homeless) if homeless["household_cnt"] else None,
        local_values_zh(site.catalogue, as_of),
        said["overtaken"].format(count=overtaken) if (overtaken := _overtaken(site)) else None,
        *model_remarks(site, as_of),
        *(signal_remarks(site, as_of) if listed else ()),
    )
    return tuple(filter(None, remarks))


def _overtaken(site: Site) -> int:
    """How many of the home's own values the shipped rules contradict by now."""
    return sum(1 for _ in own_notices(site.catalogue))


def _reading(site: Site, as_of: date) -> pl.DataFrame:
    """What the reader noted of the date's files, in Chinese."""
    noted = account(site.con, "reading", as_of)
    said = [reading_zh(*row) for row in noted.select("code", "cnt", "place").iter_rows()]
    return _named(site, noted.with_columns(note_zh=pl.Series(said, dtype=pl.String)))


def _places(site: Site, as_of: date) -> pl.DataFrame:
    """Delivered place codes that are no present ones, and under which town their households are listed."""
    odd = partition(site.con, "ops.place_code", as_of)
    towns = towns_at(as_of, site.changes).select("town_code", "town_name")
    of_town = pl.col("present_code").str.head(9).alias("town_code")
    return odd.with_columns(of_town).join(towns, on="town_code", how="left", maintain_order="left")


def _missing(card: pl.DataFrame) -> pl.DataFrame:
    """Months that are not there, the grace of some still running, and those of the newest that came late."""
    newest = pl.col("period_month") == pl.col("period_month").max()
    state = pl.col("timeliness")
    return card.filter(state.is_in(["missing", "pending"]) | ((state == "late") & newest))


def _named(site: Site, frame: pl.DataFrame) -> pl.DataFrame:
    """Departments and extracts beside their Chinese names."""
    contracts = site.contracts.values()
    extracts = {c.extract: c.title_zh for c in contracts}
    frame = frame.with_columns(extract_zh=pl.col("extract").replace(extracts))
    if "department" in frame.columns:
        departments = {c.department: c.department_zh for c in contracts}
        frame = frame.with_columns(department_zh=pl.col("department").replace(departments))
    return frame


def _signals(site: Site, as_of: date) -> pl.DataFrame:
    """Each signal's count of yes and of unknown: unknown is never shown as no."""
    signals = site.catalogue.signals_at(as_of)
    names = pl.DataFrame(
        list({s.id: (s.id, s.name_zh, s.queue, _awaits(site, s, as_of)) for s in signals}.values()),
        schema=["signal_id", "signal_zh", "queue", "awaits_zh"],
        orient="row",
    )
    fired = account(site.con, "signals", as_of).select("signal_id", "yes_cnt")
    counted = names.join(fired, on="signal_id", how="left")
    counted = counted.join(_unknowns(site, as_of), on="signal_id", how="left")
    return counted.with_columns(pl.col("yes_cnt", "unknown_cnt").fill_null(0))


def _unknowns(site: Site, as_of: date) -> pl.DataFrame:
    """signal_id, unknown_cnt: rows for which the fact that is lacking most often is lacking.

    Counted household shard by household shard, and of the panel only what signals read: a province's whole
    does not fit into memory.
    """
    cat = site.catalogue
    read = {*KEYS, *(n for signal in cat.signals_at(as_of) for n in rule_facts(cat, signal, as_of))}
    kept = {
        table: [name for name in columns_there(site.con, table) if name in read]
        for table in ("panel.person", "panel.household")
    }
    sharding = site.sharding
    counts = []
    for number in range(sharding.count):
        persons, households = (
            rows_of_shard(site.con, table, as_of, (sharding, number), *names) for table, names in kept.items()
        )
        counts.append(signal_unknowns(cat, persons, households, as_of))
    sums = pl.concat(counts).group_by("signal_id", "fact").agg(pl.col("unknown_cnt").sum())
    return sums.group_by("signal_id").agg(pl.col("unknown_cnt").max())


def _awaits(site: Site, signal: Signal, as_of: date) -> str:
    """Facts the signal waits for, which no department delivers yet: until then it stays unknown."""
    known = site.catalogue.facts_of(signal.entity)
    read = [known[name] for name in rule_facts(site.catalogue, signal, as_of) if name in known]
    return "、".join(fact.short_zh for fact in read if fact.is_awaited)


_Figures = tuple[tuple[str, object], ...]


def _figures_of_files(deliveries: pl.DataFrame) -> _Figures:
    return (
        ("本期文件", deliveries.height),
        ("读取行数", int(deliveries.get_column("rows_read").sum())),
    )


def _figures_of_lists(site: Site, as_of: date, lists: pl.DataFrame) -> _Figures:
    return (
        ("在库人员", row_count(site.con, "panel.person", as_of)),
        ("在库家庭", row_count(site.con, "panel.household", as_of)),
        ("名单站点", lists.height),
        ("名单户数", int(lists.get_column("listed_cnt").sum())),
    )


def summary_markdown(site: Site, as_of: date) -> str:
    """The run's summary as Markdown: law 1 in one line, then the lists by town."""
    sums = account(site.con, "deliveries", as_of).select(pl.col("^rows_.*$").sum()).row(0, named=True)
    lists = counts_at(site, as_of)
    missing = "".join(f"- not here: {one['in_words']}\n" for one in missing_files(site, as_of))
    alarm = "".join(f"- **{one}**\n" for one in alarms(site, as_of))
    rows = "\n".join(
        f"| {r['town_code'] or '—'} | {r['listed_cnt']} | {r['new_cnt']} | {r['escalated_cnt']} "
        f"| {r['waiting_cnt']} | {r['red_beyond_cnt']} |"
        for r in lists.to_dicts()
    )
    return (
        f"# {as_of}\n\n{sums['rows_read']} rows read = {sums['rows_loaded']} loaded + "
        f"{sums['rows_quarantined']} quarantined + {sums['rows_duplicate']} duplicate\n\n{alarm}{missing}\n"
        f"| station | listed | new | escalated | waiting | red beyond |\n|---|---|---|---|---|---|\n{rows}\n"
    )
