"""What changes from month to month in a block, and the log of what happened."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from province.people.plan import Clock
from province.people.rates import Rates
from province.people.world import KINDS, NEVER, World


@dataclass
class Log:
    """Columns of events by kind, gathered month by month and joined once."""

    parts: dict[str, list[dict[str, np.ndarray]]] = field(default_factory=dict)

    def add(self, kind: str, **columns: np.ndarray) -> None:
        """Note some events of one kind; every column has one value per event."""
        if len(next(iter(columns.values()))):
            self.parts.setdefault(kind, []).append(columns)

    def all(self, kind: str) -> dict[str, np.ndarray]:
        """Every event of one kind noted so far, column by column; empty when there was none."""
        parts = self.parts.get(kind, [])
        return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]} if parts else {}


@dataclass(kw_only=True)
class State:
    """The mutable part of a block. Arrays are per person (p) or per household (h)."""

    world: World
    clock: Clock
    rates: Rates
    rng: np.random.Generator
    log: Log
    severe_from: np.ndarray  # p: day from which a new disability stops work (NEVER)
    ill_from: np.ndarray  # p: day the present serious illness began (NEVER when well)
    ill_until: np.ndarray  # p
    registered_ill: np.ndarray  # p: day of registration by health (NEVER)
    jobless_from: np.ndarray  # p: day the present job was lost (NEVER when at work)
    jobless_benefit_until: np.ndarray  # p
    benefit_yuan: np.ndarray  # p: unemployment benefit a month
    insured_until: np.ndarray  # p: paid-up day of basic medical insurance
    dropout_from: np.ndarray  # p
    care_lost: np.ndarray  # h: who kept the household going is gone or has lost strength
    needs_care: np.ndarray  # h: a child or an elder in it cannot do without somebody else's care
    cared_for: np.ndarray  # h: and kin, a neighbour or a service has taken it over
    lacks: np.ndarray  # h: 0, or CHILD or ELDER where nobody has
    drift: np.ndarray  # h: deviation of log income
    usual: np.ndarray  # h: income per head that the household's way of life was built on
    savings: np.ndarray  # h: yuan per head
    stress: np.ndarray  # h
    severity: np.ndarray  # h: 0..3
    drivers: np.ndarray  # h x kinds: what has been weighing, fading
    shock_day: np.ndarray  # h: the last hardship event
    arrears: np.ndarray  # h: months of rent owed
    repair: np.ndarray  # h: yuan to be spent this month after a disaster
    blow: np.ndarray  # h: yuan to be spent this month on a funeral, a lawyer, a fine
    struck_day: np.ndarray  # h: day of the last disaster (-NEVER: none)
    income: np.ndarray  # h: counted income per head this month
    members: np.ndarray  # h: unit members this month
    burden: np.ndarray  # h: medical burden this month, yuan
    burdens: np.ndarray  # h x 12: the same for the last twelve months
    lost_pay: np.ndarray  # h: fading memory of assistance that stopped, yuan per head

    def in_unit(self, day: int) -> np.ndarray:
        """People who count in the household's assistance unit on a day."""
        people = self.world.people
        here = (people.birth <= day) & (people.death > day) & (people.away > day) & ~self.world.traits.split
        return here & ~((people.prison_from <= day) & (people.prison_until > day))

    def per_home(self, values: np.ndarray) -> np.ndarray:
        """Sum a per-person column over households."""
        return np.bincount(self.world.people.home, values, len(self.world.homes))


def make_state(world: World, clock: Clock, rates: Rates, rng: np.random.Generator) -> State:
    """Savings, illnesses and joblessness as of the first month of the burn-in."""
    size, homes, day = len(world.people), len(world.homes), int(clock.starts[0])
    never = np.full(size, NEVER, dtype=np.int32)
    savings = rates.savings_months * world.homes.standard * np.exp(rng.normal(0, rates.savings_spread, homes))
    savings = np.minimum(savings, rates.savings_cap_months * world.homes.standard)
    state = State(
        world=world,
        clock=clock,
        rates=rates,
        rng=rng,
        log=Log(),
        severe_from=never.copy(),
        ill_from=never.copy(),
        ill_until=never.copy(),
        registered_ill=never.copy(),
        jobless_from=never.copy(),
        jobless_benefit_until=never.copy(),
        benefit_yuan=np.zeros(size),
        insured_until=never.copy(),
        dropout_from=never.copy(),
        care_lost=np.zeros(homes, dtype=bool),
        needs_care=np.zeros(homes, dtype=bool),
        cared_for=np.zeros(homes, dtype=bool),
        lacks=np.zeros(homes, dtype=np.int8),
        drift=np.zeros(homes),
        usual=np.zeros(homes),
        savings=savings,
        stress=np.zeros(homes),
        severity=np.zeros(homes, dtype=np.int8),
        drivers=np.zeros((homes, len(KINDS))),
        shock_day=np.full(homes, -NEVER, dtype=np.int32),
        arrears=np.zeros(homes, dtype=np.int16),
        repair=np.zeros(homes),
        blow=np.zeros(homes),
        struck_day=np.full(homes, -NEVER, dtype=np.int32),
        income=np.zeros(homes),
        members=np.zeros(homes),
        burden=np.zeros(homes),
        burdens=np.zeros((homes, 12)),
        lost_pay=np.zeros(homes),
    )
    _first_insurance(state, day)
    return state


def _first_insurance(state: State, day: int) -> None:
    """Everyone has paid for the year the burn-in begins in, but for a few."""
    year_end = np.datetime64(day, "D").astype("datetime64[Y]") + 1
    state.insured_until[:] = year_end.astype("datetime64[D]").astype(np.int32) - 1
    state.insured_until[state.rng.random(len(state.insured_until)) < 0.04] -= 365
