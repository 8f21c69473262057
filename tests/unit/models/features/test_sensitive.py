"""Nothing protected, and no listed proxy without a recorded reason, enters what orders households."""

from __future__ import annotations

from models.features.feature_list import HOUSEHOLD, PERSON, PROTECTED, SIGNAL_TOTALS
from models.features.sensitive import REASONS, SENSITIVE, SIGNALS
from policies.engine.rule_facts import rule_facts
from policies.loading import load_catalogue
from tests.helpers.visits import TODAY

READ = {f.name: set(f.value.meta.root_names()) for f in (*HOUSEHOLD, *PERSON)}


def test_a_feature_that_reads_a_sensitive_fact_has_a_reason() -> None:
    sensitive = {name for name, facts in READ.items() if facts & set(SENSITIVE)}
    assert sensitive == set(REASONS)
    assert all(len(reason) > 30 for reason in REASONS.values())


def test_the_lists_name_facts_that_exist_and_do_not_overlap() -> None:
    facts = {fact.name for fact in load_catalogue().facts.values()}
    assert set(SENSITIVE) <= facts
    assert not set(SENSITIVE) & set(PROTECTED)
    assert not set(REASONS) & set(SIGNAL_TOTALS)


def test_no_feature_reads_a_protected_fact() -> None:
    assert {name for name, facts in READ.items() if facts & set(PROTECTED)} == set()


def test_a_signal_that_reads_a_protected_fact_has_a_reason() -> None:
    """Whether a signal fired is a feature (signal_<id>): what its rule reads is read by the model."""
    catalogue = load_catalogue()
    need = [s for s in catalogue.signals_at(TODAY) if s.queue == "need"]
    read = {s.id: tuple(sorted(set(rule_facts(catalogue, s, TODAY)) & set(PROTECTED))) for s in need}
    assert {name: facts for name, facts in read.items() if facts} == {n: f for n, (f, _) in SIGNALS.items()}
