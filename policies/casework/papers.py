"""Which papers an application asks for, and which of them a department's file holds already (papers.yaml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from zhaoren.yaml_lines import load_yaml


@dataclass(frozen=True)
class Paper:
    """One paper. `held_when`: facts that are known where the state holds it; none: the family brings it.

    `bring_zh`: what the family brings instead; empty where nothing has to be brought.
    """

    code: str
    zh: str
    held_when: tuple[str, ...]
    bring_zh: str


@dataclass(frozen=True)
class Papers:
    """All papers, and the codes of those that each benefit asks for, everyone's first."""

    papers: tuple[Paper, ...]
    of_benefit: dict[str, tuple[str, ...]]

    @property
    def facts(self) -> frozenset[str]:
        """Every fact by which a paper is known to be held."""
        return frozenset(fact for paper in self.papers for fact in paper.held_when)


@cache
def papers() -> Papers:
    """papers.yaml, read once."""
    data = load_yaml(Path(__file__).with_name("papers.yaml")).data
    read = tuple(
        Paper(
            entry["code"],
            entry["zh"],
            tuple(entry.get("held_when", ())),
            "" if entry.get("only_held") else entry.get("else_zh", entry["zh"]),
        )
        for entry in data["papers"]
    )
    everyone = tuple(data["everyone"])
    return Papers(read, {benefit: (*everyone, *own) for benefit, own in data["benefits"].items()})
