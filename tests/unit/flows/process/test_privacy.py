"""A command's process: what its children, /proc and a memory image would tell of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.helpers.homes import KEY, clean_env
from zhaoren.rooms import room

# Says what a child of the process inherits and what the system shows of the process itself.
LOOKED_AT = """
import ctypes, os, resource, subprocess
from flows.process.privacy import keep_private
from pathlib import Path
keep_private()
from warehouse.identity.given_key import given_key
child = subprocess.run(["cat", "/proc/self/environ"], capture_output=True).stdout
print(given_key())
print(os.environ.get("ZHAOREN_VAULT_KEY"))
print(b"the key" in child, b"the key" in Path("/proc/self/environ").read_bytes())
print(resource.getrlimit(resource.RLIMIT_CORE), oct(os.umask(0)))
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))  # PR_GET_DUMPABLE
"""


def test_the_key_is_taken_out_of_the_environment_and_kept_in_memory(tmp_path: Path) -> None:
    env = clean_env({"ZHAOREN_VAULT_KEY": KEY, "PYTHONPATH": str(room("flows").parent)})
    done = subprocess.run([sys.executable, "-c", LOOKED_AT], env=env, capture_output=True, text=True)
    assert done.stdout.splitlines() == [KEY, "None", "False False", "(0, 0) 0o77", "0"], done.stderr
