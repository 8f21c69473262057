"""How much memory a run may take, and what follows from it for its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass

import psutil

from zhaoren.errors import ZhaorenError

GIB = 1 << 30
# Python, polars, DuckDB, Great Expectations and Prefect before a single row is read; measured.
BASE = int(0.7 * GIB)
LEAST = 2 * GIB
# A province's job needs no more; what a machine has beyond it is left to others.
MOST_BY_ITSELF = 7 * GIB
# What the work on one household of a shard takes at its peak, all its members' facts included; measured.
BYTES_PER_HOUSEHOLD = 16_000
_UNITS = {"": GIB, "G": GIB, "M": 1 << 20}


@dataclass(frozen=True)
class Memory:
    """The bytes that a run may take in all, and how many households a shard is to hold if that is settled."""

    total: int
    shard: int | None = None

    @classmethod
    def of_machine(cls) -> Memory:
        """What a run takes where nobody says: most of the machine, but never more than it can use."""
        return cls(max(LEAST, min(MOST_BY_ITSELF, int(psutil.virtual_memory().total * 0.6))))

    @classmethod
    def parse(cls, text: str) -> Memory:
        """From 4GB, 4G or 512MB; ZhaorenError for what is no size, or too little to run at all."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([GM]?)(?:i?B)?", text.strip(), re.IGNORECASE)
        if not found:
            raise _wrong(text, "It is no size.", "Write it like 4GB.")
        total = int(float(found[1]) * _UNITS[found[2].upper()])
        if total < LEAST:
            raise _wrong(text, "It is too little: a run takes 2 GB at least.", "Give it 2GB or more.")
        if total > (here := psutil.virtual_memory().total):
            why = f"This machine has {here / GIB:.1f} GB in all."
            raise _wrong(text, why, "Give it less; 60 per cent of the machine is a good measure.")
        return cls(total)

    @property
    def warehouse(self) -> int:
        """For the warehouse's engine: while it works hardest, little else is in memory."""
        return (self.total - BASE) * 5 // 10

    @property
    def vault(self) -> int:
        """For the vault's, which is open beside it."""
        return (self.total - BASE) * 3 // 10

    @property
    def shard_households(self) -> int:
        """How many households a shard may hold."""
        return self.shard or max(1_000, (self.total - BASE) // 2 // BYTES_PER_HOUSEHOLD)


def _wrong(text: str, why: str, todo: str) -> ZhaorenError:
    return ZhaorenError(f"“{text}” cannot be the memory of a run.", "--memory", why, todo, code="memory_size")
