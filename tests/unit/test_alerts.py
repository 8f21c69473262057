"""Alerts: one sentence with numbers and dates, a status that follows visits, a list that fits the station."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhaoren.transforms.alerts import ALERT_SCHEMA, Operations, build_alerts, empty_alerts, station_load

AS_OF, NEXT = date(2026, 3, 5), date(2026, 4, 5)
TOWN, OTHER = "440512001", "440511002"
BENEFITS = pl.DataFrame(
    [
        ("living_subsidy_disabled", "困难残疾人生活补贴"),
        ("elder_allowance", "高龄津贴"),
        ("temporary_relief", "临时救助"),
    ],
    schema=["benefit_id", "benefit_zh"],
    orient="row",
)
COOLDOWNS = pl.DataFrame(
    [("10", 180), ("40", 90), ("90", None), ("70", 90)], schema=["result_code", "cooldown_days"], orient="row"
)
OPERATIONS = Operations.from_values(
    {"station_lines_month": 12, "audit_share": Decimal("0.08"), "value_growth_share": Decimal("0.5")}
)
NO_AUDIT = Operations(12, Decimal(0), Decimal("0.5"))
DUE_DAYS = {"red": 2, "orange": 10, "yellow": 28, "blue": 42}
SIGNALS = {
    "signal_id": pl.String,
    "queue": pl.String,
    "entity": pl.String,
    "person_id": pl.String,
    "household_id": pl.String,
    "state": pl.String,
    "level": pl.String,
    "family": pl.String,
    "points": pl.Int64,
    "is_event": pl.Boolean,
    "value": pl.Decimal(18, 2),
    "fact_date": pl.Date,
    "sentence_zh": pl.String,
    "missing_facts": pl.List(pl.String),
    "questions_zh": pl.List(pl.String),
}
ENTITLEMENTS = {
    "as_of": pl.Date,
    "person_id": pl.String,
    "household_id": pl.String,
    "benefit_id": pl.String,
    "eligible": pl.String,
    "missing_facts": pl.String,
    "amount_yuan_month": pl.Decimal(18, 2),
    "amount_once_yuan": pl.Decimal(18, 2),
    "is_receiving": pl.Boolean,
    "gap_yuan_month": pl.Decimal(18, 2),
    "reason_zh": pl.String,
}


def signal(
    household: str | None = "H1", name: str = "I01", level: str = "orange", **more: Any
) -> dict[str, Any]:
    base = {
        "signal_id": name,
        "queue": "need",
        "entity": "household",
        "household_id": household,
        "state": "yes",
        "level": level,
        "family": name,
        "points": 3,
        "is_event": False,
        "missing_facts": [],
        "sentence_zh": f"{name}：近12个月自付医疗费12000元。",
        "questions_zh": ["现在还在治疗吗？"],
    }
    return {**dict.fromkeys(SIGNALS), **base, **more}


def gap(
    household: str = "H1", benefit: str = "living_subsidy_disabled", amount: str = "217", **more: Any
) -> dict:
    base = {
        "household_id": household,
        "benefit_id": benefit,
        "eligible": "likely",
        "is_receiving": False,
        "gap_yuan_month": Decimal(amount),
    }
    return {**dict.fromkeys(ENTITLEMENTS), **base, **more}


def homes(names: Iterable[str], town: str = TOWN) -> pl.DataFrame:
    rows = [(name, town, f"{town}00{i % 3}", 2) for i, name in enumerate(names)]
    return pl.DataFrame(
        rows, schema=["household_id", "town_code", "village_code", "member_cnt"], orient="row"
    )


def run(
    signals: Iterable[dict[str, Any]],
    gaps: Iterable[dict[str, Any]] = (),
    *,
    households: pl.DataFrame | None = None,
    previous: pl.DataFrame | None = None,
    previous_signals: pl.DataFrame | None = None,
    outcomes: pl.DataFrame | None = None,
    scores: pl.DataFrame | None = None,
    capacity: int | None = None,
    operations: Operations = NO_AUDIT,
    as_of: date = AS_OF,
) -> pl.DataFrame:
    households = homes(["H1", "H2"]) if households is None else households
    stations = pl.DataFrame(
        {"town_code": [TOWN], "capacity": [capacity]}, schema_overrides={"capacity": pl.Int64}
    )
    alerts = build_alerts(
        pl.DataFrame(list(signals), schema=SIGNALS, orient="row"),
        pl.DataFrame(list(gaps), schema=ENTITLEMENTS, orient="row"),
        BENEFITS,
        households,
        previous,
        previous_signals,
        outcomes,
        COOLDOWNS,
        scores,
        stations,
        operations,
        {level: as_of + timedelta(days=days) for level, days in DUE_DAYS.items()},
        as_of,
    )
    assert alerts.schema == ALERT_SCHEMA
    return alerts


def one(alerts: pl.DataFrame) -> dict[str, Any]:
    (row,) = alerts.to_dicts()
    return row


def visit(result: str, found: date, alert: str = "20260305-H1-N", known: date | None = None) -> pl.DataFrame:
    row = {"alert_id": alert, "result_code": result, "found_date": found, "known_date": known or found}
    return pl.DataFrame([row])


def kept(*signals: dict[str, Any], as_of: date = AS_OF) -> pl.DataFrame:
    """This date's signals as the warehouse keeps them for later."""
    return pl.DataFrame(list(signals), schema=SIGNALS, orient="row").with_columns(as_of=pl.lit(as_of))


