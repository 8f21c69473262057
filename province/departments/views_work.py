"""What medical insurance, health, human resources, education and emergency management send."""

from __future__ import annotations

import numpy as np
import polars as pl

from province.departments.seen import Moment, days, dead_known, fen, labels, person_columns, serial
from province.life.money import school_cost, school_stage
from province.life.rights import born_by
from province.life.rolls import first_alive
from province.people.world import DIBAO, FORMAL, NEVER, RETIRED, TEKUN

_AMOUNTS = {
    "total": "total_yuan",
    "fund": "fund_pay_yuan",
    "aid": "medical_aid_yuan",
    "outside": "out_of_scope_yuan",
    "burden": "personal_burden_yuan",
    "cash": "cash_pay_yuan",
}


def enrolment(now: Moment) -> pl.DataFrame:
    """基本医保参保: who is insured, how, and paid up until when."""
    state, people, traits = now.state, now.state.world.people, now.state.world.traits
    known = dead_known(state, (30 + traits.luck[:, 7] * 120).astype(int))
    rows = np.flatnonzero((people.birth <= now.day - 30) & (known > now.day) & (traits.luck[:, 7] < 0.978))
    employed = (traits.job[rows] == FORMAL) & (state.jobless_from[rows] > now.day - 60)
    until = state.insured_until[rows]
    category = now.rolls.category[people.home[rows]]
    aided = np.where(employed, 0, np.where(category == TEKUN, 1, np.where(category == DIBAO, 2, 0)))
    phone = pl.Series((traits.luck[rows, 11] * 9e9).astype(np.int64) + 13_000_000_000 % 10**11).cast(
        pl.String
    )
    return pl.DataFrame(
        {
            "psn_no": serial("44", now.block, rows),
            **person_columns(state, rows),
            "insurance_type_code": labels(["390", "310"], employed),
            "enrolment_status_code": labels(["active", "paused"], until < now.day),
            "paid_until_date": days(until),
            "premium_subsidy_code": labels(["none", "full", "partial"], aided),
            "phone": pl.DataFrame({"p": phone, "has": traits.luck[rows, 12] < 0.8})
            .select(pl.when("has").then(pl.lit("1") + pl.col("p").str.tail(10)))
            .to_series(),
        }
    )


def settlement(now: Moment) -> pl.DataFrame:
    """医疗费用结算: the month's bills, last month's late ones, and reversals of a few."""
    log, state = now.state.log.all("settlement"), now.state
    if not log:
        return pl.DataFrame()
    late = log["luck"] < state.rates.late_share
    send = np.flatnonzero(now.due(log["day"], late, now.history_from()))
    wrong = log["luck"] > 0.994  # reversed about three weeks after
    back = log["day"] + 21
    undone = np.flatnonzero(
        wrong
        & now.due(np.where(wrong, back, NEVER - 60), np.zeros(len(back), dtype=bool), now.history_from() + 21)
    )
    return pl.concat([_bills(now, log, send, 1, log["day"]), _bills(now, log, undone, -1, back)])


def _bills(
    now: Moment, log: dict[str, np.ndarray], rows: np.ndarray, sign: int, day: np.ndarray
) -> pl.DataFrame:
    amounts = {name: pl.Series(log[key][rows] * sign) for key, name in _AMOUNTS.items()}
    return pl.DataFrame(
        {
            "settlement_id": serial("JS" if sign > 0 else "CX", now.block, rows),
            **person_columns(now.state, log["person"][rows]),
            "settlement_date": days(day[rows]),
            "care_type_code": labels(["outpatient", "special_outpatient", "inpatient"], log["care"][rows]),
            **amounts,
            "settlement_status_code": labels(["valid" if sign > 0 else "reversed"], np.zeros(len(rows))),
        }
    )


def major_illness(now: Moment) -> pl.DataFrame:
    """重大疾病登记: three in four of the seriously ill, weeks after the diagnosis."""
    log, state = now.state.log.all("illness"), now.state
    if not log:
        return pl.DataFrame()
    late = log["luck"] < state.rates.late_share
    send = now.due(log["registered"], late, int(state.clock.starts[0]))
    rows = np.flatnonzero(send)
    group = np.searchsorted([0.42, 0.52, 0.54, 0.60, 0.86, 0.9], log["luck"][rows])
    child = state.world.people.age(now.day)[log["person"][rows]] < 14
    return pl.DataFrame(
        {
            "record_no": serial("ZB", now.block, rows),
            **person_columns(state, log["person"][rows]),
            "illness_group_code": labels(
                ["cancer", "renal", "transplant", "blood", "cardiac", "other", "other", "child"],
                np.where(child, 7, group),
            ),
            "diagnosed_date": days(log["day"][rows]),
            "registered_date": days(log["registered"][rows]),
        }
    )


def unemployment(now: Moment) -> pl.DataFrame:
    """失业登记: registered spells of the last two years, and the benefit drawn."""
    log, state = now.state.log.all("job_loss"), now.state
    if not log:
        return pl.DataFrame()
    registered = log["registered"]
    alive = state.world.people.death[log["person"]] > now.day - 60
    rows = np.flatnonzero((registered <= now.day) & (registered > now.day - 730) & alive)
    person = log["person"][rows]
    still = state.jobless_from[person] == log["day"][rows]
    reason = np.searchsorted([0.3, 0.55, 0.7, 0.85], (log["luck"][rows] * 7.3) % 1)
    drawn = log["benefit_from"][rows] <= now.day
    return pl.DataFrame(
        {
            **person_columns(state, person),
            "registered_date": days(registered[rows]),
            "reason_code": labels(["contract_end", "dismissed", "bankrupt", "other", "resigned"], reason),
            "unemployment_status_code": labels(["employed", "unemployed"], still),
            "benefit_start_date": days(np.where(drawn, log["benefit_from"][rows], NEVER)),
            "benefit_end_date": days(np.where(drawn, log["benefit_until"][rows], NEVER)),
            "benefit_yuan_month": fen(np.where(drawn, log["benefit"][rows], 0)),
        }
    ).unique(["id_number", "registered_date"], keep="first", maintain_order=True)


