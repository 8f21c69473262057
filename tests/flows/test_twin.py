"""The panel and the signals once more in plain pandas: an independent check of the demo's answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bench.twin.twin import answers, compare
from tests.helpers.homes import Made, reading

pytestmark = pytest.mark.slow


def test_pandas_gives_the_same_facts_and_signals(demo: Made) -> None:
    """The last month, which has a past to read; one answer turned round is found and named."""
    as_of = demo.dates[-1]
    with reading(demo.home) as con:
        own = answers(con, as_of)
        same = compare(con, as_of, own)
        wrong = own.people.assign(
            is_disabled=own.people["is_disabled"] ^ (own.people.index == own.people.index[7])
        )
        fewer = own.signals | {"I20": set()}
        other = compare(con, as_of, replace(own, people=wrong, signals=fewer))
    assert same.differences == ()
    assert same.fact_cnt >= 25 and same.signal_cnt >= 20 and same.compared_cnt > 100_000
    assert sum(map(bool, own.signals.values())) >= 15, "signals that nobody shows are no check"
    assert other.differences == ("panel.person.is_disabled: 1", f"signal I20: {len(own.signals['I20'])}")