# ---- words ----


def test_signals_and_gaps_become_one_sentence() -> None:
    signals = [
        signal(),
        signal(name="I06", level="yellow", sentence_zh="户主2026年2月1日登记失业。", points=2),
    ]
    row = one(run(signals, [gap(), gap(benefit="elder_allowance", amount="30.50", person_id="p")]))
    assert row["alert_id"] == "20260305-H1-N" and row["signal_ids"] == "I01,I06,E01"
    assert row["reason_zh"] == (
        "I01：近12个月自付医疗费12000元；户主2026年2月1日登记失业；可能有2项待遇应享未享，合计约248元/月。"
    )
    assert row["missing_benefits_zh"] == "可能符合：困难残疾人生活补贴（约217元/月）；高龄津贴（约31元/月）"
    assert (row["level"], row["points"], row["benefit_gap_yuan_month"]) == ("orange", 5, Decimal("247.50"))
    assert row["county_code"] == "440512" and row["due_date"] == AS_OF + timedelta(days=10)


def test_only_gaps_make_a_blue_line_that_names_them() -> None:
    once = gap(benefit="temporary_relief", amount_once_yuan=Decimal("2580"), gap_yuan_month=None)
    row = one(run([], [gap(), once]))
    assert (row["level"], row["signal_ids"], row["points"]) == ("blue", "E01", 0)
    assert row["reason_zh"] == (
        "截至2026年3月5日，家庭情况可能符合困难残疾人生活补贴（约217元/月）、临时救助（约2580元，一次性）的条件，但没有查到发放记录。"
    )
    assert (
        row["benefit_ids"] == "living_subsidy_disabled,temporary_relief"
        and row["questions_zh"].count("\n") == 2
    )


@pytest.mark.parametrize(
    "no_gap",
    [
        {"is_receiving": None},  # not known whether it is received: nothing is known to be missing
        {"is_receiving": True},
        {"eligible": "unknown"},
        {"gap_yuan_month": Decimal(0)},
        {"gap_yuan_month": None},
    ],
)
def test_what_is_no_gap(no_gap: dict[str, Any]) -> None:
    assert run([], [gap(**no_gap)]).is_empty()


def test_the_same_for_several_members_stands_once() -> None:
    twins = [
        signal(name="I07", entity="person", person_id=p, sentence_zh="医保已断缴。") for p in ("p2", "p1")
    ]
    row = one(run(twins, [gap(person_id="p1"), gap(person_id="p2")]))
    assert row["reason_zh"].startswith("医保已断缴（2人）；") and row["signal_person_ids"] == "p1,p2"
    assert row["missing_benefits_zh"] == "可能符合：困难残疾人生活补贴（2人，约434元/月）"
    assert row["points"] == 3  # within a family only the strongest sign counts


def test_many_signals_are_counted_not_dropped_in_silence() -> None:
    row = one(run([signal(name=f"I{n:02}", sentence_zh=f"第{n}件事。") for n in range(1, 7)]))
    assert row["reason_zh"] == "第1件事；第2件事；第3件事；第4件事；另有2项提示。"


def test_unknown_signals_and_households_make_no_alert() -> None:
    assert run([signal(state="unknown")]).is_empty()
    assert run([]).is_empty()


def test_the_strongest_level_speaks_and_two_reds_stay_red() -> None:
    signals = [
        signal(level="blue", name="I18"),
        signal(level="red", name="I05"),
        signal(level="red", name="I09"),
    ]
    assert one(run(signals))["level"] == "red"


