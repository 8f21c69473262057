"""The bench's figures as they are kept in docs/bench.json, and what of them the goals are about.

    sizes.<persons>    version, measured, run, floor, changed, twin
    months.<persons>   version, measured, runs: one per measured month, each with its number
    means.<persons> …  version, measured, run: the job under a budget of memory or with another runner
A run of the bench replaces the sizes that it measured and leaves the others, each with its day and version.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.bench.job.date_run import DateRun
from tests.bench.job.floor import Floor

ROOT = Path(__file__).parents[3]
Figures = dict[str, Any]
KINDS = ("sizes", "months", "means")


def run_figures(run: DateRun) -> Figures:
    """One date's run, with its sums."""
    stages = [_rounded(asdict(stage)) for stage in run.stages]
    sums = {"cpu_seconds": run.cpu_seconds, "wall_seconds": run.wall_seconds, "peak_bytes": run.peak_bytes}
    counts: Figures = {"as_of": str(run.as_of), "rows": run.rows, "persons": run.persons}
    counts |= {"refused": list(run.refused)}
    return {**counts, **_rounded(sums), "stages": stages}


def floor_figures(floor: Floor) -> Figures:
    """The floor, with its sum."""
    return _rounded({**asdict(floor), "cpu_seconds": floor.cpu_seconds})


def _rounded(values: Mapping[str, Any]) -> Figures:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in values.items()}


def stamped(figures: Mapping[str, Any]) -> Figures:
    """The figures with the day, the version and how busy the machine was."""
    busy = round(os.getloadavg()[0], 1)
    return {"measured": str(datetime.now(UTC).date()), "version": version(), "load": busy, **figures}


def version() -> str:
    """The package's version, and the commit where it runs from a clone."""
    number = metadata.version("zhaoren")
    commit = _git("rev-parse", "--short", "HEAD")
    if commit.returncode:
        return number
    # The pages that the bench itself writes do not make it another version.
    own = (f":(exclude)docs/bench.{kind}" for kind in ("md", "json"))
    changed = _git("diff", "--quiet", "HEAD", "--", ".", *own).returncode
    return f"{number} ({commit.stdout.strip()}{' and changes' if changed else ''})"


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)


def machine() -> Figures:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "processor": _processor(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def read(path: Path) -> Figures:
    """The figures kept so far."""
    if not path.exists():
        return {kind: {} for kind in KINDS}
    found: Figures = json.loads(path.read_text(encoding="utf-8"))
    return {kind: {} for kind in KINDS} | found


def write(path: Path, figures: Figures) -> None:
    """Keep the figures, sizes in order."""
    ordered = {
        "machine": machine(),
        **{kind: dict(sorted(figures[kind].items(), key=_size)) for kind in KINDS},
    }
    path.write_text(json.dumps(ordered, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _size(item: tuple[str, Any]) -> int:
    return int(item[0].split()[0])
