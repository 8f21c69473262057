"""Against the Open Data Contract Standard: the JSON schema that open-data-contract-standard ships."""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
from collections.abc import Iterator
from typing import Any

from zhaoren.yaml_lines import Fault, Place


def schema_faults(document: Any) -> Iterator[Fault]:
    """Against the standard's JSON schema."""
    if not isinstance(document, dict):
        yield (), "a contract is a mapping of keys; this file holds something else"
        return
    for error in sorted(_validator().iter_errors(document), key=lambda error: list(map(str, error.path))):
        if error.validator_value == ["map"] and "logicalType" not in error.instance:
            continue  # the standard's schema takes a column without a type for one of every type
        what = f"not ODCS {document.get('apiVersion', '')}: {error.message[:200]}"
        yield from ((place, what) for place in _unknown_key_places(error) or [tuple(error.path)])


def _unknown_key_places(error: Any) -> list[Place]:
    """The places of the keys that a JSON schema error calls unknown; [] for other errors."""
    if error.validator not in ("additionalProperties", "unevaluatedProperties"):
        return []
    named = re.findall(r"'([^']+)'", error.message)
    return [(*error.path, key) for key in named if isinstance(error.instance, dict) and key in error.instance]


@functools.cache
def _validator() -> Any:
    import jsonschema

    text = importlib.resources.files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8")
    schema = json.loads(text)
    return jsonschema.validators.validator_for(schema)(schema)