# ---- status ----


def test_listed_again_without_a_result_is_repeated_and_keeps_its_due_date() -> None:
    first = run([signal(level="yellow")])
    assert one(first)["status"] == "new"
    again = one(run([signal(level="yellow")], previous=first, as_of=date(2026, 3, 20)))
    assert (again["status"], again["due_date"]) == ("repeated", date(2026, 4, 2))
    assert again["first_listed_date"] == AS_OF


def test_overdue_or_risen_is_escalated() -> None:
    first = run([signal(level="yellow")])
    assert one(run([signal(level="yellow")], previous=first, as_of=NEXT))["status"] == "escalated"
    risen = one(run([signal(level="orange")], previous=first, as_of=date(2026, 3, 20)))
    assert (risen["status"], risen["due_date"]) == ("escalated", date(2026, 3, 30))


def test_not_listed_before_is_new_even_if_it_waited() -> None:
    waiting = run([signal()]).with_columns(is_listed=pl.lit(False))
    assert one(run([signal()], previous=waiting, as_of=NEXT))["status"] == "new"


@pytest.mark.parametrize(
    ("result", "as_of", "status"),
    [
        ("40", NEXT, "suppressed"),
        ("40", date(2026, 6, 8), "suppressed"),  # found 10 March + 90 days
        ("40", date(2026, 6, 9), "new"),
        ("90", NEXT, "escalated"),  # nobody came: still open, and overdue
    ],
)
def test_a_result_rests_the_household_for_its_cool_down(result: str, as_of: date, status: str) -> None:
    row = one(
        run([signal()], previous=run([signal()]), outcomes=visit(result, date(2026, 3, 10)), as_of=as_of)
    )
    assert row["status"] == status
    assert row["is_listed"] is (status != "suppressed") and (row["list_rank"] is None) is (
        status == "suppressed"
    )


def test_a_result_not_yet_known_changes_nothing() -> None:
    late = visit("40", date(2026, 3, 10), known=date(2026, 5, 1))
    assert one(run([signal()], previous=run([signal()]), outcomes=late, as_of=NEXT))["status"] == "escalated"


def test_another_sign_is_not_suppressed() -> None:
    found = visit("40", date(2026, 3, 10))
    both = [signal(), signal(name="I05", level="red")]
    assert one(run(both, previous=run([signal()]), outcomes=found, as_of=NEXT))["status"] == "new"


@pytest.mark.parametrize(
    ("then", "now", "status"),
    [
        ({"value": Decimal(10000)}, {"value": Decimal(14999)}, "suppressed"),
        ({"value": Decimal(10000)}, {"value": Decimal(15000)}, "new"),
        ({"value": None}, {"value": Decimal(15000)}, "suppressed"),
        ({"is_event": True, "fact_date": date(2026, 2, 1)}, {"fact_date": date(2026, 2, 1)}, "suppressed"),
        ({"is_event": True, "fact_date": date(2026, 2, 1)}, {"fact_date": date(2026, 3, 1)}, "new"),
        # the age in days of the same fact grows by itself
        (
            {"fact_date": date(2026, 2, 1), "value": Decimal(32)},
            {"fact_date": date(2026, 2, 1), "value": Decimal(63)},
            "suppressed",
        ),
    ],
)
def test_growth_and_new_events_break_the_rest(then: dict[str, Any], now: dict[str, Any], status: str) -> None:
    before, after = signal(**then), signal(**{**then, **now})
    found = visit("40", date(2026, 3, 10))
    row = one(run([after], previous=run([before]), previous_signals=kept(before), outcomes=found, as_of=NEXT))
    assert row["status"] == status


def test_a_gap_rests_too_until_it_grows_by_half() -> None:
    first, found = run([], [gap()]), visit("10", date(2026, 3, 10))
    assert one(run([], [gap()], previous=first, outcomes=found, as_of=NEXT))["status"] == "suppressed"
    more = [gap(), gap(benefit="elder_allowance", amount="109")]
    assert one(run([], more, previous=first, outcomes=found, as_of=NEXT))["status"] == "new"


def test_a_case_opened_after_the_visit_is_its_own() -> None:
    march = run([signal()])
    found = visit("40", date(2026, 3, 10))
    july = run([signal()], previous=march, outcomes=found, as_of=date(2026, 7, 5))
    both = pl.concat([march, july])
    row = one(run([signal()], previous=both, outcomes=found, as_of=date(2026, 7, 10)))
    assert (row["status"], row["first_listed_date"]) == ("repeated", date(2026, 7, 5))


