"""The vault's key that was given to the command, kept in this process' memory alone.

The command line takes it out of the environment when it starts (flows/process). Where the product is used as
a library nobody does, and the environment is asked.
"""

from __future__ import annotations

import os

NAME = "ZHAOREN_VAULT_KEY"
_handed_in: list[str] = []


def hand_in(key: str) -> None:
    """Keep the key for this process."""
    _handed_in[:] = [key]


def given_key() -> str | None:
    """The key that was given, None where there is none. An environment that has one now goes first."""
    return os.environ.get(NAME) or (_handed_in[0] if _handed_in else None)
