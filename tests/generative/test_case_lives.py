"""A year of made-up lists, tries, visits and steps: every case is in one state on every day.

The alerts are built by the real rules from signals that come, grow and go; what people write comes in any
order, late and doubled. The log is then read by queries of this file's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from flows.context.catalogue_frames import cooldowns
from policies.casework.life import load_life
from policies.casework.steps import load_steps
from policies.casework.versions import FOLDER
from policies.loading import load_catalogue
from tests.helpers.alerts import DUE_DAYS, OPERATIONS, SIGNALS, homes, kept, signal
from tests.helpers.cases import Station
from tests.helpers.warehouses import empty, empty_warehouse, put_rows
from transforms.alerts.alerts import build_alerts, cases_of
from transforms.alerts.inputs import AlertInputs
from warehouse.as_of import outcomes
from warehouse.database.connection import fetch
from warehouse.database.partitions import StepDone
from warehouse.queries.earlier_lists import earlier_lines, signals_visited
from zhaoren.yaml_lines import load_yaml

HOUSEHOLDS = [f"H{n}" for n in range(1, 13)]
FIRST, MONTHS = date(2026, 1, 5), 12
RESTS = cooldowns(load_catalogue())
LONGEST = 180
CODES = ["10", "11", "20", "20", "22", "30", "40", "41", "50", "60", "60", "90"]
TABLES = ("mart.alert", "mart.case", "mart.case_event", "mart.contact", "mart.visit", "mart.visit_ruling")


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    con = empty_warehouse(Path(tmp_path_factory.mktemp("lives")) / "w.duckdb")
    yield Station(con)
    con.close()


class Year:
    """One made-up stretch of months: `signs` of each household, and what people come to write."""

    def __init__(self, station: Station, random: Random) -> None:
        self.station, self.random = station, random
        self.signs: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in HOUSEHOLDS}
        self.number = 0

    def lists(self, day: date) -> None:
        """Signs come, grow and go; the date's alerts are built and kept as a run keeps them."""
        for name, own in self.signs.items():
            self._changed(name, own, day)
        rows = [one for own in self.signs.values() for one in own.values()]
        signals = pl.DataFrame(rows, schema=SIGNALS, orient="row")
        con, since = self.station.con, day - timedelta(days=LONGEST)
        missing = pl.DataFrame(schema=_MISSING)
        places = homes(HOUSEHOLDS)
        inputs = AlertInputs(
            as_of=day,
            signals=signals,
            missing=missing,
            households=places,
            stations=places.select("town_code").unique().with_columns(capacity=pl.lit(6, pl.Int64)),
            operations=replace(OPERATIONS, station_lines_month=6),
            due_dates={level: day + timedelta(days=days) for level, days in DUE_DAYS.items()},
            cooldowns=RESTS,
            previous_alerts=earlier_lines(con, day, since, cases_of(signals, missing)),
            previous_signals=signals_visited(con, day, since),
            outcomes=outcomes(con, day),
        )
        put_rows(con, "mart.alert", build_alerts(inputs))
        if rows:
            columns = (
                "as_of",
                "signal_id",
                "queue",
                "household_id",
                "person_id",
                "state",
                "value",
                "fact_date",
            )
            put_rows(con, "mart.signal", kept(*rows, as_of=day).select(columns))
        StepDone(day, "score", str(day), self.station.now()).record(con)

    def _changed(self, name: str, own: dict[str, dict[str, Any]], day: date) -> None:
        roll = self.random.random()
        sign = self.random.choice(["I01", "I02", "I03"])
        if roll < 0.35:
            level = self.random.choice(["red", "orange", "yellow"])
            own[sign] = signal(name, sign, level, value=self.random.choice([100, 120, 160, 900]))
        elif roll < 0.45:
            own["I09"] = signal(name, "I09", "red", is_event=True, fact_date=day - timedelta(days=3))
        elif roll < 0.65:
            own.pop(self.random.choice([*own, sign]), None)

    def writes(self, day: date) -> None:
        """Somebody writes of some of the cases: in no order, some of it late, some of it twice."""
        listed = fetch(
            self.station.con,
            "SELECT case_no, arg_max(a.alert_id, a.as_of) AS alert_id FROM mart.case c "
            "JOIN mart.alert a ON a.household_id = c.case_id WHERE is_listed GROUP BY 1 ORDER BY 1",
        )
        for case_no, alert in listed.rows():
            if self.random.random() < 0.08:
                self._nobody_there(case_no, day)
            for _ in range(self.random.choice([0, 0, 1, 1, 2, 3])):
                self._one(case_no, alert, day)

    def _nobody_there(self, case_no: str, day: date) -> None:
        """As the rule asks for: by telephone and at the door, at other times of day, then the village."""
        for part, way in (
            ("morning", "phone"),
            ("evening", "phone"),
            ("afternoon", "door"),
            ("morning", "village"),
        ):
            self.number += 1
            self.station.contact(case_no, day, part, way, "no_answer", f"X{self.number:05}")

    def _one(self, case_no: str, alert: str, day: date) -> None:
        random, self.number = self.random, self.number + 1
        ref, before = f"X{self.number:05}", day - timedelta(days=random.randint(0, 9))
        what = random.random()
        if what < 0.4:
            part, way = (
                random.choice(["morning", "afternoon", "evening"]),
                random.choice(["phone", "door", "village"]),
            )
            result = random.choice(["reached", "no_answer", "away", "wrong_number"])
            self.station.contact(case_no, day, part, way, result, ref, before)
        elif what < 0.7:
            self.station.visit(alert, random.choice(CODES), day, before, row_no=self.number)
        else:
            self._step(case_no, ref, day)

    def _step(self, case_no: str, ref: str, day: date) -> None:
        """The next event of a matter of the case that is open, or the first of a new one."""
        rules = load_steps()
        last = self.station.con.execute(
            "SELECT step_id, kind_code, arg_max(event_code, step_no), max(step_no) FROM mart.step "
            "WHERE case_no = ? GROUP BY ALL ORDER BY ALL",
            [case_no],
        ).fetchall()
        open_ = [one for one in last if rules.kinds[one[1]].may_follow(one[2])]
        due = day + timedelta(days=self.random.randint(3, 30))
        if open_ and self.random.random() < 0.7:
            step, kind, event, number = self.random.choice(open_)
            following = self.random.choice(rules.kinds[kind].may_follow(event))
            end = None if following.is_end else due
            self.station.step(case_no, step, number + 1, kind, following.code, day, end)
        else:
            kind = self.random.choice(["application", "referral", "follow_up", "objection", "casework"])
            first = rules.kinds[kind].may_follow(None)[0]
            self.station.step(case_no, ref, 1, kind, first.code, day, due)