# ---- budget ----


def many(levels: str, **more: Any) -> list[dict[str, Any]]:
    names = {"r": "red", "o": "orange", "y": "yellow"}
    return [signal(f"H{i:03}", level=names[c], **more) for i, c in enumerate(levels)]


def listed(alerts: pl.DataFrame) -> list[str]:
    return alerts.filter("is_listed").sort("list_rank")["household_id"].to_list()


def test_level_then_score_then_village_then_household() -> None:
    signals = many("yyoyr")
    signals[3]["points"] = 9
    households = homes([f"H{i:03}" for i in range(5)])
    assert listed(run(signals, households=households)) == ["H004", "H002", "H003", "H000", "H001"]
    scores = pl.DataFrame({"household_id": ["H001", "H000"], "score": [0.9, 0.1]})
    scored = run(signals, households=households, scores=scores)
    assert listed(scored) == ["H004", "H002", "H001", "H000", "H003"]  # unscored last within the level
    assert scored["arm"].unique().to_list() == ["rule"]  # every one would have been listed by points alone


def test_the_arm_says_whether_the_model_made_the_difference() -> None:
    households = homes([f"H{i:03}" for i in range(4)])
    scores = pl.DataFrame({"household_id": ["H002"], "score": [0.9]})
    alerts = run(many("yyyy"), households=households, scores=scores, capacity=2)
    assert dict(alerts.filter("is_listed").select("household_id", "arm").iter_rows()) == {
        "H002": "model",
        "H000": "rule",
    }


def test_capacity_is_hard_and_reds_beyond_it_are_marked() -> None:
    households = homes([f"H{i:03}" for i in range(20)])
    alerts = run(many("r" * 15 + "y" * 5), households=households)
    assert len(listed(alerts)) == 12 and alerts["is_overflow_red"].sum() == 3
    load = station_load(alerts, pl.DataFrame({"town_code": [TOWN]}), OPERATIONS).row(0, named=True)
    assert (load["candidate_cnt"], load["listed_cnt"], load["waiting_cnt"], load["overflow_red_cnt"]) == (
        20,
        12,
        8,
        3,
    )


def test_within_a_level_escalated_come_before_repeated_before_new() -> None:
    households = homes(["H000", "H001", "H002"])
    overdue = run([signal("H002")], households=households)
    recent = run([signal("H001")], households=households, as_of=date(2026, 4, 1))
    alerts = run(many("ooo"), households=households, previous=pl.concat([overdue, recent]), as_of=NEXT)
    assert alerts.sort("list_rank")["status"].to_list() == ["escalated", "repeated", "new"]
    assert listed(alerts) == ["H002", "H001", "H000"]


def test_towns_do_not_share_capacity() -> None:
    households = pl.concat([homes(["H000", "H001"]), homes(["H002", "H003"], OTHER)])
    alerts = run(many("yyyy"), households=households, capacity=1)  # the other town has no capacity of its own
    counts = alerts.filter("is_listed").group_by("town_code").len().sort("town_code")
    assert counts.rows() == [(OTHER, 2), (TOWN, 1)]


# ---- the audit arm ----


@pytest.mark.parametrize(("capacity", "lines"), [(3, 0), (10, 1), (12, 1), (20, 2), (100, 8)])
def test_audit_lines(capacity: int, lines: int) -> None:
    assert OPERATIONS.audit_lines(capacity) == lines


def test_the_audit_arm_draws_from_everybody_not_listed() -> None:
    households = homes([f"H{i:03}" for i in range(60)])
    alerts = run(many("o" * 15), households=households, operations=OPERATIONS)
    rule, audit = (alerts.filter(pl.col("is_listed") & (pl.col("arm") == arm)) for arm in ("rule", "audit"))
    assert (rule.height, audit.height) == (11, 1)
    row = one(audit)
    assert row["audit_pool_cnt"] == 49 and row["household_id"] not in rule["household_id"].to_list()
    assert row["reason_zh"].startswith("随机抽查复核（不代表有问题）")
    assert alerts.equals(run(many("o" * 15), households=households, operations=OPERATIONS))


def test_every_household_has_its_turn_in_the_audit_arm() -> None:
    households = homes([f"H{i:03}" for i in range(40)])
    quiet = [
        one(run([], households=households, operations=OPERATIONS, as_of=AS_OF + timedelta(days=d)))
        for d in range(200)
    ]
    drawn = {row["household_id"] for row in quiet}
    assert len(drawn) >= 35  # 40 households, 200 draws: all but a few expected
    assert {(row["level"], row["signal_ids"], row["arm"]) for row in quiet} == {("blue", "", "audit")}
    assert quiet[0]["due_date"] == AS_OF + timedelta(days=42)


