"""Ten of our rules as OpenFisca, the rule engine of others, writes them, and a system to run them in.

    ten_rules(cat) -> the catalogue with these ten alone
    inputs(ten, frames) -> the facts they read, as OpenFisca takes them
    simulation(ten, facts, lives) -> ready to calculate(rule id, MONTH)

OpenFisca knows no null: an unknown number is 0, an unknown yes or no is no, an unknown text the usual code.
A benefit is its monthly sum here, and nothing where there is no right. Parameters come from our files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from openfisca_core.entities import build_entity
from openfisca_core.entities.types import RoleParams
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from policies.catalogue.benefit import Benefit
from policies.catalogue.fact import Fact
from policies.catalogue.model import Catalogue
from policies.catalogue.rule_texts import rule_texts
from policies.catalogue.signal import Signal
from policies.engine.rule_facts import rule_facts
from policies.language.parsing import parsed

AS_OF, MONTH = date(2025, 9, 5), "2025-09"
PERSON = build_entity("person", "persons", "a person", is_person=True)
ROLES: list[RoleParams] = [{"key": "member", "plural": "members"}]
HOUSEHOLD = build_entity("household", "households", "a household", roles=ROLES)
# As a formula is given them: a fact's values by its name and month, and the parameters of a month.
Population = Callable[[str, str], Any]
Law = Callable[[str], Any]
# As our facts are typed -> as OpenFisca calls it, and as it is handed over.
TYPES = {"integer": (int, pl.Int32), "boolean": (bool, pl.Boolean), "yuan": (float, pl.Float32)}


def elder_allowance(person: Population, month: str, parameters: Law) -> np.ndarray:
    elder, age = parameters(month).elder, person("age_years", month)
    is_here = _is(person, "registration_status_code", month, "active")
    rate = np.select(
        [
            age >= elder.third_age,
            age >= elder.second_age,
            _is(person, "benefit_category_code", month, "dibao", "single"),
        ],
        [elder.third_yuan_month, elder.second_yuan_month, elder.first_dibao_yuan_month],
        elder.first_yuan_month,
    )
    return person("is_alive", month) * (age >= elder.allowance_age) * is_here * rate


def living_subsidy_disabled(person: Population, month: str, parameters: Law) -> np.ndarray:
    is_poor = _is(person, "benefit_category_code", month, "dibao", "single", "marginal")
    is_orphan = _is(person, "child_type_code", month, "orphan", "unsupported")
    may = person("is_alive", month) * _has_card(person, month) * is_poor * ~is_orphan
    return may * parameters(month).disability.living_subsidy_yuan_month


def nursing_subsidy_disabled(person: Population, month: str, parameters: Law) -> np.ndarray:
    law, grade = parameters(month).disability, person("disability_grade", month)
    is_mental = _is(person, "disability_type_code", month, "5", "6") * (grade <= law.mental_grade)
    is_tekun = _is(person, "benefit_category_code", month, "tekun")
    is_severe = (grade <= law.severe_grade) + is_mental
    may = person("is_alive", month) * _has_card(person, month) * is_severe * ~is_tekun
    return may * law.nursing_subsidy_yuan_month


def dibao(household: Population, month: str, parameters: Law) -> np.ndarray:
    law = parameters(month).dibao
    standard = law.standard_yuan_month[household("place_tier_code", month)]
    income, members = household("income_yuan_month", month), household("member_cnt", month)
    is_old = (household("income_age_days", month) > law.income_valid_days) + (
        household("benefit_stopped_days", month) > law.income_valid_days
    )
    is_open = ~_is(household, "tier_code", month, "dibao") * (
        _is(household, "tier_code", month, "marginal") + is_old
    )
    may = (members > 0) * ~_is(household, "tier_code", month, "tekun") * (income < standard) * ~is_open
    # Single precision: unless cut to cents first, a whole yuan may be rounded up to the next.
    return may * np.ceil(np.round(np.maximum(standard * members - income * members, 0), 2))


def medical_burden(household: Population, month: str, parameters: Law) -> np.ndarray:
    line = parameters(month).medical.burden_alert_yuan_year[household("tier_code", month)]
    return (household("member_cnt", month) > 0) * (household("burden_12m_yuan", month) > line)


def major_illness(person: Population, month: str, parameters: Law) -> np.ndarray:
    days = person("illness_registered_days", month)
    is_new = (days >= 0) * (days <= parameters(month).medical.illness_days)
    return person("is_alive", month) * person("has_major_illness", month) * is_new


def new_severe_disability(person: Population, month: str, parameters: Law) -> np.ndarray:
    days = person("card_issued_days", month)
    is_new = (days >= 0) * (days <= parameters(month).alerts.new_disability_days)
    return person("is_alive", month) * person("is_severe_disabled", month) * is_new


def elder_alone(person: Population, month: str, parameters: Law) -> np.ndarray:
    is_old = person("age_years", month) >= parameters(month).elder.care_age
    needs_care = _is(person, "care_ability_code", month, "partial", "disabled")
    is_cared_for = _is(person, "benefit_category_code", month, "tekun")
    return person("is_alive", month) * is_old * person("is_living_alone", month) * needs_care * ~is_cared_for


def last_worker(household: Population, month: str) -> np.ndarray:
    has, had = household("worker_cnt", month), household("worker_previous_cnt", month)
    somebody = (household("member_cnt", month) > 0) * (household("adult_cnt", month) > 0)
    return somebody * (had > 0) * (has == 0)


def bills_above_living(household: Population, month: str, parameters: Law) -> np.ndarray:
    standard = parameters(month).dibao.standard_yuan_month[household("place_tier_code", month)]
    members, multiple = household("member_cnt", month), parameters(month).medical.living_multiple
    return (members > 0) * (household("burden_12m_yuan", month) > standard * members * 12 * multiple)


def _has_card(person: Population, month: str) -> np.ndarray:
    return person("is_disabled", month) * (person("card_days_left", month) >= 0)


def _is(who: Population, fact: str, month: str, *codes: str) -> np.ndarray:
    """Whether a text fact is one of the codes; a code nobody has is no member of the Enum."""
    values = who(fact, month)
    known, found = values.possible_values.__members__, np.zeros(len(values), dtype=bool)
    for code in codes:
        if code in known:
            found |= values == known[code]
    return found


FORMULAS = {
    "elder_allowance": elder_allowance,
    "living_subsidy_disabled": living_subsidy_disabled,
    "nursing_subsidy_disabled": nursing_subsidy_disabled,
    "dibao": dibao,
    "I01": medical_burden,
    "I03": major_illness,
    "I04": new_severe_disability,
    "I12": elder_alone,
    "I19": last_worker,
    "I22": bills_above_living,
}


@dataclass(frozen=True)
class Input:
    """A fact as OpenFisca takes it: values without nulls; of a text the places among its codes."""

    fact: Fact
    values: np.ndarray
    codes: Enum | None = None


def ten_rules(cat: Catalogue) -> Catalogue:
    """The catalogue with the ten rules of this file alone."""
    return replace(
        cat,
        benefits=tuple(rule for rule in cat.benefits_at(AS_OF) if rule.id in FORMULAS),
        signals=tuple(rule for rule in cat.signals_at(AS_OF) if rule.id in FORMULAS),
    )


def rules_of(ten: Catalogue) -> tuple[Benefit | Signal, ...]:
    """Benefits and signals together."""
    return (*ten.benefits, *ten.signals)


def inputs(ten: Catalogue, frames: dict[str, pl.DataFrame]) -> list[Input]:
    """The facts that the rules read about their own entity; `frames`: entity -> facts."""
    names = {f"{rule.entity}.{name}" for rule in rules_of(ten) for name in rule_facts(ten, rule, AS_OF)}
    facts = [ten.facts[name] for name in sorted(names & set(ten.facts))]
    # what no department tells yet is no column, and no formula of theirs reads it
    facts = [fact for fact in facts if not fact.is_awaited]
    return [_input(fact, frames[fact.entity][fact.name]) for fact in facts]


def _input(fact: Fact, values: pl.Series) -> Input:
    if fact.type != "text":
        return Input(fact, values.cast(TYPES[fact.type][1]).fill_null(0).to_numpy())
    codes = values.drop_nulls().value_counts(sort=True)[fact.name].to_list()
    places = values.fill_null(codes[0]).cast(pl.Enum(codes)).to_physical()
    return Input(fact, places.to_numpy(), Enum(fact.name, codes))


def simulation(ten: Catalogue, facts: list[Input], lives: np.ndarray) -> Simulation:
    """The ten rules, a population and its facts of a month; `lives`: the place of each person's household."""
    builder = SimulationBuilder()
    builder.create_entities(system := _system(ten, facts))
    builder.declare_person_entity("person", range(len(lives)))
    homes = builder.declare_entity("household", range(lives.max() + 1))
    builder.join_with_persons(homes, lives, np.zeros(len(lives), dtype=int))
    built = builder.build(system)
    for given in facts:
        built.set_input(given.fact.name, MONTH, given.values)
    return built


