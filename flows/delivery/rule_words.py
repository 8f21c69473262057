"""Words for the keys and units of the rule files, for pages, lists and reports alike."""

from __future__ import annotations

from functools import cache

from zhaoren.rooms import room
from zhaoren.yaml_lines import load_yaml


@cache
def word_lists() -> dict[str, dict[str, dict]]:
    """`handbook/templates/policy_words.yaml`: language, kind, key to word."""
    return load_yaml(room("flows") / "handbook" / "templates" / "policy_words.yaml").data
