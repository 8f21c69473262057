"""What the sheets behind each station's list show: changes, key persons, open matters, papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from divisions.present import villages_at
from exchange.form import SideSheet
from exchange.lists.side_sheets import CHANGE_TEXTS, side_sheets
from exchange.masks import mask_name
from exchange.words import words
from flows.context import parameters
from flows.context.catalogue_frames import benefit_names, result_names
from flows.context.site import Site
from flows.delivery.case_numbers import with_case_numbers
from policies.casework.choices import choices
from policies.casework.papers import papers
from policies.casework.steps import load_steps
from transforms.alerts.list_lines import heads
from transforms.casework.list_changes import AT_WORK, GONE, household_states, list_changes
from transforms.casework.outstanding import open_matters_at
from transforms.casework.papers_text import known_facts, papers_text
from warehouse.as_of import outcomes
from warehouse.casework.for_lists import (
    key_persons,
    last_case_events,
    last_step_events,
    previous_list,
)
from warehouse.casework.reasons import reasons_gone
from warehouse.database.partitions import partition, rows_of_households
from warehouse.identity.vault import Vault
from warehouse.queries.alerts import listed_before, visited_alerts
from zhaoren.chinese import dates_zh

SPOT_CHECK = "spot_check"
_HEADS = ("household_id", "person_id", "village_code", "is_alive", "relation_code")
_ALERT = ("household_id", "town_code", "reason_zh", "queue", "status", "is_listed", "alert_id")


@dataclass(frozen=True)
class StationSheets:
    """The frames of all stations' sheets, by town_code."""

    as_of: date
    previous: date | None
    changes: pl.DataFrame
    key_persons: pl.DataFrame
    matters: pl.DataFrame

    def of(self, town_code: str) -> tuple[SideSheet, ...]:
        """One station's sheets."""
        own = pl.col("town_code") == town_code
        frames = (self.changes.filter(own), self.key_persons.filter(own), self.matters.filter(own))
        return side_sheets(self.as_of, *frames, self.previous)


def station_sheets(site: Site, vault: Vault, as_of: date) -> StationSheets:
    """Gather them for every station; names are masked here, before anything else sees them."""
    previous = previous_list(site.con, as_of)
    return StationSheets(
        as_of=as_of,
        previous=previous,
        changes=_changes(site, vault, as_of, previous),
        key_persons=_key_persons(site, vault, as_of),
        # Nobody at a station learns which of its visits were drawn, or answers for them.
        matters=open_matters(site, vault, as_of).filter(pl.col("kind_code") != SPOT_CHECK),
    )


