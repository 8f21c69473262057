"""What must hold of every home after any number of months, asked of its tables by queries of the tests' own.

Each check returns the rows that break it; none of our product's casework code is used.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import yaml

from flows.context.home import Home
from tests.helpers.homes import rows_of
from zhaoren.rooms import room

_LIFE: dict[str, Any] = yaml.safe_load((room("policies") / "casework" / "life.yaml").read_text())
_STEPS: dict[str, Any] = yaml.safe_load((room("policies") / "casework" / "steps.yaml").read_text())
_RESULTS: dict[str, Any] = yaml.safe_load((room("policies") / "result_codes.yaml").read_text())


def allowed_moves() -> pl.DataFrame:
    """event_code, from_state (none before the first), to_state of everything that life.yaml allows."""
    rows = [
        (one["event"], state, state if one.get("keeps_state") else one["to"])
        for one in _LIFE["transitions"]
        for state in one["from"]
    ]
    return pl.DataFrame(rows, schema=["event_code", "from_state", "to_state"], orient="row").unique()


def log_faults(home: Home) -> dict[str, pl.DataFrame]:
    """The log's rows that are out of order, do not follow from the one before, or are no legal move."""
    log = rows_of(home, "SELECT * FROM mart.case_event ORDER BY case_no, event_no")
    before = pl.col("to_state").shift(1).over("case_no").fill_null("none")
    log = log.with_columns(
        _before=before,
        _known=pl.col("known_date").shift(1).over("case_no"),
        _place=pl.int_range(1, pl.len() + 1).over("case_no"),
    )
    moves = allowed_moves().with_columns(_legal=pl.lit(True))
    legal = log.join(moves, on=["event_code", "from_state", "to_state"], how="left")
    return {
        "numbered with a gap": log.filter(pl.col("event_no") != pl.col("_place")),
        "does not begin where the last ended": log.filter(pl.col("from_state") != pl.col("_before")),
        "known before the one before": log.filter(pl.col("known_date") < pl.col("_known")),
        "happened after it was known": log.filter(pl.col("event_date") > pl.col("known_date")),
        "not a legal move": legal.filter(pl.col("_legal").is_null()),
    }


def day_faults(home: Home) -> dict[str, pl.DataFrame]:
    """Cases whose state on a list date is not what that date's list says of them."""
    state = (
        "(SELECT to_state FROM mart.case_event e WHERE e.case_no = c.case_no AND e.known_date <= a.as_of "
        "ORDER BY event_no DESC LIMIT 1)"
    )
    rows = rows_of(
        home,
        f"SELECT a.as_of, a.alert_id, a.queue, a.status, a.is_listed, c.case_no, {state} AS state "
        "FROM mart.alert a LEFT JOIN mart.case c ON c.queue = a.queue "
        "AND c.case_id = coalesce(a.household_id, substr(a.alert_id, 10, length(a.alert_id) - 11))",
    )
    open_states = [one["code"] for one in _LIFE["states"] if one["is_open"]]
    is_open = pl.col("state").is_in(open_states)
    return {
        "no case": rows.filter(pl.col("case_no").is_null()),
        "two cases": rows.filter(pl.len().over("as_of", "alert_id") > 1),
        "no state": rows.filter(pl.col("state").is_null()),
        "listed and not open": rows.filter("is_listed", ~is_open),
        "listed and still waiting": rows.filter("is_listed", pl.col("state") == "issued"),
        "waits and is over": rows.filter(~pl.col("is_listed"), pl.col("status") != "suppressed", ~is_open),
    }


