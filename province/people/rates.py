"""The province's dials, read from rates.yaml: one frozen value, unknown or missing keys refused."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache

from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room
from zhaoren.yaml_lines import load_yaml


@dataclass(frozen=True)
class Rates:
    """Every key of rates.yaml, explained there."""

    standard_yuan: dict[int, dict[str, int]]
    city_standard_yuan: dict[str, dict[int, int]]
    tier_of_city: dict[str, str]
    tier_share: dict[str, float]
    urban_share: dict[str, float]
    marginal_multiple: float
    tekun_multiple: float
    living_subsidy_yuan: dict[int, int]
    nursing_subsidy_yuan: dict[int, int]
    orphan_yuan: dict[str, int]
    elder_allowance_yuan: dict[int, int]
    persons_per_station: int
    mixed_name_share: float
    rare_character_share: float
    outside_province_share: float
    card_share: dict[str, float]
    disability_types: dict[str, float]
    disability_grades: dict[str, float]
    chronic_share: dict[str, float]
    income_level: float
    income_per_earner: float
    income_spread: float
    income_drift: float
    income_pull: float
    earner_weight: dict[str, float]
    formal_share: float
    employee_pension_share: float
    living_need: float
    commitments: float
    savings_months: float
    savings_spread: float
    saving_rate: float
    savings_cap_months: float
    kin_share: float
    kin_cover: float
    death_year: dict[str, float]
    illness_year: dict[str, float]
    illness_months: float
    job_loss: float
    job_found: float
    illness_stops_work: float
    custody_start: float
    custody_stock: float
    new_disability_year: dict[str, float]
    dropout: float
    care_lost: float
    care_restored: float
    care_at_once: list[float]
    care_found: float
    care_by_guardian: float
    frailty: float
    partly_fails: float
    funeral_yuan: float
    custody_yuan: float
    birth: float
    town_disaster: dict[str, list[float]]
    disaster_reach: float
    house_fire: float
    unaware_share: float
    dibao_takeup: float
    tekun_takeup: float
    marginal_takeup: float
    single_asks: float
    apply_dibao: float
    apply_marginal: float
    apply_unaware: float
    review_done: float
    wrong_stop: float
    relief_apply: float
    relief_approved: float
    subsidy_takeup: float
    subsidy_catch_up: float
    allowance_takeup: float
    child_takeup: float
    single_takeup: float
    watch_share: float
    relief_days: int
    relief_multiple: float
    burden_line_yuan: dict[str, int]
    stress_memory: float
    hardship_from: float
    hardship_until: float
    severity_two: float
    severity_three: float
    care_stress: float
    no_care_stress: float
    late_share: float
    unregistered_share: float
    elder_in_old_house: float
    couple_with_family: float
    grown_outside: float
    grown_in_town: float
    registers_apart: float
    wedding_grown: float
    dwelling_reported: float
    dwelling_stale: float
    dwelling_repeated: float
    identity_blank: dict[str, list[float]]
    guardian_blank: float
    identity_faults: dict[str, float]
    hard_share: float
    child_without_number: dict[str, float]
    number_borrowed: dict[str, float]


@cache
def load_rates() -> Rates:
    """Read rates.yaml beside this module; raises ZhaorenError for a key too many or too few."""
    path = room("province") / "people" / "rates.yaml"
    values = load_yaml(path).data
    odd = {f.name for f in fields(Rates)} ^ set(values)
    if odd:
        raise ZhaorenError(
            "the province's rates do not fit", str(path), f"keys: {sorted(odd)}", "add or remove"
        )
    return Rates(**values)
