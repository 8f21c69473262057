"""A command's process lets nobody look in: private files, no key in its environment, no memory on disk."""

from __future__ import annotations

import ctypes
import os
import resource
import sys

from warehouse.identity.given_key import NAME, NEW_NAME, hand_in

PRIVATE_UMASK = 0o077  # no account but our own may read a file that is made here, whatever library makes it
_PR_SET_DUMPABLE = 4  # linux/prctl.h


def keep_private() -> None:
    """What every command does first. Children inherit the first two; none of them ever sees the key."""
    os.umask(PRIVATE_UMASK)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    take_key()
    _forbid_dumps()


def take_key() -> None:
    """Take the vault's key out of the environment, which children inherit and /proc shows, into memory."""
    for name in (NAME, NEW_NAME):
        key = os.environ.get(name)
        if key is not None:
            _blank(name)
            del os.environ[name]
            hand_in(key, name)


def _blank(name: str) -> None:
    """Overwrite a variable where the system keeps it: removing it leaves it readable in /proc/PID/environ."""
    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_void_p
    if address := libc.getenv(name.encode()):
        ctypes.memset(address, 0, len(os.environb[name.encode()]))


def _forbid_dumps() -> None:
    """No memory image, whoever collects it: a collector that the system feeds by a pipe asks for no limit.

    Elsewhere than on Linux there is no such switch, and the limit on core files has to do.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