def _system(ten: Catalogue, facts: list[Input]) -> TaxBenefitSystem:
    system = TaxBenefitSystem([PERSON, HOUSEHOLD])
    system.parameters = ParameterNode("", data=_parameters(ten))
    for given in facts:
        kind: dict[str, Any] = {"value_type": TYPES.get(given.fact.type, (Enum,))[0]}
        if given.codes:
            kind |= {"possible_values": given.codes, "default_value": next(iter(given.codes))}
        system.add_variable(_variable(given.fact.name, given.fact.entity, kind))
    for rule in rules_of(ten):
        kind = {"value_type": float if isinstance(rule, Benefit) else bool, "formula": FORMULAS[rule.id]}
        system.add_variable(_variable(rule.id, rule.entity, kind))
    return system


def _variable(name: str, entity: str, kind: dict[str, Any]) -> type[Variable]:
    of = PERSON if entity == "person" else HOUSEHOLD
    return type(name, (Variable,), {"entity": of, "definition_period": DateUnit.MONTH, "label": name} | kind)


def _parameters(ten: Catalogue) -> dict[str, dict[str, Any]]:
    """The ten rules' parameters on the day, as OpenFisca's tree."""
    tree: dict[str, dict[str, Any]] = {}
    texts = [text for rule in rules_of(ten) for _, text, _ in rule_texts(rule)]
    for name in sorted({name for text in texts for name in parsed(text).parameters}):
        group, short = name.split(".")
        value = ten.parameter(name).at(AS_OF)
        assert value, f"${name} has no value on {AS_OF}"
        table = value.places or (value.cases and value.cases.of)
        node = {key: _dated(amount) for key, amount in table.items()} if table else _dated(value.value)
        tree.setdefault(group, {})[short] = node
    return tree


def _dated(amount: Any) -> dict[str, Any]:
    return {"values": {"2000-01-01": {"value": float(amount)}}}
