"""What rests on restricted sources follows from contracts and rules, for any of them."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import zhaoren
from data_contracts.loading.contracts import load_contracts
from flows.context.rulebook import Rulebook, load_rulebook
from policies.analysis.restricted import restricted
from policies.loading import load_catalogue

EXAMPLE = Path(zhaoren.__file__).parents[1] / "docs" / "examples" / "nineteenth"


def restricted_meters(home: Path) -> Rulebook:
    """The rule book of a home that adds the nineteenth extract, as a restricted one."""
    shutil.copytree(EXAMPLE, home, ignore=shutil.ignore_patterns("*.csv"))
    for path in (home / "contracts").rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(
            re.sub(r"(  - \{property: loads.*\n)", r"\1  - {property: access, value: restricted}\n", text),
            encoding="utf-8",
        )
    return load_rulebook(home)


def test_what_rests_on_the_shipped_restricted_source() -> None:
    found = restricted(load_catalogue(), load_contracts().values())
    assert found.extracts == {"custody"}
    held = ("in_custody", "custody_days", "custody_total_days")
    assert found.facts == {
        ("person", name) for name in (*held, "is_present", "is_unable_parent", "parent_unable_cnt")
    }
    assert found.signals == {"C03", "I11"}
    assert found.benefits == {"unsupported_child", "unemployment_insurance"}


def test_a_homes_own_restricted_contract_restricts_what_it_declares_and_the_rules_that_name_it(
    tmp_path: Path,
) -> None:
    book = restricted_meters(tmp_path / "home")
    found = restricted(book.catalogue, book.contracts.values())
    assert len(found.extracts) == 2
    assert {name for entity, name in found.facts if entity == "household"} == {
        "electricity_kwh", "electricity_silent_days", "electricity_read_days", "is_power_cut",
    }  # fmt: skip
    assert found.signals == {"C03", "I11", "I23"}


def test_a_derived_fact_is_restricted_whatever_sources_it_states() -> None:
    cat = load_catalogue()
    own = cat.definitions["person.is_member"]
    held = own.versions[0].model_copy(update={"formula": "is_member AND NOT in_custody"})
    twice = own.versions[0].model_copy(update={"formula": "NOT is_free"})
    derived = {
        name: own.model_copy(update={"name": name, "versions": (version,)})
        for name, version in (("is_bound", twice), ("is_free", held))
    }
    facts = {f"person.{n}": cat.facts["person.is_member"].model_copy(update={"name": n}) for n in derived}
    more = replace(
        cat,
        facts=cat.facts | facts,
        definitions=cat.definitions | {f"person.{name}": one for name, one in derived.items()},
    )
    found = restricted(more, load_contracts().values()).facts
    assert found - restricted(cat, load_contracts().values()).facts == {
        ("person", "is_free"),
        ("person", "is_bound"),
    }


def test_nothing_is_restricted_where_no_contract_is() -> None:
    shared = [replace(c, access="shared") for c in load_contracts().values()]
    found = restricted(load_catalogue(), shared)
    assert not (found.extracts or found.facts or found.signals or found.benefits)


def test_any_shipped_source_can_be_restricted_and_takes_its_rules_along() -> None:
    catalogue, contracts = load_catalogue(), load_contracts()
    derived = {definition.name for definition in catalogue.definitions.values()}
    for chosen in contracts.values():
        only = [replace(c, access="restricted" if c is chosen else "shared") for c in contracts.values()]
        found = restricted(catalogue, only)
        named = {f.name for f in catalogue.facts.values() if chosen.extract in f.sources}
        every = {name for _, name in found.facts}
        assert named <= every
        assert every - named <= derived, "beyond them only what follows from them"
    assert len(found.signals) + len(found.benefits) > 0