def list_faults(home: Home) -> dict[str, pl.DataFrame]:
    """Lists beyond their hours with anything but red, and stations whose counts are not their lists'."""
    rows = rows_of(
        home,
        "SELECT s.as_of, s.town_code, s.capacity, s.listed_cnt, s.red_beyond_cnt, s.waiting_cnt, "
        "count(*) FILTER (a.is_listed) AS listed, "
        "count(*) FILTER (a.is_listed AND a.level = 'red') AS red, "
        "count(*) FILTER (NOT a.is_listed AND a.status <> 'suppressed') AS waiting "
        "FROM mart.station s LEFT JOIN mart.alert a ON a.as_of = s.as_of AND a.town_code = s.town_code "
        "AND a.queue = 'need' GROUP BY ALL",
    )
    beyond = pl.col("listed") - pl.col("capacity")
    drawn = 2  # the random lines of a station have their places beside the red ones
    return {
        "beyond the hours for another than red": rows.filter(
            pl.col("listed") > pl.max_horizontal("capacity", pl.col("red") + drawn)
        ),
        "red beyond the hours not said": rows.filter(
            (beyond > 0) & (pl.col("red_beyond_cnt") < beyond - drawn)
        ),
        "counts differ": rows.filter(
            (pl.col("listed") != pl.col("listed_cnt")) | (pl.col("waiting") != pl.col("waiting_cnt"))
        ),
    }


def rest_faults(home: Home) -> pl.DataFrame:
    """Households listed again while a result rests, though the line names nothing new.

    Growth of a value by half and newer events wake a case, too: those lines have an event or a larger value.
    """
    rests = {one["code"]: one["cooldown_days"] for one in _RESULTS["result_codes"] if one["cooldown_days"]}
    table = pl.DataFrame({"result_code": list(rests), "days": list(rests.values())})
    found = rows_of(
        home,
        "SELECT a.household_id, a.queue, a.signal_ids AS settled, o.result_code, o.found_date, o.known_date, "
        "o.withdrawn_date, b.as_of, b.signal_ids, "
        "b.benefit_gap_yuan_month - a.benefit_gap_yuan_month AS more, "
        "EXISTS (SELECT 1 FROM mart.signal s JOIN mart.signal t USING (queue, household_id, signal_id) "
        "WHERE s.as_of = b.as_of AND t.as_of = a.as_of AND s.household_id = a.household_id "
        "AND s.state = 'yes' AND t.state = 'yes' AND s.queue = a.queue "
        "AND (s.fact_date > t.fact_date OR s.value >= 1.5 * t.value)) AS grew "
        "FROM mart.outcome o JOIN mart.alert a USING (alert_id) "
        "JOIN mart.alert b ON b.household_id = a.household_id AND b.queue = a.queue "
        "AND b.as_of > o.known_date AND b.is_listed AND b.arm <> 'audit'",
    ).join(table, on="result_code")
    resting = found.filter(
        pl.col("as_of") < pl.col("found_date") + pl.duration(days=pl.col("days")),
        pl.col("withdrawn_date").is_null(),
    )
    new = pl.col("signal_ids").str.split(",").list.set_difference(pl.col("settled").str.split(",")).list.len()
    return resting.filter(new == 0, ~pl.col("grew"), pl.col("more") <= 0)


def key_faults(home: Home) -> pl.DataFrame:
    """Months and towns in which key persons due are not done + excused + open, counted person by person."""
    due = rows_of(home, "SELECT DISTINCT as_of, person_id, town_code FROM mart.key_person")
    came = rows_of(home, "SELECT as_of, person_id, visited_date, excuse_code FROM mart.key_visit")
    seen = came.group_by("as_of", "person_id").agg(
        done=pl.col("visited_date").is_not_null().any(), excused=pl.col("excuse_code").is_not_null().any()
    )
    rows = due.join(seen, on=["as_of", "person_id"], how="left").with_columns(
        pl.col("done", "excused").fill_null(False)
    )
    by_town = rows.group_by("as_of", "town_code").agg(
        due=pl.len(),
        done=pl.col("done").sum(),
        excused=(pl.col("excused") & ~pl.col("done")).sum(),
        open=(~pl.col("excused") & ~pl.col("done")).sum(),
    )
    stray = seen.join(due, on=["as_of", "person_id"], how="anti").with_columns(due=pl.lit(0))
    wrong = by_town.filter(pl.col("due") != pl.col("done") + pl.col("excused") + pl.col("open"))
    return pl.concat([wrong, stray.select("as_of", "due")], how="diagonal_relaxed")


