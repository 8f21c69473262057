"""Makes the whole province: block by block, month by month, files and truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from data_contracts.contract.code_tables import load_codes
from data_contracts.contract.model import Contract
from data_contracts.loading.contracts import load_contracts
from province.departments import views_aid, views_people, views_work
from province.departments.described import LUCKS, describe
from province.departments.seen import Moment
from province.dirt.mistaken import Mistaken, mistake
from province.inbox import Inbox, arrival
from province.life import care, life, money, rolls
from province.life.grants import give
from province.life.rights import Recognised, Rights, find_rights, nobody
from province.life.weddings import weddings
from province.people.people import make_people
from province.people.plan import Block, Plan, make_plan
from province.people.rates import Rates, load_rates
from province.people.standards import changes, standards
from province.people.state import State, make_state
from province.people.traits import make_world
from province.people.world import DIBAO, MARGINAL, TEKUN
from province.truth.memberships import Memberships
from province.truth.truth import Diary, TruthWriter
from zhaoren.errors import ZhaorenError

Progress = Callable[[str, int, int], None]
START = date(2025, 8, 1)  # the first month delivered

# Extract -> its view and the calendar months it is sent in after the first delivery (None: every month).
VIEWS: dict[str, tuple[Callable[[Moment], pl.DataFrame], set[int] | None]] = {
    "public_security.population": (views_people.population, None),
    "civil_affairs.benefit_roll": (views_aid.benefit_roll, None),
    "civil_affairs.child_welfare": (views_aid.child_welfare, None),
    "civil_affairs.elder_care": (views_aid.elder_care, None),
    "civil_affairs.temporary_relief": (views_aid.temporary_relief, None),
    "civil_affairs.cremation_marriage": (views_people.cremation_marriage, None),
    "medical_insurance.enrolment": (views_work.enrolment, None),
    "medical_insurance.settlement": (views_work.settlement, None),
    "health.major_illness": (views_work.major_illness, None),
    "human_resources.unemployment": (views_work.unemployment, None),
    "human_resources.pension_insurance": (views_work.pension_insurance, None),
    "education.student_aid": (views_work.student_aid, {9, 3}),
    "disabled_federation.disability_card": (views_people.disability_card, None),
    "rural_affairs.poverty_watch": (views_aid.poverty_watch, None),
    "housing.housing_security": (views_aid.housing_security, {3, 6, 9, 12}),
    "emergency.disaster": (views_work.disaster, None),
    "justice.custody": (views_people.custody, None),
    "trade_union.worker_hardship": (views_aid.worker_hardship, {1}),
}
_MISSING = (
    "disabled_federation.disability_card",
    3,
)  # one delivery that never comes, when there are five months


def make_province(
    persons: int,
    months: int,
    seed: int,
    out: Path,
    dirt: float = 0.02,
    *,
    start: date = START,
    progress: Progress | None = None,
) -> None:
    """Write a made-up province under `out`: inbox/<date>/<department>/<extract>.* and truth/*.parquet.

    The same arguments give the same bytes. `progress(step, done, of)` is called after each block.
    Raises ZhaorenError for impossible sizes, or when `out` already holds an inbox or truth.
    """
    for folder in ("inbox", "truth"):
        if (out / folder).exists():
            raise ZhaorenError(
                "there is already a province here", str(out / folder), "", "choose an empty folder"
            )
    rates = load_rates()
    plan = make_plan(persons, months, seed, dirt=dirt, start=start, rates=rates)
    inbox, truth = Inbox(out / "inbox", load_contracts(), load_codes(), dirt), TruthWriter(out / "truth")
    for done, block in enumerate(plan.blocks, start=1):
        # A block at a time, all its months: no more than one is ever in memory.
        life = BlockLife(plan, block, rates)
        for t in range(plan.clock.last + 1):
            life.month(t)
            life.deliver(t, inbox, truth)
        life.end(truth)
        if progress:
            progress("making the province", done, len(plan.blocks))
    truth.close(inbox.close(plan.rng(0, 9)))


class BlockLife:
    """One block's people, lived month by month: t counts from the burn-in's first month."""

    def __init__(self, plan: Plan, block: Block, rates: Rates) -> None:
        self.plan, self.block, self.rates = plan, block, rates
        homes, people = make_people(block, plan, rates)
        begin = int(plan.clock.starts[0])
        world = make_world(
            homes, people, begin, rates, rng=plan.rng(block.number, 3), ties_rng=plan.rng(block.number, 5)
        )
        self.state = make_state(world, plan.clock, rates, plan.rng(block.number, 4))
        money.income(self.state, 0)
        first = find_rights(self.state, begin, nobody(self.state))
        self.book = rolls.first_rolls(self.state, first, 0)
        self.diary, self.memberships = Diary(), Memberships()
        self.rights = _rights(self.state, self.book, begin)
        self.new_years = changes(plan.clock)

    def month(self, t: int, granted: pl.DataFrame | None = None) -> None:
        """Live one month. `granted`: household_no, benefit_id of what offices decided to pay from it on."""
        clock, homes = self.plan.clock, self.state.world.homes
        if t in self.new_years:
            homes.standard = standards(self.rates, self.block, homes.town, homes.tier, self.new_years[t])
        self.rights = _month(self.state, self.book, self.rights, t, granted)
        if t >= clock.first - 12:
            weddings(self.state, t, self.plan.rng(self.block.number, 6000 + t))
            self.memberships.note(self.state, self.book, t)
            last_day = int(clock.starts[t + 1]) - 1
            self.diary.note(self.state, self.book, self.rights, last_day, t >= clock.first)

    def deliver(self, t: int, inbox: Inbox, truth: TruthWriter) -> None:
        """Write what the departments know of the month; nothing in the months before the first delivery."""
        if t < self.plan.clock.first:
            return
        number = self.block.number
        rng = self.plan.rng(number, 100 + t)
        now = Moment(state=self.state, rolls=self.book, rights=self.rights, t=t, rng=rng, block=number)
        _deliver(self.plan, now, inbox)
        truth.put_rows(inbox.take_rows(), number, t)

    def end(self, truth: TruthWriter) -> None:
        """Write the block's truth once its last month is over."""
        truth.put(self.state, self.diary, self.memberships.table(self.state), self.block.number)


def _month(state: State, book: rolls.Rolls, rights: Rights, t: int, granted: pl.DataFrame | None) -> Rights:
    """One month of a block's life; returns what everyone is entitled to at its end."""
    start, end = int(state.clock.starts[t]), int(state.clock.starts[t + 1]) - 1
    age = state.world.people.age(start)
    life.deaths(state, t, age)
    life.illness(state, t, age)
    life.work(state, t, age)
    life.prison(state, t, age)
    life.disability(state, t, age)
    life.care(state, t, age)
    care.lacking(state, t, age, book.category, book.child)
    life.disasters(state, t)
    life.school(state, t, age)
    on_roll = np.isin(book.category, [DIBAO, TEKUN])
    life.insurance(state, t, on_roll)
    aid = np.select(
        [book.category == TEKUN, book.category == DIBAO, book.category == MARGINAL], [0.9, 0.7, 0.25], 0.0
    )
    money.bills(state, t, age, aid)
    lost = money.income(state, t)
    rolls.decide(state, book, rights, t)
    if granted is not None and granted.height:
        give(state, book, rights, t, granted)
    rolls.watch(state, book, t)
    paid = rolls.paid_out(state, book, int(state.clock.years[t]), age)
    money.settle(state, t, age, lost=lost, paid_out=paid, education=_education(state, book, t))
    life.rents(state)
    rolls.relief(state, book, t)
    return _rights(state, book, end)


def _rights(state: State, book: rolls.Rolls, day: int) -> Rights:
    """What everyone is entitled to on a day, given who is recognised by then."""
    watched = (book.watched_since <= day) & ~book.watched_cleared
    return find_rights(state, day, Recognised(book.category, book.single, book.child, watched))


def _education(state: State, book: rolls.Rolls, t: int) -> np.ndarray:
    """School costs fall due in September and, for the rest, in March."""
    share = {9: 0.6, 3: 0.4}.get(int(state.clock.months[t]), 0.0)
    if not share:
        return np.zeros(len(state.world.homes))
    traits, end = state.world.traits, int(state.clock.starts[t + 1])
    stage = money.school_stage(state.world.people.age(end), traits.luck[:, 10])
    aided = (book.category > 0)[state.world.people.home]
    cost = (
        money.school_cost(stage, traits.luck[:, 11], aided) * state.in_unit(end) * (state.dropout_from > end)
    )
    return state.per_home(cost * share)


def _deliver(plan: Plan, now: Moment, inbox: Inbox) -> None:
    folder = arrival(plan.clock.starts, now.t)
    for number, (contract_id, (view, due)) in enumerate(VIEWS.items()):
        missing = plan.months >= 5 and (contract_id, now.month) == _MISSING
        if missing or (now.month > 0 and due is not None and now.calendar_month not in due):
            continue
        facts = view(now)
        if facts.height or contract_id != "emergency.disaster" or now.month == 0:
            believed = _believed(plan, now, facts, number, inbox.contracts[contract_id])
            inbox.put(folder, contract_id, believed, plan.rng(now.block, 1000 + now.t * 20 + number))


def _believed(plan: Plan, now: Moment, facts: pl.DataFrame, number: int, contract: Contract) -> Mistaken:
    """The view with what the department knows, and mistakes, of each person; the same luck every month."""
    if not facts.height:
        return Mistaken(facts, pl.DataFrame())
    luck = plan.rng(now.block, 5000 + number).random((len(now.state.world.people), LUCKS))
    return mistake(describe(facts, contract, now, luck), contract, now, plan.dirt, luck)
