"""The words of a 救助链: every row about a household told in Chinese, on one line of time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from flows.context.site import Site
from policies.casework.choices import choices
from policies.casework.contacts import load_contacts
from policies.casework.key_persons import load_key_persons
from policies.casework.life import load_life
from policies.casework.steps import load_steps
from warehouse.casework.chain import stories_of

Row = Mapping[str, Any]
LEVELS = {"red": "红色", "orange": "橙色", "yellow": "黄色", "blue": "蓝色"}
QUEUES = {"need": "帮扶", "compliance": "核查"}
SOURCES = {
    "alert": "预警",
    "audit": "例行走访",  # a list does not tell its drawn lines, and neither does a family's story
    "worker": "社工发现",
    "neighbour": "邻里报告",
    "self": "本人求助",
    "nominated": "本站自选",
}
HOLDERS = {"town": "社工站", "county": "区县", "city": "地市"}
# Of the log only what no row of people's own tells.
_TOLD_BY_ROWS = ("try", "reach", "visit", "handle", "refer", "answer", "decline")
# On one day: what was seen, what people did, what became of the case.
_ORDER = ("case", "alert", "payment", "contact", "visit", "step", "key_visit", "event")


def chains_of(site: Site, abouts: Iterable[str], day: date) -> dict[str, dict[str, Any]]:
    """Household -> its chain (flows.queries.chain) as known by the day, but for what rolls paid."""
    parts, words = stories_of(site.con, abouts, day), Words.of(site, day)
    by_whom = {
        name: {str(about): rows for (about,), rows in frame.partition_by("about", as_dict=True).items()}
        for name, frame in parts.items()
    }
    nothing = {name: frame.clear() for name, frame in parts.items()}
    return {
        about: told(about, {name: by_whom[name].get(about, nothing[name]) for name in parts}, words)
        for about in sorted(set(abouts))
    }


def told(about: str, parts: Mapping[str, pl.DataFrame], words: Words) -> dict[str, Any]:
    """The story in words, oldest first."""
    links = [
        link
        for kind in _ORDER
        if kind in parts
        for row in parts[kind].rows(named=True)
        for link in words.tell(kind, row)
    ]
    links.sort(key=lambda link: (link["date"], link["known_date"], _ORDER.index(link["kind"])))
    states = {row["case_no"]: row for row in parts["event"].rows(named=True)}
    return {
        "about": about,
        "as_of": words.day,
        "cases": [words.case(row, states.get(row["case_no"])) for row in parts["case"].rows(named=True)],
        "links": links,
    }


@dataclass(frozen=True)
class Words:
    """What codes are called, as the rules of the day have it."""

    benefits: Mapping[str, str]
    results: Mapping[str, str]
    signals: Mapping[str, str]
    day: date

    @classmethod
    def of(cls, site: Site, day: date) -> Words:
        """The words of a home's own rules."""
        found = site.catalogue
        return cls(
            {one.id: one.name_zh for one in found.benefits},
            {one.code: one.zh for one in found.result_codes},
            {one.id: one.name_zh for one in found.signals},
            day,
        )

    def case(self, row: Row, last: Row | None) -> dict[str, Any]:
        """A case and the state it is in."""
        state = last["to_state"] if last else ""
        return {
            "case_no": row["case_no"],
            "queue_zh": QUEUES.get(row["queue"], row["queue"]),
            "state": state,
            "state_zh": load_life(self.day).states[state].zh if state else "",
            "held_by_zh": HOLDERS.get(last["held_by"], "") if last and last["due_date"] else "",
            "due_date": last["due_date"] if last else None,
        }

    def tell(self, kind: str, row: Row) -> Iterator[dict[str, Any]]:
        """The row as a link of the chain; nothing where another row tells the same."""
        tellers: dict[str, Callable[[Row], tuple[date, date, str] | None]] = {
            **{"case": self._case, "alert": self._alert, "event": self._event, "contact": self._contact},
            **{"visit": self._visit, "step": self._step, "payment": self._payment},
            "key_visit": self._key_visit,
        }
        told = tellers[kind](row)
        if told is not None:
            happened, known, text = told
            ids = {key: row[key] for key in ("alert_id", "visit_id", "contact_id", "step_id") if row.get(key)}
            number = row.get("case_no") or ""
            yield {
                "date": happened,
                "known_date": known,
                "kind": kind,
                "case_no": number,
                "text_zh": text,
            } | ids

    def _case(self, row: Row) -> tuple[date, date, str]:
        text = f"立案（{QUEUES.get(row['queue'], row['queue'])}），来源：{SOURCES[row['source_code']]}"
        return row["opened_date"], row["opened_date"], text

    def _alert(self, row: Row) -> tuple[date, date, str]:
        listed = (
            "上名单" if row["is_listed"] else {"suppressed": "暂不列入"}.get(row["status"], "排队，未上名单")
        )
        level = LEVELS.get(row["level"], row["level"])
        return row["as_of"], row["as_of"], f"预警，{level}，{listed}：{row['reason_zh'] or ''}"

    def _event(self, row: Row) -> tuple[date, date, str] | None:
        life = load_life(row["known_date"])
        if row["event_code"] in _TOLD_BY_ROWS:
            return None
        text = life.event_zh(row["event_code"], row["from_state"])
        if row["event_code"] == "escalate":
            text += f"：由{HOLDERS[row['held_by']]}督办，期限是{row['due_date']}"
        if row["reason_code"]:
            text += "：" + next(one.zh for one in life.withdrawal_reasons if one.code == row["reason_code"])
        if row["event_code"] == "assign":
            text += f"，期限{row['due_date']}"
        return row["event_date"], row["known_date"], text

    def _contact(self, row: Row) -> tuple[date, date, str]:
        names = load_contacts(row["known_date"])
        way, part, came = (
            {word.code: word.zh for word in words}.get(code, "")
            for words, code in (
                (names.ways, row["way_code"]),
                (names.parts_of_day, row["part_of_day"]),
                (names.results, row["contact_result"]),
            )
        )
        return row["contact_date"], row["known_date"], f"联系（{part}，{way}）：{came}"

    def _visit(self, row: Row) -> tuple[date, date, str]:
        benefit = self.benefits.get(row["benefit_id"] or "")
        text = f"走访：{row['result_code']} {self.results.get(row['result_code'], '')}"
        text += (f"（{benefit}）" if benefit else "") + ("" if row["is_counted"] else "（不计入）")
        return row["found_date"] or row["known_date"], row["known_date"], text

    def _step(self, row: Row) -> tuple[date, date, str]:
        rules = load_steps(row["known_date"])
        kind = rules.kinds[row["kind_code"]]
        receivers = {one.code: one.zh for one in rules.receivers}
        subject = row["subject"] or ""
        agreed = dict(choices(row["known_date"])["follow_up"])
        subject = self.benefits.get(subject) or receivers.get(subject) or agreed.get(subject) or subject
        event = kind.events[row["event_code"]].zh
        due = f"，下一步期限{row['due_date']}" if row["due_date"] else ""
        text = f"{kind.zh}{f'（{subject}）' if subject else ''}：{event}{due}"
        return row["event_date"] or row["known_date"], row["known_date"], text

    def _payment(self, row: Row) -> tuple[date, date, str]:
        name = self.benefits.get(row["benefit_id"], row["benefit_id"])
        seen = "最早的数据里已在领" if row["is_first_date"] else "新见发放"
        persons = f"（{row['person_cnt']}人）" if row["person_cnt"] > 1 else ""
        return row["as_of"], row["as_of"], f"{seen}：{name}{persons}"

    def _key_visit(self, row: Row) -> tuple[date, date, str]:
        if row["visited_date"]:
            return row["visited_date"], row["known_date"], "重点人员按月走访"
        reasons = {one.code: one.zh for one in load_key_persons(row["known_date"]).excuses}
        why = reasons.get(row["excuse_code"], "")
        return row["as_of"], row["known_date"], f"重点人员本月未走访：{why}"
