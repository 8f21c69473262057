"""What civil affairs, rural affairs, housing and the trade union send."""

from __future__ import annotations

import numpy as np
import polars as pl

from province.departments.seen import Moment, days, dead_known, fen, labels, person_columns, serial
from province.life.rolls import REASONS, allowance_yuan, first_alive
from province.people.family import HEAD
from province.people.world import (
    DIBAO,
    DISABILITY,
    DISASTER,
    FORMAL,
    ILLNESS,
    JOB,
    KINDS,
    MARGINAL,
    NEVER,
    NONE,
    SCHOOL,
    TEKUN,
    TIERS,
)

_CATEGORIES = ["none", "dibao", "tekun", "marginal", "single"]
_SINGLE_PERSON = 4  # behind the unit's own categories of `world`
_KEEP_STOPPED_DAYS = 185


def delist_days(now: Moment) -> np.ndarray:
    """When civil affairs takes the dead off the roll: in a month, or months later for one in twelve."""
    luck = now.state.world.traits.luck[:, 3]
    return dead_known(now.state, np.where(luck < 0.08, 90 + luck * 2500, 10 + luck * 25).astype(int))


def _listed(now: Moment) -> tuple[np.ndarray, np.ndarray]:
    """Persons on a current row of the roll, and those whose row was closed by death lately."""
    state, people, rolls, day = now.state, now.state.world.people, now.rolls, now.day
    on = (rolls.category > NONE)[people.home] & ~state.world.traits.split & (people.birth <= day - 20)
    was_member = on & (people.death > rolls.since[people.home])
    off = delist_days(now)
    lingering = was_member & (people.death <= day) & (off > day)
    jailed = was_member & (people.prison_from <= day) & (people.prison_from < NEVER) & (people.death > day)
    jailed &= (state.world.traits.luck[:, 4] < 0.25) & (people.prison_from > rolls.since[people.home])
    current = on & (state.in_unit(day) | lingering | jailed)
    closed = was_member & (off <= day) & (off > day - 92) & (people.death > state.clock.starts[0])
    return current, closed


def _roll_rows(
    now: Moment,
    rows: np.ndarray,
    *,
    category: np.ndarray,
    since: np.ndarray,
    stop: np.ndarray,
    reason: np.ndarray,
    unit: np.ndarray,
    each: np.ndarray,
    count: np.ndarray,
) -> pl.DataFrame:
    state, people, homes = now.state, now.state.world.people, now.state.world.homes
    home = people.home[rows]
    started = np.maximum(since, people.birth[rows])
    card = (
        pl.Series((home.astype(np.int64) * 7919 + now.block * 1_000_003) % 10**11)
        .cast(pl.String)
        .str.zfill(11)
    )
    return pl.DataFrame(
        {
            "unit_no": serial("JZ", now.block, home),
            **person_columns(state, rows),
            "is_head": pl.Series(people.seat[rows] == HEAD),
            "category_code": labels(_CATEGORIES, category),
            "residence_code": labels(["urban", "rural"], homes.is_rural[home]),
            "member_cnt": pl.Series(np.clip(count, 1, 20).astype(np.int64)),
            "income_yuan_month": fen(now.rolls.assessed[home]),
            "unit_pay_yuan_month": fen(unit),
            "person_pay_yuan_month": fen(each),
            "start_month": days(started),
            "stop_date": days(stop),
            "stop_reason_code": labels([*REASONS, "death", None], reason),
            "review_due_date": days(np.where(stop < NEVER, NEVER, now.rolls.review[home])),
            "village_code": homes.village_code.gather(home),
            "bank_card": pl.DataFrame({"c": card}).select(pl.lit("62170033") + pl.col("c")).to_series(),
        }
    )


def benefit_roll(now: Moment) -> pl.DataFrame:
    """社会救助名册: current rows, and for half a year those stopped."""
    people, rolls, standard = now.state.world.people, now.rolls, now.state.world.homes.standard
    current, closed = _listed(now)
    single = current & rolls.single & (rolls.category == MARGINAL)[people.home]
    plain = now.state.per_home(current & ~single)
    singles = now.state.per_home(single)
    gap = np.ceil(np.maximum((standard - rolls.assessed) * plain, 0))
    tekun = np.ceil(standard * now.state.rates.tekun_multiple) * plain
    pay = np.select([rolls.category == DIBAO, rolls.category == TEKUN], [gap, tekun], 0.0)
    rows = np.flatnonzero(current)
    home, one = people.home[rows], single[rows]
    category = np.where(one, _SINGLE_PERSON, rolls.category[home])
    unit = np.where(one, (singles * standard)[home], pay[home])
    each = np.where(one, standard[home], np.floor(pay / np.maximum(plain, 1) * 100)[home] / 100)
    count = np.where(one, singles[home], plain[home])
    since = np.where(one, np.maximum(rolls.single_since[rows], rolls.since[home]), rolls.since[home])
    none, blank = np.full(len(rows), NEVER), np.full(len(rows), len(REASONS) + 1)
    live = _roll_rows(
        now, rows, category=category, since=since, stop=none, reason=blank, unit=unit, each=each, count=count
    )
    return pl.concat([live, _closed_rows(now, np.flatnonzero(closed)), _stopped_rows(now)])


