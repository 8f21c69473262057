"""A contract cut to the columns that a hand-written delivery of a test has, with their rules."""

from __future__ import annotations

from dataclasses import replace

from data_contracts.contract.model import Contract

LATER = ("dwelling_village_code", "dwelling_address")  # of the register, and optional


def without(contract: Contract, names: tuple[str, ...] = LATER) -> Contract:
    """The contract as it would be without these columns; what it promises of the others stays."""
    return replace(
        contract,
        columns=tuple(c for c in contract.columns if c.name not in names),
        rules=tuple(r for r in contract.rules if r.column not in names),
    )
