"""No sentence of a worklist prints a sum of the rules': only those of the family's own facts."""

from __future__ import annotations

import pytest

from policies.catalogue.signal import Signal
from policies.engine.sentences import parameters_in
from policies.loading import load_catalogue

CATALOGUE = load_catalogue()
NEED = [signal for signal in CATALOGUE.signals if signal.queue == "need"]


@pytest.mark.parametrize("signal", NEED, ids=lambda s: f"{s.id}-{s.valid_from}")
def test_no_line_or_limit_of_another_place_stands_as_a_sum(signal: Signal) -> None:
    """tried §3: Tongling's 5,000 yuan read as the family's own line."""
    named = [name for sentence in signal.sentence for name in parameters_in(sentence.zh)]
    assert [name for name in named if "yuan" in CATALOGUE.parameter(name).unit] == []
