"""The funnel counted by hand: plain dictionaries over the rows that were put in, no query, no frame."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from statistics import median

from tests.helpers.made_lives import Lives, Row

NEED, NO_NEED = {"11", "20", "21", "22", "23", "30"}, {"10", "40", "41"}
STAGES = ("issued", "contacted", "visited", "confirmed", "applied", "paid")
Episodes = dict[tuple[str, int], dict[str, date]]


@dataclass
class Hand:
    """Counts by hand of what was known on a day, up to a last day."""

    lives: Lives
    last: date
    day: date

    def known(self, row: Row, dated: str) -> bool:
        """Whether a row counts."""
        return bool(row["known_date"] <= self.day and row[dated] <= self.last)

    def needy(self) -> dict[str, Row]:
        """The cases of the queue of need, by number."""
        return {case["case_no"]: case for case in self.lives.of("mart.case") if case["queue"] == "need"}

    def visits(self) -> list[Row]:
        """Visits that count: of two that contradict each other neither does."""
        all_known = [v for v in self.lives.of("mart.visit") if v["known_date"] <= self.day]
        return [v for v in all_known if self.known(v, "found_date") and not any(
            o is not v and o["case_no"] == v["case_no"] and o["alert_id"] == v["alert_id"] and _differ(o, v)
            for o in all_known
        )]  # fmt: skip

    def episodes(self) -> Episodes:
        """The first day of each stage, by case and episode."""
        needy = self.needy()
        found: Episodes = {}
        begun: dict[tuple[str, int], date] = {}
        for event in self.lives.of("mart.case_event"):
            if event["case_no"] in needy and self.known(event, "event_date"):
                key = (event["case_no"], event["episode_no"])
                begun[key] = min(begun.get(key, date.max), event["event_date"])
                stage = {"issue": "issued", "reach": "contacted"}.get(event["event_code"])
                if stage:
                    _first(found.setdefault(key, {}), stage, event["event_date"])
                found.setdefault(key, {})
        for visit in self.visits():
            if visit["case_no"] in needy:
                of = _of_episode(begun, visit["case_no"], visit["found_date"])
                for stage in (
                    "contacted",
                    "visited",
                    *(("confirmed",) if visit["result_code"] in NEED else ()),
                ):
                    _first(found[of], stage, visit["found_date"])
        for step in self.lives.of("mart.step"):
            stage = {"submitted": "applied", "paid": "paid"}.get(step["event_code"])
            if step["case_no"] in needy and stage and self.known(step, "event_date"):
                _first(
                    found[_of_episode(begun, step["case_no"], step["event_date"])], stage, step["event_date"]
                )
        return found

    def yuan(self, first: date) -> dict[str, float]:
        """Yuan a month newly reached by household, of payments first seen from `first` on."""
        needy = self.needy()
        gaps: dict[str, float] = {}
        paid: dict[tuple[str, str], Row] = {}
        for step in self.lives.of("mart.step"):
            if step["event_code"] == "paid" and step["case_no"] in needy and self.known(step, "event_date"):
                key = (step["case_no"], step["subject"])
                paid[key] = min(paid.get(key, step), step, key=lambda one: one["event_date"])
        for (case, benefit), step in paid.items():
            household = needy[case]["household_id"]
            told = [
                e for e in self.lives.of("mart.entitlement")
                if (e["household_id"], e["benefit_id"]) == (household, benefit)
            ]  # fmt: skip
            before = [e for e in told if e["as_of"] < step["known_date"] and e["gap_yuan_month"]]
            last = max(before, key=lambda e: e["as_of"], default=None)
            on_the_day = [e["amount_yuan_month"] for e in told if e["as_of"] == step["known_date"]]
            yuan = last["gap_yuan_month"] if last else sum(on_the_day)
            if step["event_date"] >= first:
                gaps[household] = gaps.get(household, 0.0) + yuan
        return gaps

    def count(self, stage: str, first: date, prefix: str) -> int:
        """Episodes of a place that came to the stage from `first` on."""
        return len([1 for town, dates in self._placed(prefix) if stage in dates and dates[stage] >= first])

    def days(self, before: str, after: str, first: date, prefix: str) -> float | None:
        """The median of the days between two stages, of those that came to the later one from `first` on."""
        spans = [
            (dates[after] - dates[before]).days for _, dates in self._placed(prefix)
            if before in dates and after in dates and dates[after] >= max(first, dates[before])
        ]  # fmt: skip
        return float(median(spans)) if spans else None

    def _placed(self, prefix: str) -> list[tuple[str, dict[str, date]]]:
        needy = self.needy()
        towns = {key: needy[key[0]]["town_code"] or "--" for key in self.episodes()}
        return [
            (towns[key], dates) for key, dates in self.episodes().items() if towns[key].startswith(prefix)
        ]


def _differ(one: Row, other: Row) -> bool:
    codes = one["result_code"], other["result_code"]
    crossed = (codes[0] in NEED and codes[1] in NO_NEED) or (codes[1] in NEED and codes[0] in NO_NEED)
    return crossed or (one["found_date"] == other["found_date"] and codes[0] != codes[1])


def _first(dates: dict[str, date], stage: str, day: date) -> None:
    dates[stage] = min(dates.get(stage, date.max), day)


def _of_episode(begun: dict[tuple[str, int], date], case: str, day: date) -> tuple[str, int]:
    of = [(start, key) for key, start in begun.items() if key[0] == case]
    return max((pair for pair in of if pair[0] <= day), default=min(of))[1]