def pension_insurance(now: Moment) -> pl.DataFrame:
    """养老保险: contract workers pay, residents pay or pause, the old draw; the dead draw on for a while."""
    state, people, traits = now.state, now.state.world.people, now.state.world.traits
    known = dead_known(state, np.where(traits.luck[:, 8] < 0.05, 200, 35).astype(int))
    day, luck = now.day, traits.luck[:, 8]
    old = people.birth <= born_by(day, 60)
    employee = (traits.job == FORMAL) | (traits.pension > 0)
    grown = people.birth <= born_by(day, 18)
    rows = np.flatnonzero(
        grown & (known > day) & (employee | (old & (luck < 0.93)) | (luck < 0.62)) & (people.away > day)
    )
    worker, elder = traits.job[rows] == FORMAL, (old | (traits.job == RETIRED))[rows]
    paused = np.where(worker, state.jobless_from[rows] <= day - 40, luck[rows] < 0.12)
    status = np.where(elder & ~worker, 2, paused)
    last = np.where(
        paused, np.where(worker, state.jobless_from[rows], day - 400), np.where(worker, day - 20, day - 120)
    )
    amount = np.where(
        status == 2,
        np.where(traits.pension[rows] > 0, traits.pension[rows], 205 + np.floor(luck[rows] * 60)),
        0,
    )
    return pl.DataFrame(
        {
            "aac001": serial("RS", now.block, rows),
            **person_columns(state, rows),
            "pension_type_code": labels(["resident", "employee"], employee[rows]),
            "pension_status_code": labels(["paying", "stopped", "drawing"], status),
            "last_paid_month": days(np.where(status == 2, NEVER, last)),
            "contribution_base_yuan_month": fen(np.where(worker, np.maximum(traits.wage[rows], 1900), 0)),
            "pension_yuan_month": fen(np.round(amount, 1)),
        }
    )


def september_age(now: Moment) -> np.ndarray:
    """Completed years on the first of September of the running school year."""
    year = now.year if now.calendar_month >= 9 else now.year - 1
    return now.state.world.people.age(int(np.datetime64(f"{year}-09-01").astype("datetime64[D]").astype(int)))


def student_aid(now: Moment) -> pl.DataFrame:
    """在校与资助: pupils and students of the term, who left, what aid they get and what they pay."""
    state, people, traits = now.state, now.state.world.people, now.state.world.traits
    stage = school_stage(september_age(now), traits.luck[:, 10])
    here = (people.death > now.day) & (people.away > now.day) & (traits.luck[:, 13] < 0.97)
    rows = np.flatnonzero((stage > 0) & here)
    home = people.home[rows]
    poor = np.isin(now.rolls.category[home], [DIBAO, TEKUN])
    aided = poor | (now.rolls.watched_since[home] < NEVER)
    left = state.dropout_from[rows] <= now.day
    aid = np.where(aided & ~left, np.array([0, 1, 1, 2, 3, 4])[stage[rows]], 0)
    term = (
        f"{now.year}-09"
        if now.calendar_month >= 9
        else f"{now.year}-02"
        if now.calendar_month >= 2
        else f"{now.year - 1}-09"
    )
    school = np.array(["", "小学", "初级中学", "高级中学", "职业技术学校", "职业学院"])[stage[rows]]
    own = school_cost(stage, traits.luck[:, 11], now.rolls.category[people.home] > 0)[rows]
    return pl.DataFrame(
        {
            "student_no": serial("G", now.block, rows, 10),
            **person_columns(state, rows),
            "school_name": pl.DataFrame({"s": school, "n": home % 40 + 1})
            .select(pl.lit("第") + pl.col("n").cast(pl.String) + pl.col("s"))
            .to_series(),
            "stage_code": labels(["", "primary", "junior", "senior", "vocational", "college"], stage[rows]),
            "student_status_code": labels(["enrolled", "dropout"], left),
            "aid_code": labels(["none", "living", "grant", "waiver", "loan"], aid),
            "aid_yuan_year": fen(np.array([0, 1000, 2000, 2500, 8000])[aid]),
            "own_cost_yuan_year": fen(np.where(left, 0, own)),
            "term_month": pl.Series([f"{term}-01"] * len(rows), dtype=pl.String).str.to_date("%Y-%m-%d"),
        }
    )


def disaster(now: Moment) -> pl.DataFrame:
    """受灾家庭: who was struck, how badly; one event number for a town's storm or flood."""
    log, state = now.state.log.all("disaster"), now.state
    if not log:
        return pl.DataFrame()
    send = now.due(log["day"], np.zeros(len(log["day"]), dtype=bool), now.history_from())
    acting = first_alive(state, now.day)[log["home"]]
    rows = np.flatnonzero(send & (acting >= 0))
    own = np.where(log["type"][rows] == "fire", 1_000 + log["home"][rows], log["town"][rows])
    number = log["day"][rows].astype(np.int64) * 100_000 + own
    return pl.DataFrame(
        {
            "event_no": serial("ZQ", now.block, number, 10),
            **person_columns(state, acting[rows]),
            "disaster_date": days(log["day"][rows]),
            "disaster_type_code": pl.Series(log["type"][rows]),
            "house_damage_code": labels(["collapsed", "severe", "slight", "none"], log["damage"][rows]),
            "loss_yuan": fen(log["loss"][rows]),
            "relief_yuan": fen(log["relief"][rows]),
        }
    )
