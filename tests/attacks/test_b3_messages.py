"""tried §8 B3: messages of defects and of libraries reached stderr and prefect.db with cell values in them,
and the defect file lay in the working folder. On b97b271 native code printed what it liked."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.attacks import OTHER_VERSION, environment
from tests.helpers.homes import KEY, Made

MARK = "110101199003070011 张三丰"
# A real command, a step of which meets a defect whose message, and whose native code, quote a cell.
POISONED = """
import os, sys, warnings
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
within = "zhaoren." if find_spec("zhaoren.flows") else ""  # of an early version
job = import_module(within + "flows.main_job")
mark, kind, *args = sys.argv[1:]
def fails(*_, **__):
    os.write(2, f"thread panicked: {mark}".encode())
    warnings.warn(mark)
    try:
        {}[mark]
    except KeyError:
        raise {"defect": ValueError, "library": OSError, "panic": BaseException}[kind](mark)
job.INGEST = replace(job.INGEST, work=fails, retries=0)
sys.argv = ["zhaoren", *args]
import_module(within + "flows.cli.app").main()
"""


def poisoned(kind: str, cwd: Path, *args: object) -> subprocess.CompletedProcess[bytes]:
    python = Path(OTHER_VERSION).with_name("python") if OTHER_VERSION else Path(sys.executable)
    command = [str(python), "-c", POISONED, MARK, kind, *map(str, args)]
    return subprocess.run(command, env=environment(), cwd=cwd, capture_output=True, timeout=300)


def holders(folder: Path) -> list[Path]:
    """Files in which half of the mark stands."""
    halves = [half.encode() for half in MARK.split()]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if any(half in path.read_bytes() for half in halves)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["defect", *(pytest.param(kind, marks=pytest.mark.long) for kind in ("library", "panic"))]
)
def test_a_defect_tells_where_and_never_what(small_home: Made, tmp_path: Path, kind: str) -> None:
    """Plainly, in a folder that others may read: no word of the cell on the screen or in any file."""
    (folder := tmp_path / "working").mkdir()
    home = small_home.home.root
    before = set(holders(home))
    done = poisoned(kind, folder, "run", "--plain", "--inbox", small_home.inbox, "--home", home)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 1 and "Something went wrong inside Zhaoren." in said
    assert not any(half in said for half in MARK.split()), said
    assert list(folder.iterdir()) == []
    assert set(holders(home)) == before
    assert [path.name for path in small_home.home.defects.iterdir()] == ["zhaoren-defect.txt"]


@pytest.mark.long
def test_prefect_keeps_no_word_of_it(small_home: Made, tmp_path: Path) -> None:
    """The run under Prefect: neither a cell nor the inbox's place is in its database, and it says as much."""
    (folder := tmp_path / "working").mkdir()
    home = small_home.home.root
    done = poisoned("defect", folder, "run", "--inbox", small_home.inbox, "--home", home)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 1 and said.count("Something went wrong inside Zhaoren.") == 1
    assert not any(half in said for half in MARK.split()), said
    files = [path for path in (home / "prefect").rglob("*") if path.is_file()]
    kept = [path.read_bytes() for path in files]
    # Prefect stores the exception that ended a task, as a pickle in base64.
    stored = [one for content in kept for one in re.findall(rb"[A-Za-z0-9+/\n]{60,}={0,2}", content)]
    pickled = [base64.b64decode(one) for one in stored]
    text = b"".join([*kept, *pickled]).replace(str(home).encode(), b"HOME")
    assert any(b"StepFailed" in one for one in pickled) and b"Something went wrong inside Zhaoren" in text
    for word in (*MARK.split(), str(small_home.inbox), str(tmp_path), KEY):
        assert word.encode() not in text