def _closed_rows(now: Moment, rows: np.ndarray) -> pl.DataFrame:
    """Rows ended by death within a unit that goes on."""
    home, zero = now.state.world.people.home[rows], np.zeros(len(rows))
    return _roll_rows(
        now,
        rows,
        category=now.rolls.category[home],
        since=now.rolls.since[home],
        stop=delist_days(now)[rows],
        reason=np.full(len(rows), len(REASONS)),
        unit=zero,
        each=zero,
        count=zero + 1,
    )


def _stopped_rows(now: Moment) -> pl.DataFrame:
    """Rows of units whose help was stopped within the last half-year."""
    state, people, rolls = now.state, now.state.world.people, now.rolls
    recent = (rolls.stopped <= now.day) & (rolls.stopped > now.day - _KEEP_STOPPED_DAYS)
    recent &= rolls.old_category != rolls.category
    here = (people.birth <= rolls.old_since[people.home]) | state.in_unit(now.day)
    alive = (people.death > rolls.stopped[people.home]) | (
        (state.members == 0)[people.home] & (people.death > rolls.old_since[people.home])
    )
    free = (people.away > now.day) & (people.prison_from == NEVER)
    rows = np.flatnonzero(recent[people.home] & here & alive & free & ~state.world.traits.split)
    home, zero = people.home[rows], np.zeros(len(rows))
    reason = np.where((state.members == 0)[home], len(REASONS), rolls.stop_reason[home])
    count = np.bincount(home, minlength=len(state.world.homes))[home]
    return _roll_rows(
        now,
        rows,
        category=rolls.old_category[home],
        since=rolls.old_since[home],
        stop=rolls.stopped[home],
        reason=reason,
        unit=zero,
        each=zero,
        count=count,
    )


def child_welfare(now: Moment) -> pl.DataFrame:
    """孤儿与事实无人抚养儿童: the recognised ones, with the head of the house as guardian."""
    state, people, rolls = now.state, now.state.world.people, now.rolls
    rows = np.flatnonzero(rolls.child > 0)
    acting = first_alive(state, now.day)[people.home[rows]]
    guardian = pl.DataFrame({"g": people.ids.gather(np.maximum(acting, 0)), "has": acting >= 0})
    yuan = np.array([state.rates.orphan_yuan[t] for t in TIERS])[state.world.homes.tier[people.home[rows]]]
    return pl.DataFrame(
        {
            **person_columns(state, rows),
            "child_type_code": labels(["orphan", "unsupported"], rolls.child[rows] - 1),
            "guardian_id_number": guardian.select(pl.when("has").then("g")).to_series(),
            "basic_living_yuan_month": fen(yuan),
            "start_month": days(rolls.child_since[rows]),
        }
    )


def elder_care(now: Moment) -> pl.DataFrame:
    """高龄独居失能老人: those paid an allowance, and some of the old, alone or frail who were visited."""
    state, people, traits, rolls = now.state, now.state.world.people, now.state.world.traits, now.rolls
    age, luck = people.age(now.day), traits.luck[:, 9]
    known = dead_known(state, np.where(luck < 0.06, 150, 20 + luck * 30).astype(int))
    alone = (state.members == 1)[people.home] & (age >= 60)
    filed = (
        rolls.allowance
        | ((age >= 80) & (luck < 0.62))
        | (alone & (luck < 0.55))
        | ((traits.ability > 0) & (luck < 0.6))
    )
    was_paid = (
        (people.death < NEVER) & (rolls.allowance_since < NEVER) & (people.death > state.clock.starts[0])
    )
    rows = np.flatnonzero((filed | was_paid) & (known > now.day) & (age >= 60))
    lingering = was_paid[rows] & (people.death[rows] <= now.day)
    paid = np.where(rolls.allowance[rows] | lingering, allowance_yuan(age[rows], state.rates), 0)
    since = np.where(paid > 0, rolls.allowance_since[rows], NEVER)
    certified = now.day - (luck[rows] * 200).astype(int) % 183 - 5
    return pl.DataFrame(
        {
            **person_columns(state, rows),
            "care_ability_code": labels(
                ["able", "partial", "disabled"],
                np.where(luck[rows] < 0.56, traits.ability[rows], np.minimum(traits.ability[rows], 1)),
            ),
            "is_living_alone": pl.Series(alone[rows]),
            "allowance_yuan_month": fen(paid),
            "allowance_start_month": days(since),
            "last_certified_date": days(certified),
        }
    )


_RELIEF_REASON = {ILLNESS: 0, DISABILITY: 0, DISASTER: 2, JOB: 3, SCHOOL: 4}