_MISSING = {
    **{"household_id": pl.String, "missing_benefits_zh": pl.String, "benefit_ids": pl.String},
    **{"gap_fen": pl.Int64, "gap_cnt": pl.Int64, "gaps_zh": pl.String},
}


# A year takes half a minute, and its seed has no smaller twin that would tell more.
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12))])
def test_every_case_is_in_one_state_on_every_day(station: Station, seed: int) -> None:
    _lived(station, Random(seed))
    _is_whole(station)
    _every_move_is_legal(station)
    _withdrawn_only_without_a_reason(station)
    _closed_only_at_an_end(station)
    _nobody_twice_within_a_rest(station)
    if seed == 1:
        states = station.con.execute("SELECT DISTINCT to_state FROM mart.case_event").fetchall()
        assert {state for (state,) in states} == set(load_life().states), "each state is reached"


def _lived(station: Station, random: Random) -> None:
    """A year of lists, each followed by two days on which people write; nothing before it."""
    for table in (*TABLES, "mart.step", "mart.signal", "ops.case_note", "ops.step"):
        empty(station.con, table)
    year, before = Year(station, random), station.log()
    for month in range(MONTHS):
        lists = FIRST.replace(month=1 + month)
        year.lists(lists)
        before = _advanced(station, lists, before)
        for later in sorted(random.sample(range(1, 27), 2)):
            year.writes(day := lists + timedelta(days=later))
            before = _advanced(station, day, before)
        assert station.advance(day) == 0, "the same day twice adds nothing"


def _advanced(station: Station, day: date, before: pl.DataFrame) -> pl.DataFrame:
    """The log after the day: what it said before is there, word for word."""
    station.advance(day)
    log = station.log()
    assert log.filter(pl.col("known_date") < day).equals(before.filter(pl.col("known_date") < day))
    assert log.join(before, on=log.columns, how="semi", nulls_equal=True).height == before.height
    return log


def _none(station: Station, query: str) -> None:
    assert station.con.execute(query).fetchall() == []


def _is_whole(station: Station) -> None:
    """Every case has begun, its events have numbers without a gap, each goes on where the last one ended."""
    _none(station, "SELECT case_no FROM mart.case ANTI JOIN mart.case_event USING (case_no)")
    _none(station, "SELECT case_id, queue FROM mart.case GROUP BY ALL HAVING count(*) > 1")
    _none(
        station,
        "SELECT * FROM (SELECT case_no, event_no, row_number() OVER w AS nth, from_state, known_date, "
        "episode_no, "
        "lag(to_state, 1, 'none') OVER w AS was, lag(known_date) OVER w AS known_before, "
        "lag(episode_no, 1, 1) OVER w AS episode_before FROM mart.case_event "
        "WINDOW w AS (PARTITION BY case_no ORDER BY event_no)) "
        "WHERE event_no <> nth OR from_state <> was OR known_date < known_before "
        "OR episode_no NOT IN (episode_before, episode_before + 1)",
    )
    # Whatever people wrote is in the log or noted.
    for table, key in (("mart.contact", "contact_id"), ("mart.step", "step_id")):
        _none(
            station,
            f"SELECT {key} FROM {table} WHERE {key} NOT IN (SELECT ref_id FROM mart.case_event WHERE ref_id "
            "IS NOT NULL UNION SELECT ref_id FROM ops.case_note)",
        )


