"""A station's other work drawn at random: key persons, referrals, objections, satisfaction, services."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from policies.casework.services import load_services
from tests.helpers.made_lives import Lives

MONTHS = (date(2025, 9, 5), date(2025, 10, 5), date(2025, 11, 5))


def add_work(lives: Lives, seed: int, towns: tuple[str, ...]) -> None:
    """Three months of it for every town, and matters for a third of the cases."""
    draw = np.random.default_rng(seed)
    for town in towns:
        for as_of in MONTHS:
            _key_persons(draw, lives, town, as_of)
            _services(draw, lives, town, as_of)
            lives.add("mart.station", as_of=as_of, town_code=town, county_code=town[:6],
                      waiting_cnt=int(draw.integers(0, 40)), capacity=12)  # fmt: skip
    for case in lives.of("mart.case"):
        if draw.random() < 0.4:
            _matters(draw, lives, case["case_no"])


def _key_persons(draw: np.random.Generator, lives: Lives, town: str, as_of: date) -> None:
    for number in range(int(draw.integers(0, 12))):
        person = f"P{town}{number}"
        lives.add("mart.key_person", as_of=as_of, person_id=person, town_code=town, key_no=f"K{number}")
        for copy in range(int(draw.choice([0, 1, 1, 1, 2]))):
            is_done = draw.random() < 0.7
            lives.add(
                "mart.key_visit", key_visit_id=f"{person}{as_of}{copy}", as_of=as_of, person_id=person,
                visited_date=as_of + timedelta(days=5) if is_done else None,
                excuse_code=None if is_done else "hospital", known_date=as_of + timedelta(days=20),
            )  # fmt: skip


def _services(draw: np.random.Generator, lives: Lives, town: str, as_of: date) -> None:
    for number in range(int(draw.integers(0, 6))):
        lives.add(
            "mart.activity", activity_id=f"A{town}{as_of}{number}", town_code=town,
            service_code=str(draw.choice([one.code for one in load_services().services])),
            form_code=str(draw.choice(["case", "group", "community"])), service_date=as_of,
            person_cnt=int(draw.integers(1, 60)), volunteer_cnt=int(draw.integers(0, 9)),
            resource_yuan=float(draw.integers(0, 5000)), known_date=as_of + timedelta(days=25),
        )  # fmt: skip


def _matters(draw: np.random.Generator, lives: Lives, case_no: str) -> None:
    kind, subject, events = (
        ("referral", "health", ("sent", "accepted", "answered")),
        ("referral", "charity", ("sent", "declined")),
        ("satisfaction", None, (str(draw.choice(["good", "fair", "poor", "no_answer"])),)),
        ("objection", "medical_insurance.settlement.total_yuan", ("raised", "passed_on", "corrected")),
    )[int(draw.integers(0, 4))]
    day = date(2025, 9, 10) + timedelta(days=int(draw.integers(0, 70)))
    for number, code in enumerate(events[: int(draw.integers(1, len(events) + 1))], start=1):
        lives.add(
            "mart.step", step_id=f"M{case_no}", step_no=number, case_no=case_no, kind_code=kind,
            subject=subject, event_code=code, event_date=day, known_date=day + timedelta(days=3),
            due_date=day + timedelta(days=7),
        )  # fmt: skip
        day += timedelta(days=int(draw.integers(1, 15)))
