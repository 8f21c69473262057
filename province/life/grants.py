"""What offices granted after somebody had applied for it: it shows on the rolls from that month on.

Only who is truly entitled is given anything: an office looks before it pays. Draws come from a generator of
their own, so that a month with grants differs from one without in nothing but them.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from province.life import rolls
from province.life.rights import Rights
from province.people.state import State
from province.people.world import DIBAO, MARGINAL, NONE, TEKUN

_STREAM = 7100
_UNITS = {"dibao": DIBAO, "tekun": TEKUN}


def give(state: State, book: rolls.Rolls, rights: Rights, t: int, granted: pl.DataFrame) -> None:
    """Put what was granted on the rolls. `granted`: household_no, benefit_id; of other blocks, too."""
    homes = state.world.homes
    index = pl.DataFrame({"household_no": homes.household_no}).with_row_index("home")
    asked = granted.join(index, on="household_no").sort("home", "benefit_id")
    rng = np.random.Generator(np.random.PCG64([_STREAM, t, len(homes)]))
    for (benefit,), rows in asked.partition_by("benefit_id", as_dict=True).items():
        mine = np.zeros(len(homes), dtype=bool)
        mine[rows["home"].to_numpy()] = True
        if benefit in _UNITS:
            lower = [NONE, MARGINAL] if benefit == "dibao" else [NONE, MARGINAL, DIBAO]
            open_now = np.isin(book.category, lower) & (state.members > 0)
            entitled = mine & getattr(rights, str(benefit)) & open_now
            rolls.enter(state, book, entitled, _UNITS[benefit], t, rng=rng)
        elif benefit == "temporary_relief":
            free = book.relief_until < state.clock.starts[t]
            _relief(state, book, mine & rights.relief & free, t, rng)
        elif benefit == "single_person_dibao":
            _single(state, book, mine[state.world.people.home] & rights.single & ~book.single, t, rng)
        else:
            _persons(book, rights, mine[state.world.people.home], benefit, state.clock.starts[t])


def _persons(book: rolls.Rolls, rights: Rights, mine: np.ndarray, benefit: str, start: int) -> None:
    if benefit == "living_subsidy_disabled":
        book.living |= mine & rights.living
    elif benefit == "nursing_subsidy_disabled":
        book.nursing |= mine & rights.nursing
    elif benefit == "elder_allowance":
        book.allowance_since[mine & rights.elder & ~book.allowance] = start
        book.allowance |= mine & rights.elder
    elif benefit in ("unsupported_child", "orphan_living"):
        right = rights.orphan if benefit == "orphan_living" else rights.unsupported
        new = mine & right & (book.child == 0)
        book.child[new] = 1 if benefit == "orphan_living" else 2
        book.child_since[new] = start


def _single(state: State, book: rolls.Rolls, new: np.ndarray, t: int, rng: np.random.Generator) -> None:
    """One person's dibao is paid within a marginal family, so the family is put on that roll with it."""
    rolls.enter(state, book, (state.per_home(new) > 0) & (book.category == NONE), MARGINAL, t, rng=rng)
    book.single_since[new] = state.clock.starts[t]
    book.single |= new


def _relief(state: State, book: rolls.Rolls, given: np.ndarray, t: int, rng: np.random.Generator) -> None:
    rows = np.flatnonzero(given)
    day = rng.integers(state.clock.starts[t], state.clock.starts[t] + 15, len(rows)).astype(np.int32)
    level = np.maximum(state.severity[rows], 1)
    amount = np.round(state.world.homes.standard[rows] * (1 + level * 1.2) / 10) * 10
    book.relief_until[rows] = day + 92
    state.savings[rows] += amount / np.maximum(state.members[rows], 1)
    state.log.add(
        "relief",
        home=rows,
        day=day,
        decided=day + rng.integers(2, 10, len(rows)),
        approved=np.ones(len(rows), dtype=bool),
        amount=amount,
        driver=state.drivers[rows].argmax(axis=1),
    )
