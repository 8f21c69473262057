"""Whom to believe about a person on the run's date, read from the parameter group `identity`.

    SurvivorshipRules.from_mapping(values: Mapping[str, int | Decimal | str]) -> SurvivorshipRules

`values` are those in force on the date, by parameter name; lists are comma text. A report of a death or of a
life after it is written `extract.column=code@date_column`, or `extract@date_column` where every row counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from transforms.golden_record.survivorship import SurvivorshipRule
from zhaoren.errors import ZhaorenError

ATTRIBUTES = ("sex_code", "birth_date", "village_code", "name")
_REPORT = re.compile(r"(?P<extract>\w+)(?:\.(?P<column>\w+)=(?P<code>\w+))?@(?P<day>\w+)")


@dataclass(frozen=True)
class ReportRule:
    """Rows of `extract` with `code` in `column` (no column: all of them) report something dated `day`."""

    extract: str
    column: str | None
    code: str | None
    day: str


@dataclass(frozen=True)
class DeathRules:
    """What reports a death, what confirms it, and what contradicts it.

    reports: highest first for the date. alive_events count from alive_event_days after the death, alive_rolls
    from alive_roll_days after it. followers repeat what other registers say and are no second source;
    registers rest a person's own need alerts by themselves; confirming sources need no second one.
    """

    reports: tuple[ReportRule, ...]
    followers: tuple[str, ...]
    registers: tuple[str, ...]
    confirming: tuple[str, ...]
    confirming_cnt: int
    result_codes: tuple[str, ...]
    date_tolerance_days: int
    alive_events: tuple[ReportRule, ...]
    alive_event_days: int
    alive_rolls: tuple[ReportRule, ...]
    alive_roll_days: int

    @property
    def register_reports(self) -> tuple[ReportRule, ...]:
        """The reports of the registers of deaths alone.

        The linkage goes by these: a payment stopped on death and a visit may be dated long after the death.
        """
        return tuple(report for report in self.reports if report.extract in self.registers)


@dataclass(frozen=True)
class SurvivorshipRules:
    """One rule per attribute, the sources never consulted, and the rules for deaths."""

    attributes: Mapping[str, SurvivorshipRule]
    ignored: tuple[str, ...]
    deaths: DeathRules

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> SurvivorshipRules:
        """Read the parameter values.

        Raises ZhaorenError naming what is missing, unknown or cannot be read.
        """
        wrong = sorted(set(_names()).symmetric_difference(values))
        if wrong:
            raise _unfit(", ".join(wrong), "each must be given there exactly once")
        attributes = {name: _attribute(name, values) for name in ATTRIBUTES}
        return cls(attributes, _parts(values["ignored_sources"]), _deaths(values))


def _attribute(name: str, values: Mapping[str, Any]) -> SurvivorshipRule:
    share = Decimal(str(values["agreeing_share"]))
    return SurvivorshipRule(_parts(values[f"{name}_sources"]), int(values[f"{name}_agreeing_cnt"]), share)


def _names() -> list[str]:
    own = ["agreeing_share", "ignored_sources", *_DEATH_LISTS, *_DEATH_NUMBERS, *_DEATH_REPORTS]
    return own + [f"{name}_{what}" for name in ATTRIBUTES for what in ("sources", "agreeing_cnt")]


# Parameter -> field of DeathRules.
_DEATH_REPORTS = {
    "death_reports": "reports",
    "alive_event_reports": "alive_events",
    "alive_roll_reports": "alive_rolls",
}
_DEATH_LISTS = {
    "death_follower_sources": "followers",
    "death_register_sources": "registers",
    "death_confirming_sources": "confirming",
    "death_result_codes": "result_codes",
}
_DEATH_NUMBERS = {
    "death_confirming_source_cnt": "confirming_cnt",
    "death_date_tolerance_days": "date_tolerance_days",
    "alive_event_days": "alive_event_days",
    "alive_roll_days": "alive_roll_days",
}


def _deaths(values: Mapping[str, Any]) -> DeathRules:
    lists = {field: _parts(values[name]) for name, field in _DEATH_LISTS.items()}
    numbers = {field: int(values[name]) for name, field in _DEATH_NUMBERS.items()}
    reports = {
        field: tuple(_report(name, text) for text in _parts(values[name]))
        for name, field in _DEATH_REPORTS.items()
    }
    return DeathRules(**lists, **numbers, **reports)  # type: ignore[arg-type]


def _report(name: str, text: str) -> ReportRule:
    found = _REPORT.fullmatch(text)
    if found is None:
        raise _unfit(f"{name}: {text}", "a report is written extract.column=code@date_column")
    return ReportRule(**found.groupdict())


def _parts(listed: Any) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(listed).split(",") if part.strip())


def _unfit(what: str, why: str) -> ZhaorenError:
    return ZhaorenError(
        f"the rules of identity do not fit: {what}",
        where="policies/parameters/identity.yaml",
        why=why,
        todo="correct the parameter; each is explained at the top of the file",
    )
