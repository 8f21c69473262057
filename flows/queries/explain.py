"""Why a household is on a list, from what was known on the date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl

from flows.context import parameters
from flows.context.site import Site
from policies.analysis.derivations import derivations
from policies.analysis.near_misses import nearest_missed
from policies.analysis.trace import trace, wanted
from transforms.alerts.list_lines import heads
from warehouse.casework.visits import known_visits
from warehouse.database.partitions import partition
from warehouse.identity.person_aliases import links_of
from warehouse.queries.alerts import cases_of, newest_answer
from warehouse.queries.households import household_rows
from warehouse.written.words import with_notes
from zhaoren.errors import ZhaorenError

_CONTACT_ZH = {"name": "姓名", "phone": "电话", "address": "住址"}
_SOURCE = ("extract", "last_known_date", "is_stale")


def explain_household(
    site: Site, what: str, as_of: date | None, contact: bool, rules: Sequence[str] = ()
) -> dict[str, Any]:
    """Alerts, fired signals, benefits with reasons, stale sources, rows found to be theirs without a number.

    `steps`: every test of `rules` (default: every benefit in force) with the facts it saw, their sources and
    the date of the newest delivery, parameters and clause, and the sum where all hold. `derived`: each
    derived fact they rest on, once, with its formula and what that rests on. People are numbered as
    `persons` has them. `nearest`: the benefit missed by least;
    `policy_gap`: whether trouble was seen and no paid benefit fits. With `contact`, whom to call and what
    was written at former visits (logged).
    """
    household, day = _find(site, what, as_of)
    persons, households = (
        household_rows(site.con, f"panel.{table}", household, day) for table in ("person", "household")
    )
    sources = partition(site.con, "mart.staleness", day, *_SOURCE)
    newest = dict(sources.select("extract", "last_known_date").drop_nulls().rows())
    near = parameters.group(site.catalogue, "alerts", day)["near_miss_share"]
    rules = rules or [benefit.id for benefit in site.catalogue.benefits_at(day)]
    people = persons_in_words(site, persons)
    parts = {
        table: [
            row | _named(site, row, people)
            for row in household_rows(site.con, f"mart.{table}", household, day).to_dicts()
        ]
        for table in ("alert", "signal", "entitlement", "policy_gap")
    }
    shown = _Shown(newest, dict(zip(people, enumerate(people.values(), 1), strict=True)))
    steps = [asdict(step) for step in trace(site.catalogue, persons, households, day, rules)]
    derived = derivations(site.catalogue, persons, households, day, wanted(site.catalogue, day, rules))
    return {
        "household_id": household,
        "as_of": day,
        "persons": [
            {"person_id": person, "person_zh": zh, "member": number}
            for number, (person, zh) in enumerate(people.items(), 1)
        ],
        "alerts": parts["alert"],
        "signals": parts["signal"],
        "benefits": parts["entitlement"],
        "policy_gap": parts["policy_gap"],
        "nearest": nearest_missed(site.catalogue, persons, households, day, near).to_dicts(),
        "steps": [shown.of(step) | _named(site, step, people) for step in steps],
        "derived": [shown.of(asdict(one)) for one in derived],
        "stale": sources.filter("is_stale").get_column("extract").to_list(),
        "identity": [
            link | _named(site, link, people)
            for link in links_of(site.con, persons.select("person_id").unique(), day).to_dicts()
        ],
        "contact": _contact(site, household, persons, day) if contact else [],
    }


def persons_in_words(site: Site, persons: pl.DataFrame) -> dict[str, str]:
    """person_id -> who that is in the family, without a name: 户主，女，43岁. The head goes first."""
    words = {
        name: {value.code: value.zh for value in site.codes[name].values} for name in ("relation", "sex")
    }
    rows = persons.select("person_id", "relation_code", "sex_code", "age_years").unique(keep="first")
    found = {}
    for person, relation, sex, age in rows.sort(pl.col("relation_code") != "head", "person_id").rows():
        parts = (words["relation"].get(relation), words["sex"].get(sex), None if age is None else f"{age}岁")
        found[person] = "，".join(part for part in parts if part)
    return found


def _named(site: Site, row: Mapping[str, Any], people: Mapping[str, str]) -> dict[str, Any]:
    """What the ids of a row stand for: person_zh, benefit_zh, signal_zh, rule_zh."""
    benefits = {benefit.id: benefit.name_zh for benefit in site.catalogue.benefits}
    rules = {signal.id: signal.name_zh for signal in site.catalogue.signals} | benefits
    names = {"person_id": people, "benefit_id": benefits, "signal_id": rules, "rule_id": rules}
    return {
        f"{key.removesuffix('_id')}_zh": table.get(row[key], "")
        for key, table in names.items()
        if row.get(key)
    }


@dataclass(frozen=True)
class _Shown:
    """Puts beside what was read what only the home knows.

    newest  extract -> the date of its newest delivery
    people  person_id -> number and relation, by which members are called
    """

    newest: Mapping[str, date]
    people: Mapping[str, tuple[int, str]]

    def of(self, plain: dict[str, Any]) -> dict[str, Any]:
        """Each fact with its newest delivery (none where nobody delivers it), each member by number."""
        for fact in plain.get("facts", ()):
            extracts = {source.partition(".")[0] for source in fact["sources"]}
            fact["known_date"] = max((self.newest[n] for n in extracts & self.newest.keys()), default=None)
        for word in plain.get("members", ()):
            word["members"] = [self._member(self.of(member)) for member in word["members"]]
        for key in plain.keys() & {"missing", "values"}:
            plain[key] = [self._member(self.of(one)) for one in plain[key]]
        return plain

    def _member(self, plain: dict[str, Any]) -> dict[str, Any]:
        """By number and relation, not by id."""
        person = plain.pop("person_id")
        member, zh = self.people.get(person, (None, ""))
        return {"member": member, "person_zh": zh} | plain


def _find(site: Site, what: str, as_of: date | None) -> tuple[str, date]:
    row = newest_answer(site.con, what, as_of)
    if row is None:
        raise ZhaorenError(
            f"Nothing is known as “{what}”.",
            "" if as_of is None else str(as_of),
            "It is neither a case number nor a household id of a date that was run.",
            "Copy the number from a list; `zhaoren status` shows the dates.",
        )
    return row


def _contact(site: Site, household: str, persons: pl.DataFrame, as_of: date) -> list[tuple[str, str]]:
    whom = heads(persons).get_column("person_id")
    with site.open_vault(as_of, "contact", household) as vault:
        sources = {"name": parameters.name_sources(site.catalogue, as_of)}
        found = {
            zh: vault.latest(whom, what, as_of, sources.get(what, ())) for what, zh in _CONTACT_ZH.items()
        }
        visits = with_notes(vault, known_visits(site.con, cases_of(site.con, household)))
    told = [(zh, frame.item(0, "value") if frame.height else "") for zh, frame in found.items()]
    return told + [_visit(row) for row in visits.rows(named=True)]


def _visit(row: Mapping[str, Any]) -> tuple[str, str]:
    """A former visit: its day and result, who went and what they wrote."""
    said = "：".join(text for text in (row["worker"], row["note_zh"]) if text)
    return f"走访{row['found_date']}，结果{row['result_code']}{_standing(row)}", said


def _standing(row: Mapping[str, Any]) -> str:
    """What is thought of a visit: nothing where it counts or says what a copy of it says."""
    if row["ruling"] is False:
        return f"，{row['ruled_from']}起不计"
    return "" if row["is_counted"] else "，与另一条不一致，待认定"
