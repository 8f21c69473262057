"""A process that is of no use without its parent ends with it, also where the parent is killed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent() -> None:
    """From now on the system kills this process when the one that started it is gone.

    A kill does no harm: whatever a step began is undone or done again. Elsewhere than on Linux the process
    goes on to its own end.
    """
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it was gone before the system heard of the wish
        os._exit(1)
