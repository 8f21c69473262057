"""Facts of households, in pandas: one row per registered household that has a member, living or dead."""

from __future__ import annotations

import pandas as pd

from tests.bench.twin.care import STRENGTH, paid_lines
from tests.bench.twin.core import Core
from tests.bench.twin.health import net_bills
from tests.bench.twin.tools import Parameters, beside, days, equals, month_of, strict_sum, years
from tests.bench.twin.work import at_work

TIERS = {0: "tekun", 1: "dibao", 2: "marginal", 3: "marginal", 4: "rigid"}
TIER_ORDER = {"tekun": 0, "dibao": 1, "single": 3, "marginal": 3, "rigid": 4}


def households(core: Core, people: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """All household facts the signals need; people: the persons' facts, the index their numbers."""
    members = people[people["household_id"].notna()]
    stays = (~equals(members["registration_status_code"], "moved_out")).fillna(True)
    living = members[members["is_alive"].fillna(True) & stays]
    index = pd.Index(sorted(members["household_id"].unique()), name="household_id")
    parts = [
        counts(index, living, p),
        tiers(living).reindex(index),
        workers_before(core, index, members),
        deaths(core, members, p).reindex(index),
        burden(core, index, members, p),
        costs(index, members, living),
        disasters(core, index, members),
        rents(core, index, members),
        assistance(core, index, members, living),
        stops(core, members).reindex(index),
        relief(core, index, members, p),
    ]
    frame = pd.concat(parts, axis=1)
    frame["rigid_spend_12m_yuan"] = frame["burden_12m_yuan"] + frame["education_cost_yuan_year"]
    return frame


def of_household(rows: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """The rows of members, with their household."""
    found = rows.assign(household_id=members["household_id"].reindex(rows["person_id"]).array)
    return found[found["household_id"].notna()]


def counts(index: pd.Index, living: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Living members of each kind; NA where one member's own fact is."""
    age = living["age_years"]
    grown, old = p("fact_definitions.adult_from_years"), p("fact_definitions.elder_from_years")
    flags = {
        "adult_cnt": (age >= grown) & (age < old),
        "elder_cnt": age >= old,
        "child_cnt": age < grown,
        "worker_cnt": living["is_working"],
        "disabled_cnt": living["is_disabled"],
        "severe_disabled_cnt": living["is_severe_disabled"],
        "major_illness_cnt": living["has_major_illness"],
    }
    by = living["household_id"]
    sums = {name: strict_sum(flag.astype("boolean").astype("Int64"), by) for name, flag in flags.items()}
    frame = pd.DataFrame({"member_cnt": by.groupby(by).size().astype("Int64"), **sums})
    return beside(index, frame.reset_index(), "household_id", dict.fromkeys(frame, 0))


def tiers(living: pd.DataFrame) -> pd.Series:
    """The strongest category of any living member, then 'watch', else 'none' where both rolls are known."""
    by = living["household_id"]
    best = living["benefit_category_code"].map(STRENGTH).astype("Int64").groupby(by).min().map(TIERS)
    unknown = living["benefit_category_code"].isna().groupby(by).any()
    watched = living["is_watched"].astype("boolean")
    is_watched = watched.fillna(False).groupby(by).any()
    is_doubtful = watched.isna().groupby(by).any() & ~is_watched
    below = pd.Series("none", index=unknown.index).mask(is_watched, "watch")
    below = below.mask(unknown | is_doubtful)
    return best.astype(object).where(best.notna(), below).rename("tier_code")


def workers_before(core: Core, index: pd.Index, members: pd.DataFrame) -> pd.DataFrame:
    """Members in work on the roll before the newest, those who have died since included."""
    roll = core.roll("pension_insurance", ["pension_status_code"], back=1)
    if roll is not None:
        rows = of_household(roll[at_work(roll).fillna(False)].drop_duplicates("person_id"), members)
        roll = rows.groupby("household_id").size().astype("Int64").rename("worker_previous_cnt").reset_index()
    return beside(index, roll, "household_id", {"worker_previous_cnt": 0})


def deaths(core: Core, members: pd.DataFrame, p: Parameters) -> pd.Series:
    """Days since the latest death of a member of working age; the age is the register's."""
    register = core.events("population", ["birth_date"], months=2)
    dead = members[members["death_date"].notna()]
    if register is None:
        return pd.Series(name="breadwinner_died_days", dtype="Int64")
    birth = register.set_index("person_id")["birth_date"].reindex(dead.index)
    age = years(birth, dead["death_date"])
    lost = (age >= p("fact_definitions.adult_from_years")) & (age < p("fact_definitions.elder_from_years"))
    lost = lost.fillna(False)
    found = dead.loc[lost, "death_days"].groupby(dead.loc[lost, "household_id"]).min()
    return found.rename("breadwinner_died_days")


def burden(core: Core, index: pd.Index, members: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """The newest month's bills, and the median of earlier months that had any."""
    rows = net_bills(core)
    if rows is not None:
        rows = of_household(rows, members)
        month = month_of(rows["settlement_date"])
        monthly = rows["fen"].groupby([rows["household_id"], month]).sum()
        monthly = monthly[monthly > 0].rename("fen").reset_index()
        newest = month_of(pd.Series([core.periods("settlement")[0]]))[0]
        first = newest - pd.DateOffset(months=p("fact_definitions.burden_history_months"))
        month = monthly["settlement_date"]
        now, before = monthly[month == newest], monthly[(month >= first) & (month < newest)]
        earlier = before.groupby("household_id")["fen"]
        medians = (earlier.median() // 1).astype("Int64")
        rows = pd.DataFrame(
            {
                "burden_1m_yuan": now.set_index("household_id")["fen"],
                "burden_median_yuan_month": medians,
                "burden_month_cnt": earlier.size().astype("Int64"),
            },
            index=pd.Index(monthly["household_id"].unique(), name="household_id"),
        )
        rows = rows.fillna({"burden_1m_yuan": 0, "burden_month_cnt": 0}).reset_index()
    absent = {"burden_1m_yuan": 0, "burden_median_yuan_month": None, "burden_month_cnt": 0}
    return beside(index, rows, "household_id", absent)


def costs(index: pd.Index, members: pd.DataFrame, living: pd.DataFrame) -> pd.DataFrame:
    """A year's bills of all members, and a year's school costs of the living."""
    own = members["person_burden_12m_yuan"].astype("Int64")
    school = living["own_cost_yuan_year"].astype("Int64")
    spent = strict_sum(school, living["household_id"])
    nothing = 0 if school.notna().any() else pd.NA  # nobody living is left: nothing is spent
    education = spent.reindex(index).mask(~index.isin(spent.index), nothing)
    bills = strict_sum(own, members["household_id"]).reindex(index)
    return pd.DataFrame({"burden_12m_yuan": bills, "education_cost_yuan_year": education})


def disasters(core: Core, index: pd.Index, members: pd.DataFrame) -> pd.DataFrame:
    """The newest disaster; of several on one day the worst damage."""
    rows = core.events("disaster", ["disaster_date", "house_damage_code", "loss_yuan"])
    if rows is not None:
        rows = of_household(rows[rows["disaster_date"] <= core.today], members)
        worst = rows["house_damage_code"].map({"collapsed": 0, "severe": 1, "slight": 2, "none": 3}).fillna(9)
        order = ["worst", "period_month", "known_date", "delivery_id", "row_no"]
        rows = rows.assign(worst=worst).sort_values(order, kind="stable")
        rows = rows.sort_values("disaster_date", ascending=False, kind="stable").drop_duplicates(
            "household_id"
        )
        rows["disaster_days"] = days(core.today, rows["disaster_date"])
        rows = rows.rename(columns={"loss_yuan": "disaster_loss_yuan"})
    absent = {"disaster_days": None, "house_damage_code": "none", "disaster_loss_yuan": 0}
    return beside(index, rows, "household_id", absent)


def rents(core: Core, index: pd.Index, members: pd.DataFrame) -> pd.DataFrame:
    """The longest arrears and the worst grade of any case."""
    rows = core.roll("housing_security", ["rent_arrears_month_cnt", "house_grade_code"])
    if rows is not None:
        cases = of_household(rows, members).groupby("household_id")
        grades = cases["house_grade_code"].max()
        rows = pd.DataFrame(
            {"rent_arrears_month_cnt": cases["rent_arrears_month_cnt"].max(), "house_grade_code": grades}
        )
        rows = rows.reset_index()
    return beside(index, rows, "household_id", {"rent_arrears_month_cnt": 0, "house_grade_code": "none"})


def assistance(core: Core, index: pd.Index, members: pd.DataFrame, living: pd.DataFrame) -> pd.DataFrame:
    """What the units are paid (once each), since when the household is what it is, when it is reviewed."""
    lines = paid_lines(core)
    names = {"unit_pay_yuan_month": 0, "recognised_days": None, "review_days_left": None}
    if lines is None:
        return beside(index, None, "household_id", names)
    of_all = of_household(lines, members)
    units = (
        of_all.groupby(["household_id", "unit_no"], dropna=False)["unit_pay_yuan_month"].max().reset_index()
    )
    pay = strict_sum(units["unit_pay_yuan_month"], units["household_id"]).rename("unit_pay_yuan_month")
    unknown = members.loc[members["benefit_category_code"].isna(), "household_id"].unique()
    top = of_household(lines, living)
    top["order"] = top["category_code"].map(TIER_ORDER)
    top = top[top["order"] == top.groupby("household_id")["order"].transform("min")]
    starts = top.groupby("household_id")["start_month"].min()
    due = of_all.groupby("household_id")["review_due_date"].min()
    paid = beside(index, pay.reset_index(), "household_id", {"unit_pay_yuan_month": 0}, unknown)
    return paid.assign(
        recognised_days=days(core.today, starts.reindex(index)),
        review_days_left=days(due.reindex(index), core.today),
    )


def stops(core: Core, members: pd.DataFrame) -> pd.Series:
    """Days since the newest stop of a living member's help that no later grant made good; deaths aside."""
    lines = core.months("benefit_roll", ["stop_date", "stop_reason_code"])
    paid, alive = paid_lines(core), members[members["is_alive"].fillna(True)]
    against = (~equals(lines["stop_reason_code"], "death")).fillna(True) & (lines["stop_date"] <= core.today)
    stopped = of_household(lines[against], alive).groupby("household_id")["stop_date"].max()
    assert paid is not None
    starts = of_household(paid, alive).groupby("household_id")["start_month"].max().reindex(stopped.index)
    open_ = stopped[starts.isna() | (starts < month_of(stopped))]
    return days(core.today, open_).rename("benefit_stopped_days")


def relief(core: Core, index: pd.Index, members: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Temporary relief of the last months, and the newest refusal; undecided ones count on their own day."""
    rows = core.events("temporary_relief", ["applied_date", "decided_date", "decision_code", "relief_yuan"])
    if rows is not None:
        rows = rows.assign(day=rows["decided_date"].fillna(rows["applied_date"]))
        rows = of_household(rows[rows["day"] <= core.today], members)
        since = core.today - pd.DateOffset(months=p("fact_definitions.relief_window_months"))
        counts_ = equals(rows["decision_code"], "approved").fillna(False) & (rows["day"] > since)
        sums = strict_sum(rows["relief_yuan"].where(counts_, 0), rows["household_id"])
        refused = (
            rows[equals(rows["decision_code"], "refused").fillna(False)].groupby("household_id")["day"].max()
        )
        rows = pd.DataFrame({"relief_12m_yuan": sums})
        rows["relief_refused_days"] = days(core.today, refused.reindex(rows.index))
        rows = rows.reset_index()
    return beside(index, rows, "household_id", {"relief_12m_yuan": 0, "relief_refused_days": None})
