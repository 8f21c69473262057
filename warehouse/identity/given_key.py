"""The vault's key that was given to the command, kept in this process' memory alone.

The command line takes it out of the environment when it starts (flows/process). Where the product is used as
a library nobody does, and the environment is asked.
"""

from __future__ import annotations

import os

NAME = "ZHAOREN_VAULT_KEY"
NEW_NAME = "ZHAOREN_NEW_VAULT_KEY"  # what a change of the key is to give the home
_handed_in: dict[str, str] = {}


def hand_in(key: str, name: str = NAME) -> None:
    """Keep the key for this process."""
    _handed_in[name] = key


def given_key(name: str = NAME) -> str | None:
    """The key that was given, None where there is none. An environment that has one now goes first."""
    return os.environ.get(name) or _handed_in.get(name)
