"""Alerts: one sentence with numbers and dates, and a status that follows the visits."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tests.helpers.alerts import (
    AS_OF,
    NEXT,
    gap,
    kept,
    one,
    run,
    signal,
    visit,
)

# ---- words ----


def test_signals_and_gaps_become_one_sentence() -> None:
    signals = [
        signal(),
        signal(name="I06", level="yellow", sentence_zh="户主2026年2月1日登记失业。", points=2),
    ]
    row = one(run(signals, [gap(), gap(benefit="elder_allowance", amount="30.50", person_id="p")]))
    assert row["alert_id"] == "20260305-H1-N" and row["signal_ids"] == "I01,I06,E01"
    assert row["reason_zh"] == (
        "I01：近12个月自付医疗费12000元；户主2026年2月1日登记失业；可能有2项待遇应享未享。"
    )
    assert row["missing_benefits_zh"] == "可能符合：困难残疾人生活补贴（约217元/月）；高龄津贴（约31元/月）"
    assert (row["level"], row["points"], row["benefit_gap_yuan_month"]) == ("orange", 5, Decimal("247.50"))
    assert row["county_code"] == "440512" and row["due_date"] == AS_OF + timedelta(days=10)


def test_only_gaps_make_a_blue_line_that_names_them() -> None:
    late = one(run([], [gap(missed_month_cnt=3, person_id="p1"), gap(missed_month_cnt=14, person_id="p2")]))
    assert (
        late["missing_benefits_zh"]
        == "可能符合：困难残疾人生活补贴（2人，约434元/月，不早于2025年1月起未见发放）"
    )
    yearly = one(
        run([], [gap(benefit="premium_subsidy", amount_once_yuan=Decimal("380"), gap_yuan_month=None)])
    )
    assert yearly["missing_benefits_zh"] == "可能符合：资助参保（约380元，每年）"
    once = gap(benefit="temporary_relief", amount_once_yuan=Decimal("2580"), gap_yuan_month=None)
    row = one(run([], [gap(), once]))
    assert (row["level"], row["signal_ids"], row["points"]) == ("blue", "E01", 0)
    assert row["reason_zh"] == (
        "截至2026年3月5日，家庭情况可能符合困难残疾人生活补贴、临时救助的条件，但没有查到发放记录。"
    )
    assert (
        row["benefit_ids"] == "living_subsidy_disabled,temporary_relief"
        and row["questions_zh"].count("\n") == 2
    )


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ({}, "困难残疾人生活补贴（约217元/月）"),
        ({"is_minimum_amount": True}, "困难残疾人生活补贴（不低于217元/月）"),
        ({"amount_status": "unverified"}, "困难残疾人生活补贴（约217元/月，待核）"),
        ({"amount_status": None}, "困难残疾人生活补贴（约217元/月，待核）"),
        ({"amount_status": "borrowed"}, "困难残疾人生活补贴（金额以当地核定为准，待核）"),
        (
            {"gap_yuan_month": None, "amount_once_yuan": Decimal(2118), "amount_status": "unverified"},
            "困难残疾人生活补贴（一次性，金额以当地核定为准，待核）",
        ),
    ],
)
def test_a_sum_is_printed_as_far_as_its_parameters_are_vouched_for(known: dict[str, Any], shown: str) -> None:
    """tried §3: 高龄津贴 25 元 of another province's township, 临时救助 约2118元, an average, as if owed."""
    assert one(run([], [gap(**known)]))["missing_benefits_zh"] == f"可能符合：{shown}"


def test_a_sum_that_no_place_has_entered_is_missing_all_the_same() -> None:
    nothing: dict[str, Any] = {"amount_status": None, "gap_yuan_month": None, "amount_once_yuan": None}
    row = one(run([], [gap(benefit="temporary_relief", **nothing), gap(benefit="legal_aid", **nothing)]))
    assert row["missing_benefits_zh"] == "可能符合：临时救助（一次性，金额以当地核定为准，待核）"
    assert (row["signal_ids"], row["benefit_gap_yuan_month"]) == ("E01", Decimal(0))


def test_members_share_the_worst_of_their_sums_standing() -> None:
    two = [gap(person_id="p1"), gap(person_id="p2", amount_status="borrowed")]
    assert (
        one(run([], two))["missing_benefits_zh"]
        == "可能符合：困难残疾人生活补贴（2人，金额以当地核定为准，待核）"
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


@pytest.mark.parametrize(
    ("signals", "kind"),
    [
        ([signal(household_kind="assistance")], "assistance"),
        (
            [signal(household_kind="assistance"), signal(name="I09", level="red", household_kind="dwelling")],
            "dwelling",
        ),
        (
            [signal(household_kind="assistance", points=2), signal(name="I21", household_kind="dwelling")],
            "dwelling",
        ),
        ([signal(name="I02", household_kind="dwelling"), signal(household_kind="assistance")], "assistance"),
    ],
)
def test_the_leading_sign_says_which_kind_of_household(signals: list[dict[str, Any]], kind: str) -> None:
    """The most urgent sign leads, then the weightiest, then the first by its number."""
    alert = one(run(signals))
    assert (alert["household_kind"], alert["household_id"]) == (kind, "H1")


def test_missing_benefits_alone_speak_of_the_registered_household() -> None:
    assert one(run([], [gap()]))["household_kind"] == "hukou"


def test_listed_again_without_a_result_is_repeated_and_keeps_its_due_date() -> None:
    first = run([signal(level="yellow")])
    assert one(first)["status"] == "new"
    again = one(run([signal(level="yellow")], previous=first, as_of=date(2026, 4, 1)))
    assert (again["status"], again["due_date"]) == ("repeated", date(2026, 4, 2))
    assert again["first_listed_date"] == AS_OF


@pytest.mark.parametrize("queue", ["need", "compliance"])
def test_a_second_list_of_a_month_leaves_out_what_it_would_only_repeat(queue: str) -> None:
    """tried §3, last bullet: asked for on 20 March, it brought every line of 5 March again."""
    old, new = signal("H1", level="yellow", queue=queue), signal("H2", level="yellow", queue=queue)
    first = run([old])
    rows = {r["household_id"]: r for r in run([old, new], previous=first, as_of=date(2026, 3, 20)).to_dicts()}
    assert (rows["H1"]["status"], rows["H1"]["is_listed"]) == ("suppressed", False)
    assert (rows["H2"]["status"], rows["H2"]["is_listed"]) == ("new", True)
    both = pl.concat([first, run([old, new], previous=first, as_of=date(2026, 3, 20))])
    april = run([old, new], previous=both, as_of=date(2026, 4, 1))
    assert set(april["status"]) == {"repeated"} and april["is_listed"].all()  # open still


def test_a_red_case_on_the_months_list_does_not_wait_for_a_place() -> None:
    red = signal(level="red")
    again = one(run([red], previous=run([red]), as_of=date(2026, 3, 6)))
    assert (again["status"], again["is_overflow_red"]) == ("suppressed", False)
    overdue = one(run([red], previous=run([red]), as_of=AS_OF + timedelta(days=20)))
    assert (overdue["status"], overdue["is_listed"]) == ("suppressed", False)
    april = one(run([red], previous=run([red]), as_of=date(2026, 4, 1)))
    assert (april["status"], april["is_listed"]) == ("escalated", True)


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
    july = run([signal()], previous=march, outcomes=found, as_of=date(2026, 7, 28))
    both = pl.concat([march, july])
    row = one(run([signal()], previous=both, outcomes=found, as_of=date(2026, 8, 3)))
    assert (row["status"], row["first_listed_date"]) == ("repeated", date(2026, 7, 28))