def temporary_relief(now: Moment) -> pl.DataFrame:
    """临时救助: each application, sent while pending and again once decided."""
    log, state = now.state.log.all("relief"), now.state
    if not log:
        return pl.DataFrame()
    applied, decided = (state.clock.month_of(log[k]) for k in ("day", "decided"))
    first = now.month == 0
    send = (
        ((applied <= now.t) & (log["day"] >= now.history_from()))
        if first
        else (applied == now.t) | (decided == now.t)
    )
    number = np.arange(len(applied))
    acting = first_alive(state, now.day)[log["home"]]
    rows = np.flatnonzero(send & (acting >= 0) & (log["day"] <= now.day))
    done = log["decided"][rows] <= now.day
    result = np.where(done, np.where(log["approved"][rows], 0, 1), 2)
    reason = np.array([_RELIEF_REASON.get(k, 1 if KINDS[k] == "death" else 5) for k in range(len(KINDS))])
    return pl.DataFrame(
        {
            "relief_no": serial("LS", now.block, number[rows]),
            **person_columns(state, acting[rows]),
            "applied_date": days(log["day"][rows]),
            "decided_date": days(np.where(done, log["decided"][rows], NEVER)),
            "decision_code": labels(["approved", "refused", "pending"], result),
            "reason_code": labels(
                ["illness", "accident", "disaster", "unemployment", "study", "other"],
                reason[log["driver"][rows]],
            ),
            "relief_yuan": fen(np.where(result == 0, log["amount"][rows], 0)),
        }
    )


def poverty_watch(now: Moment) -> pl.DataFrame:
    """防止返贫监测对象: the members of watched rural households."""
    state, people, rolls = now.state, now.state.world.people, now.rolls
    on = (rolls.watched_since < NEVER) & (state.members > 0)
    rows = np.flatnonzero(on[people.home] & state.in_unit(now.day))
    home = people.home[rows]
    kind = np.where(
        rolls.watched_since[home] > now.day - 400, 2, (state.world.homes.luck[home, 1] < 0.55).astype(int)
    )
    main = state.drivers[home].argmax(axis=1)
    risk = np.array([0, 5, 6, 2, 1, 3, 6, 6, 6, 6, 6, 6, 6])[main]
    return pl.DataFrame(
        {
            "watch_household_no": serial("FP", now.block, home),
            **person_columns(state, rows),
            "watch_type_code": labels(["unstable", "marginal", "sudden"], kind),
            "risk_type_code": labels(
                ["illness", "study", "disability", "disaster", "accident", "unemployment", "other"], risk
            ),
            "identified_month": days(rolls.watched_since[home]),
            "is_risk_cleared": pl.Series(rolls.watched_cleared[home]),
            "income_yuan_year": fen(rolls.watched_income[home]),
        }
    )


def housing_security(now: Moment) -> pl.DataFrame:
    """公租房与危房: secured households, with rent owed (quarterly)."""
    state, homes = now.state, now.state.world.homes
    luck = homes.luck[:, 2]
    kind = np.select(
        [~homes.is_rural & (luck < 0.16), ~homes.is_rural & (luck < 0.2), homes.is_rural & (luck < 0.03)],
        [1, 2, 3],
        0,
    )
    acting = first_alive(state, now.day)
    rows = np.flatnonzero((kind > 0) & (acting >= 0))
    grade = np.where(kind[rows] == 3, 2 + (homes.luck[rows, 3] < 0.4), 4)
    return pl.DataFrame(
        {
            "case_no": serial("ZF", now.block, rows),
            **person_columns(state, acting[rows]),
            "housing_type_code": labels(["public_rental", "rent_subsidy", "dangerous_house"], kind[rows] - 1),
            "house_grade_code": labels(["A", "B", "C", "D", None], grade),
            "approved_date": days(state.clock.starts[0] - (homes.luck[rows, 3] * 2500).astype(int)),
            "rent_subsidy_yuan_month": fen(np.where(kind[rows] == 2, 400, 0)),
            "rent_arrears_month_cnt": pl.Series(
                np.where(kind[rows] == 1, state.arrears[rows], 0).astype(np.int64)
            ),
        }
    )


def worker_hardship(now: Moment) -> pl.DataFrame:
    """困难职工档案: once a year, contract workers' households that the union took on."""
    state, people, homes = now.state, now.state.world.people, now.state.world.homes
    low = (state.income < 2.0 * homes.standard) & (homes.luck[:, 4] < 0.12)
    worker = (state.world.traits.job == FORMAL) & state.in_unit(now.day) & low[people.home]
    rows = np.flatnonzero(worker)
    rows = rows[np.unique(people.home[rows], return_index=True)[1]]
    home = people.home[rows]
    return pl.DataFrame(
        {
            "file_no": serial("GH", now.block, rows),
            **person_columns(state, rows),
            "hardship_type_code": labels(
                ["deep", "relative", "accident"], np.searchsorted([0.4, 0.85], homes.luck[home, 5])
            ),
            "family_size_cnt": pl.Series(np.clip(state.members[home], 1, 20).astype(np.int64)),
            "income_yuan_month": fen(np.round(state.income[home] * (0.95 + 0.1 * homes.luck[home, 6]))),
            "filed_date": days(now.day - 5 - (homes.luck[home, 7] * 40).astype(int)),
        }
    )