def test_a_drawn_candidate_keeps_its_own_reason() -> None:
    households = homes(["H000", "H001"])
    alerts = run(many("oo"), households=households, operations=OPERATIONS, capacity=10)
    assert alerts["arm"].to_list() == ["rule", "rule"]
    crowded = run(
        many("o" * 12), households=homes([f"H{i:03}" for i in range(12)]), operations=OPERATIONS, capacity=10
    )
    drawn = one(crowded.filter(pl.col("arm") == "audit"))
    assert drawn["reason_zh"].startswith("随机抽查复核（不代表有问题）；另有提示：I01：近12个月")


def test_an_open_audit_visit_keeps_its_seat_and_a_visited_household_rests() -> None:
    households = homes([f"H{i:03}" for i in range(30)])
    first = run([], households=households, operations=OPERATIONS)
    later = date(2026, 3, 20)
    again = one(run([], households=households, operations=OPERATIONS, previous=first, as_of=later))
    assert (again["household_id"], again["status"]) == (one(first)["household_id"], "repeated")
    assert again["due_date"] == one(first)["due_date"] and again["first_listed_date"] == AS_OF
    found = visit("40", date(2026, 3, 10), one(first)["alert_id"])
    alone = homes([one(first)["household_id"]])
    kwargs: dict[str, Any] = {"operations": OPERATIONS, "previous": first, "outcomes": found, "as_of": later}
    assert run([], households=alone, **kwargs).is_empty()


def test_nobody_visits_a_household_without_living_members() -> None:
    assert run([], households=homes(["H1"]).with_columns(member_cnt=0), operations=OPERATIONS).is_empty()


# ---- compliance ----


def test_compliance_is_a_queue_of_its_own_without_a_budget() -> None:
    households = homes([f"H{i:03}" for i in range(20)])
    checks = [signal(f"H{i:03}", "C01", queue="compliance", level="yellow") for i in range(20)]
    alerts = run([*checks, signal("H000")], [gap("H000")], households=households)
    county = alerts.filter(pl.col("queue") == "compliance")
    assert county["is_listed"].all() and county["list_rank"].to_list() == list(range(1, 21))
    assert (
        county["missing_benefits_zh"].unique().to_list() == [""] and "20260305-H000-C" in county["alert_id"]
    )
    need = one(alerts.filter(pl.col("queue") == "need"))
    assert need["alert_id"] == "20260305-H000-N" and need["signal_ids"] == "I01,E01"


def test_a_result_in_one_queue_says_nothing_about_the_other() -> None:
    signals = [signal(), signal(name="C01", queue="compliance", level="yellow")]
    first = run(signals)
    after = run(signals, previous=first, outcomes=visit("70", date(2026, 3, 10), "20260305-H1-C"), as_of=NEXT)
    status = dict(after.select("queue", "status").iter_rows())
    assert status == {"need": "escalated", "compliance": "suppressed"}


def test_a_person_without_a_household_is_kept_but_cannot_be_listed() -> None:
    row = one(run([signal(None, person_id="p9", queue="compliance", name="C01")]))
    assert (row["alert_id"], row["household_id"], row["is_listed"]) == ("20260305-p9-C", None, False)


# ---- properties ----


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from("roy"), max_size=40), st.integers(0, 15), st.randoms())
def test_never_more_than_the_capacity_nor_a_weaker_level_before_a_stronger(
    levels: list[str], capacity: int, random: Any
) -> None:
    signals = many("".join(levels))
    households = homes([f"H{i:03}" for i in range(45)])
    alerts = run(signals, households=households, capacity=capacity, operations=OPERATIONS)
    on, off = alerts.filter("is_listed"), alerts.filter(~pl.col("is_listed"))
    assert on.height <= capacity and on["list_rank"].to_list() == list(range(1, on.height + 1))
    order = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}
    chosen = [order[level] for level in on.filter(pl.col("arm") != "audit")["level"]]
    assert not chosen or off.is_empty() or max(chosen) <= min(order[level] for level in off["level"])
    random.shuffle(signals)
    assert run(signals, households=households, capacity=capacity, operations=OPERATIONS).equals(alerts)


def test_no_alerts_have_the_columns() -> None:
    assert run([]).schema == empty_alerts().schema
