"""A person must not cost more in a large province: the demo's people once, and eight times over."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

import polars as pl
import pytest

from data_contracts.contract.model import Contract
from data_contracts.loading.contracts import load_contracts
from divisions import villages
from flows.context import parameters
from flows.context.places import panel_places
from flows.scoring.shards.panels import panels
from policies.catalogue.model import Catalogue
from policies.engine.evaluate_signals import evaluate_signals
from policies.loading import load_catalogue
from tests.helpers.homes import Made, reading
from tests.helpers.whole_core import core_frames
from transforms.core_as_of import CoreAsOf
from transforms.golden_record.golden_record import golden_record
from warehouse.identity.golden_record import golden_record_frames

pytestmark = pytest.mark.slow
TIMES = 8


def test_processor_seconds_per_person_do_not_grow(demo: Made) -> None:
    """At most what a person costs in the small one; a cost per pair of persons would be eight times it."""
    cat, contracts, as_of = load_catalogue(), load_contracts(), demo.dates[-1]
    with reading(demo.home) as con:
        deaths = parameters.survivorship(cat, as_of).deaths
        frames = core_frames(con, contracts, as_of) | golden_record_frames(con, as_of, deaths)
    many = {name: several(frame) for name, frame in frames.items()}
    signals_of(frames, as_of, cat, contracts)  # what is done once in a process is not what is measured
    small, one = measured(partial(signals_of, frames, as_of, cat, contracts))
    large, all_ = measured(partial(signals_of, many, as_of, cat, contracts))
    assert all_ == [TIMES * cnt for cnt in one]
    assert large / TIMES <= small, (
        f"{small:.2f} s of processor time, and {large:.2f} s for {TIMES} times as many"
    )


def measured(work: Callable[[], list[int]]) -> tuple[float, list[int]]:
    before = time.process_time()
    found = work()
    return time.process_time() - before, found


def several(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame so many times, each with persons, households and records of its own."""
    own = [n for n, kind in frame.schema.items() if kind == pl.String and n.endswith(("_id", "_no"))]
    copies = (frame.with_columns(pl.col(own) + f"-{copy}") for copy in range(TIMES))
    return pl.concat(list(copies)).rechunk()


def signals_of(
    frames: Mapping[str, pl.DataFrame], as_of: date, cat: Catalogue, contracts: Mapping[str, Contract]
) -> list[int]:
    """How many persons, households and signals come of the core's rows."""
    core = CoreAsOf.of_contracts(frames, as_of, contracts.values())
    golden = golden_record(core, parameters.survivorship(cat, as_of))
    persons, households = panels(cat, core, golden.persons, panel_places(villages()))
    return [
        frame.height for frame in (persons, households, evaluate_signals(cat, persons, households, as_of))
    ]