def _every_move_is_legal(station: Station) -> None:
    """Against the file itself, read as plain YAML."""
    legal = {
        (one["event"], source, source if one.get("keeps_state") else one["to"])
        for one in load_yaml(FOLDER / "life.yaml").data["transitions"]
        for source in one["from"]
    }
    moves = station.con.execute(
        "SELECT DISTINCT event_code, from_state, to_state FROM mart.case_event"
    ).fetchall()
    assert set(moves) <= legal


def _withdrawn_only_without_a_reason(station: Station) -> None:
    """No alert on the day, and no visit since the case began."""
    _none(
        station,
        "SELECT e.case_no FROM mart.case_event e JOIN mart.case c USING (case_no) JOIN mart.alert a "
        "ON a.as_of = e.known_date AND a.household_id = c.case_id AND a.queue = c.queue "
        "WHERE event_code = 'withdraw'",
    )
    _none(
        station,
        "SELECT e.case_no FROM mart.case_event e JOIN mart.case_event v ON v.case_no = e.case_no "
        "AND v.episode_no = e.episode_no AND v.event_no < e.event_no AND v.event_code = 'visit' "
        "WHERE e.event_code = 'withdraw'",
    )
    _none(
        station, "SELECT 1 FROM mart.case_event WHERE (event_code = 'withdraw') <> (reason_code IS NOT NULL)"
    )


def _closed_only_at_an_end(station: Station) -> None:
    """A need that was found closes with all its matters ended; being away closes nothing."""
    _none(
        station,
        "SELECT e.case_no FROM mart.case_event e JOIN (SELECT case_no, known_date, event_code, kind_code, "
        "lead(known_date, 1, DATE '9999-1-1') OVER (PARTITION BY step_id ORDER BY step_no) AS until "
        "FROM mart.step) s ON s.case_no = e.case_no "
        "AND s.known_date <= e.known_date AND s.until > e.known_date "
        "AND ((kind_code = 'application' "
        "AND s.event_code IN ('submitted', 'granted')) "
        "OR (kind_code = 'follow_up' AND s.event_code IN ('agreed', 'changed')) "
        "OR (kind_code = 'referral' AND s.event_code IN ('sent', 'accepted')) "
        "OR (kind_code = 'casework' AND s.event_code <> 'closing')) WHERE e.event_code = 'close'",
    )
    closing = load_life().closing_codes
    told = station.con.execute(
        "SELECT DISTINCT result_code FROM mart.case_event e JOIN mart.visit v ON v.visit_id = e.ref_id "
        "WHERE event_code = 'close'"
    ).fetchall()
    assert {code for (code,) in told} <= set(closing)


def _nobody_twice_within_a_rest(station: Station) -> None:
    """Who is on a list while a result rests is there for something that the lists before had not said."""
    rests = {code: days for code, days in RESTS.rows() if days}
    con = station.con
    visits = con.execute(
        "SELECT substr(alert_id, 10, length(alert_id) - 11), result_code, found_date, known_date, "
        "withdrawn_date "
        "FROM mart.outcome"
    ).fetchall()
    for case, code, found, known, withdrawn in visits:
        if code not in rests:
            continue
        rows = con.execute(
            "SELECT as_of, signal_ids, arm FROM mart.alert WHERE household_id = ? AND is_listed ORDER BY 1",
            [case],
        ).fetchall()
        seen = {one for as_of, ids, _ in rows if as_of <= found for one in ids.split(",")}
        for as_of, ids, arm in rows:
            is_resting = max(found, known) < as_of <= found + timedelta(days=rests[code])
            if not is_resting or (withdrawn and withdrawn <= as_of) or arm == "audit":
                continue
            again = set(ids.split(","))
            assert again - seen or _grown(station, case, again, found, as_of), (case, code, found, as_of)


def _grown(station: Station, case: str, signs: set[str], found: date, as_of: date) -> bool:
    """An event of a later day, or a value grown by half since a list that the visit answered."""
    rows = station.con.execute(
        "SELECT signal_id, as_of, value, fact_date FROM mart.signal WHERE household_id = ? AND as_of <= ?",
        [case, as_of],
    ).fetchall()
    now = {sign: (value, day) for sign, on, value, day in rows if on == as_of}
    old = [(sign, value, day) for sign, on, value, day in rows if on <= found]
    return any(
        (sign == name and ((value and new and new >= value * 3 / 2) or (day and fresh and fresh > day)))
        for name in signs
        for new, fresh in [now.get(name, (None, None))]
        for sign, value, day in old
    )