def with_papers(site: Site, as_of: date, lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with papers_zh: what an application for the benefits they may be missing asks for."""
    asked = papers()
    wanted = lines.select("household_id", pl.col("benefit_ids").str.split(",").alias("benefit_id")).explode(
        "benefit_id"
    )
    facts = sorted(asked.facts)
    known = []
    tables = {
        "panel.person": site.catalogue.facts_of("person"),
        "panel.household": site.catalogue.facts_of("household"),
    }
    for table, declared in tables.items():
        own = [fact for fact in facts if fact in declared]
        rows = rows_of_households(site.con, table, as_of, lines, "household_id", *own)
        known.append(known_facts(rows, own))
    begin = {name: text.format(papers="") for name, text in words("worklist")["papers"].items()}
    text = papers_text(wanted, _papers_frame(), pl.concat(known), (begin["held"], begin["bring"]))
    return lines.join(text, on="household_id", how="left")


def _papers_frame() -> pl.DataFrame:
    asked = papers()
    place = {paper.code: (n, paper) for n, paper in enumerate(asked.papers)}
    rows = [
        (
            benefit,
            code,
            place[code][0],
            place[code][1].zh,
            place[code][1].bring_zh,
            list(place[code][1].held_when),
        )
        for benefit, codes in asked.of_benefit.items()
        for code in codes
    ]
    names = ("benefit_id", "paper", "place", "held_zh", "bring_zh", "facts")
    return pl.DataFrame(rows, schema=names, orient="row")


def _changes(site: Site, vault: Vault, as_of: date, previous: date | None) -> pl.DataFrame:
    """town_code, case_no, head_name_masked, village_name, change_zh, why_zh; none for the first list."""
    alerts = partition(site.con, "mart.alert", as_of, *_ALERT).filter(pl.col("queue") == "need")
    if previous is None:
        return pl.DataFrame(schema=dict.fromkeys(("town_code", *CHANGE_TEXTS), pl.String))
    before = partition(site.con, "mart.alert", previous, *_ALERT).filter("is_listed", queue="need")
    events = last_case_events(site.con, as_of)
    found = _results(site, as_of)
    states = household_states(before, alerts, events, found)
    seen = listed_before(site.con, as_of).filter(pl.col("queue") == "need")
    changed = list_changes(alerts.filter("is_listed"), before, states, seen)
    named = _with_heads(site, vault, as_of, changed)
    numbered = with_case_numbers(site, as_of, named.with_columns(queue=pl.lit("need")))
    gone = events.filter(pl.col("state") == "withdrawn").join(before, on="household_id", how="semi")
    reasons = reasons_gone(site.con, gone, as_of)
    numbered = numbered.join(reasons, on="case_no", how="left", maintain_order="left")
    ids = pl.concat([before, alerts.filter("is_listed")]).unique("household_id", keep="last")
    shown = numbered.join(ids.select("household_id", "alert_id"), on="household_id", how="left")
    return _worded(shown.with_columns(pl.coalesce("case_no", "alert_id")))


def _results(site: Site, as_of: date) -> pl.DataFrame:
    """household_id, result_zh, found_date of each household's last visit known by the date."""
    visits = outcomes(site.con, as_of).join(visited_alerts(site.con, as_of), on="alert_id")
    last = visits.sort("household_id", "found_date").unique("household_id", keep="last")
    named = last.join(result_names(site.catalogue), left_on="result_code", right_on="code")
    return named.select("household_id", "found_date", result_zh="zh")


def _worded(changed: pl.DataFrame) -> pl.DataFrame:
    """The kinds of change and their reasons in words."""
    told = words("worklist")["changes"]
    kind = pl.col("change")
    why_gone, how_far = pl.format("{}_{}", kind, "reason_code"), pl.format("{}_{}", kind, "state")
    kind = (
        pl.when((kind == GONE) & why_gone.is_in(list(told)))
        .then(why_gone)
        .when((kind == AT_WORK) & how_far.is_in(list(told)))
        .then(how_far)
        .otherwise(kind)
    )
    result = pl.when(pl.col("event_date").is_not_null()).then(
        pl.format("{}（{}）", "result_zh", dates_zh(pl.col("event_date")))
    )
    why = kind.replace_strict({name: text["why"] for name, text in told.items()}, return_dtype=pl.String)
    parts = {
        "{reason}": pl.col("reason_zh").fill_null(""),
        "{result}": pl.coalesce(result, "result_zh", pl.lit("已走访")),
    }
    for name, value in parts.items():
        why = why.str.replace_all(name, value, literal=True)
    return changed.with_columns(
        change_zh=kind.replace_strict(
            {name: text["zh"] for name, text in told.items()}, return_dtype=pl.String
        ),
        why_zh=why,
    )


def _key_persons(site: Site, vault: Vault, as_of: date) -> pl.DataFrame:
    """town_code, key_no, name_masked, village_name, kind_zh, last_visit_zh, due_date of the month's plan."""
    rows = key_persons(site.con, as_of)
    sources = parameters.name_sources(site.catalogue, as_of)
    names = vault.latest(rows.get_column("person_id").unique(), "name", as_of, sources)
    rows = rows.join(
        names.rename({"value": "name_masked"}), on="person_id", how="left", maintain_order="left"
    )
    return _with_villages(site, as_of, rows).with_columns(
        mask_name(pl.col("name_masked")).fill_null("姓名未登记"),
        kind_zh=pl.col("kind_code").replace_strict(dict(choices(as_of)["key_kind"]), default=""),
        last_visit_zh=dates_zh(pl.col("visited_date")).fill_null("没有走访记录"),
    )


def open_matters(site: Site, vault: Vault, as_of: date) -> pl.DataFrame:
    """Every open matter of the stations' cases, with its household's masked head and its subject in words."""
    rows = open_matters_at(last_step_events(site.con, as_of), load_steps(as_of), as_of)
    rows = rows.join(_subjects(site, as_of), on="subject", how="left")
    return _with_heads(site, vault, as_of, rows).with_columns(pl.col("subject_zh").fill_null(""))


def _subjects(site: Site, as_of: date) -> pl.DataFrame:
    """subject, subject_zh: benefits, receivers, and columns of departments' extracts, as people call them."""
    receivers = pl.DataFrame(choices(as_of)["receiver"], schema=["code", "zh"], orient="row")
    columns = [
        (f"{contract.department}.{contract.extract}.{column.name}", f"{contract.title_zh}的“{column.zh}”")
        for contract in site.contracts.values()
        for column in contract.columns
    ]
    columns += [(f"{c.department}.{c.extract}", c.title_zh) for c in site.contracts.values()]
    facts = pl.DataFrame(columns, schema={"code": pl.String, "zh": pl.String}, orient="row")
    agreed = pl.DataFrame(choices(as_of)["follow_up"], schema=["code", "zh"], orient="row")
    every = pl.concat([benefit_names(site.catalogue), receivers, agreed, facts])
    return every.unique("code", keep="first").rename({"code": "subject", "zh": "subject_zh"})


def _with_heads(site: Site, vault: Vault, as_of: date, rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with head_name_masked and village_name of their household, in their order."""
    homes = rows.select("household_id").drop_nulls().unique()
    whom = heads(rows_of_households(site.con, "panel.person", as_of, homes, *_HEADS))
    sources = parameters.name_sources(site.catalogue, as_of)
    names = vault.latest(whom.get_column("person_id"), "name", as_of, sources)
    whom = whom.join(names.rename({"value": "head_name_masked"}), on="person_id", how="left")
    placed = rows.join(whom, on="household_id", how="left", maintain_order="left")
    return _with_villages(site, as_of, placed).with_columns(
        mask_name(pl.col("head_name_masked")).fill_null("姓名未登记")
    )


def _with_villages(site: Site, as_of: date, rows: pl.DataFrame) -> pl.DataFrame:
    names = villages_at(as_of, site.changes).select("village_code", "village_name")
    return rows.join(names, on="village_code", how="left", maintain_order="left")