def step_faults(home: Home) -> dict[str, pl.DataFrame]:
    """Matters that go on as steps.yaml does not allow, and needs that were closed with something open."""
    follows = {
        (kind["code"], event["code"], source)
        for kind in _STEPS["kinds"]
        for event in kind["events"]
        for source in event["from"]
    }
    ends = {(k["code"], e["code"]) for k in _STEPS["kinds"] for e in k["events"] if e.get("is_end")}
    steps = rows_of(home, "SELECT * FROM mart.step ORDER BY step_id, step_no").with_columns(
        before=pl.col("event_code").shift(1).over("step_id").fill_null("none")
    )
    moves = [tuple(row) for row in steps.select("kind_code", "event_code", "before").rows()]
    wrong = steps.filter(pl.Series([move not in follows for move in moves], dtype=pl.Boolean))
    # A look back, an objection, a second look go on beside a case and do not keep it open.
    holding = [kind["code"] for kind in _STEPS["kinds"] if any(e.get("case") for e in kind["events"])]
    needy = [one["code"] for one in _RESULTS["result_codes"] if one["is_verified_need"]]
    closed = rows_of(
        home,
        "SELECT e.case_no, e.known_date, v.result_code FROM mart.case_event e "
        "JOIN mart.visit v ON v.case_no = e.case_no AND v.known_date <= e.known_date "
        "WHERE e.event_code = 'close' "
        "QUALIFY row_number() OVER (PARTITION BY e.case_no, e.event_no ORDER BY v.found_date DESC) = 1",
    ).filter(pl.col("result_code").is_in(needy))
    last = steps.join(closed, on="case_no", suffix="_closed").filter(
        pl.col("known_date") <= pl.col("known_date_closed")
    )
    last = last.sort("step_id", "step_no").unique(["step_id", "known_date_closed"], keep="last")
    is_open = [row not in ends for row in last.select("kind_code", "event_code").rows()]
    open_ = last.filter(pl.Series(is_open, dtype=pl.Boolean))
    return {
        "not a legal step": wrong,
        "need closed with something open": open_.filter(pl.col("kind_code").is_in(holding)),
        "need closed without any step": closed.join(steps, on="case_no", how="anti"),
    }


def chance_faults(home: Home) -> dict[str, pl.DataFrame]:
    """Lines without a chance, and stations whose random lines are not what their bands were to give."""
    drawn = "draw_band IN ('edge', 'sign', 'likely', 'quiet')"
    lines = "FROM mart.alert WHERE queue = 'need' AND is_listed AND town_code IS NOT NULL"
    counted = (
        f"SELECT as_of, town_code, draw_band, count(*) AS n {lines} GROUP BY ALL "
        "EXCEPT SELECT as_of, town_code, draw_band, listed_cnt FROM mart.draw"
    )
    whole = (
        "SELECT as_of, town_code, sum(household_cnt * draw_chance) AS mean, sum(listed_cnt) AS n "
        f"FROM mart.draw WHERE {drawn} GROUP BY ALL HAVING abs(mean - n) >= 1"
    )
    return {
        "listed without a chance": rows_of(home, f"SELECT * {lines} AND coalesce(draw_chance, 0) <= 0"),
        "drawn, not counted": rows_of(home, counted),
        "random lines beyond their mean": rows_of(home, whole),
    }


def assert_loop_holds(home: Home) -> None:
    """All of them, with the first rows of each that fails."""
    faults = {**log_faults(home), **day_faults(home), **list_faults(home), **step_faults(home)}
    faults |= {"listed while it rests": rest_faults(home), "key persons do not add up": key_faults(home)}
    faults |= chance_faults(home)
    broken = {name: rows.head(3).to_dicts() for name, rows in faults.items() if rows.height}
    assert broken == {}
