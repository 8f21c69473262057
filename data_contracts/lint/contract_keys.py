"""The top level of a contract of ours: its id, its own properties, and the service it promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data_contracts.contract.custom_properties import custom_of
from data_contracts.contract.period import CADENCES, nearest_cadence, parse_period
from data_contracts.loading.declared_facts import PROPERTY
from data_contracts.rules.service_levels import FREQUENCY, LATENCY, latency_of
from zhaoren.yaml_lines import Fault, Place

TOP_KEYS = {
    *("department", "departmentZh", "loads", "cadence", "eventDate", "access", "parts", "mendWithinDays"),
    *("localPersonNo", "householdNo", "householdNoScope", "identifies", PROPERTY),
}
SCOPES = ("whole", "part", "place")  # within what a household number means one household
REQUIRED_KEYS = {"department", "departmentZh", "loads", "cadence"}
TABLE_KEYS = {"fixedWidth"}


def shape_faults(path: Path, document: Any) -> Iterator[Fault]:
    """What the reader needs to be there at all."""
    if not isinstance(document, dict):
        return  # said already, by the check against the standard
    if not isinstance(document.get("schema"), list) or len(document["schema"]) != 1:
        yield ("schema",), "a contract describes exactly one table"
        return
    named = f"{path.parent.name}.{path.stem}"
    if document.get("id") != named:
        yield ("id",), f"the id must be {named}, as the file lies in {path.parent.name}/"
    for key in sorted(REQUIRED_KEYS - set(custom_of(document))):
        yield ("customProperties",), f"customProperties lacks {key}"
    for position, entry in enumerate(document["schema"][0].get("properties") or ()):
        for key in ("name", "physicalName", "businessName", "logicalType"):
            if not entry.get(key):
                yield ("schema", 0, "properties", position), f"the column has no {key}"
        if "readsAs" not in custom_of(entry):
            yield ("schema", 0, "properties", position), "the column's customProperties lack readsAs"


def property_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """The contract's own properties: known, with a value that something acts on, naming columns there are."""
    custom, names = custom_of(document), {c["name"] for c in document["schema"][0]["properties"]}
    here: Place = ("customProperties",)
    yield from ((here, f"unknown property {key}") for key in sorted(set(custom) - TOP_KEYS))
    table = document["schema"][0]
    for key in sorted(set(custom_of(table)) - TABLE_KEYS):
        yield ("schema", 0, "customProperties"), f"unknown property {key}"
    if custom["loads"] not in ("roll", "events"):
        yield here, f"loads is {custom['loads']}, not roll or events"
    if custom["cadence"] not in CADENCES:
        yield here, f"cadence {custom['cadence']} is none of {', '.join(CADENCES)}"
    if custom["loads"] == "events" and "eventDate" not in custom:
        yield here, "an extract of events must name its eventDate column"
    if custom.get("eventDate") and custom["eventDate"] not in names:
        yield here, f"eventDate {custom['eventDate']} is no column"
    for role in ("localPersonNo", "householdNo"):
        if custom.get(role) and custom[role] not in names:
            yield here, f"{role} {custom[role]} is no column"
    if custom.get("householdNoScope", "whole") not in SCOPES:
        yield here, f"householdNoScope is {custom['householdNoScope']}, none of {', '.join(SCOPES)}"
    if custom.get("identifies", "everybody") != "everybody":
        yield here, f"identifies is {custom['identifies']}, not everybody"
    if not any(entry.get("primaryKey") for entry in document["schema"][0]["properties"]):
        yield ("schema", 0, "properties"), "no column is part of the primary key"


def service_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Promises of time that nothing would measure: unreadable, or not the cadence."""
    cadence = str(custom_of(document).get("cadence"))
    for position, entry in enumerate(document.get("slaProperties") or ()):
        kind, why = str(entry.get("property", "")).lower(), ""
        if kind in LATENCY:
            why = latency_of(entry)[1]
        elif kind in FREQUENCY:
            why = _why_no_frequency(entry, cadence)
        if why:
            yield ("slaProperties", position), f"{entry['property']}: {why}"


def _why_no_frequency(entry: Mapping[str, Any], cadence: str) -> str:
    """Why a frequency is not kept, else ''.

    The cadence alone decides when a source is missed, so another frequency would promise what nobody watches.
    What comes as things happen (`event`) promises no day: its frequency says how often files are usual.
    """
    period, kept = parse_period(entry.get("value"), entry.get("unit")), CADENCES.get(cadence)
    if period is None:
        return "its value and unit are no length of time that is known here"
    # A calendar period is compared to the month; of days and weeks (52 weeks) the nearest cadence is meant.
    agrees = kept is None or (period == kept if period.months else nearest_cadence(period) == cadence)
    said = f"{entry.get('value')} {entry.get('unit')}"
    return "" if agrees else f"it promises a file every {said}, and the cadence is {cadence}: make them agree"
