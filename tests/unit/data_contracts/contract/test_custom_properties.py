"""The custom properties of an entry, by name."""

from __future__ import annotations

from data_contracts.contract.custom_properties import custom_of


def test_custom_properties_by_name() -> None:
    listed = [
        {"property": "loads", "value": "roll"},
        {"property": "parts", "value": [1]},
        {"property": "odd"},
    ]
    assert custom_of({"customProperties": listed}) == {"loads": "roll", "parts": [1]}
    assert custom_of({}) == custom_of({"customProperties": None}) == {}
