"""Our rooms are top-level packages: no library that is installed beside them may bring the same name."""

from __future__ import annotations

from importlib import metadata

from zhaoren.rooms import ROOMS

OURS = {"zhaoren", *ROOMS}


def test_no_other_distribution_brings_a_package_of_our_name() -> None:
    brought = {dist.name: _top_level(dist) for dist in metadata.distributions() if dist.name != "zhaoren"}
    assert {"polars", "duckdb"} <= set.union(*brought.values())  # the search finds what is there
    assert {name: names & OURS for name, names in brought.items() if names & OURS} == {}


def _top_level(dist: metadata.Distribution) -> set[str]:
    """Names that can be imported because of a distribution: first parts of its files."""
    files = (line.split(",")[0] for line in (dist.read_text("RECORD") or "").splitlines())
    stated = (dist.read_text("top_level.txt") or "").split()
    return {name.split("/")[0].removesuffix(".py") for name in files if name.endswith(".py")} | set(stated)
