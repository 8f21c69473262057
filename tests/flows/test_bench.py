"""The bench itself: what it calls met or missed, what it changes in a month, whose memory it measures."""

from __future__ import annotations

import time
from datetime import date
from functools import partial
from hashlib import scrypt
from types import SimpleNamespace
from typing import Any

from tests.bench.alone import alone
from tests.bench.job.changed import changed, next_month
from tests.bench.job.page import page
from tests.bench.job.stages import Meter


def size(
    cpu: float, floor: float, persons: int, *, peak: float = 1.0, changed_cpu: float = 1.0
) -> dict[str, Any]:
    """The figures of one size, of a run with one step."""
    stage = {"name": "score", "cpu_seconds": cpu, "wall_seconds": cpu, "peak_bytes": peak * 2**30}
    run = {"rows": 5 * persons, "persons": persons, "stages": [stage], **stage}
    halves = {"decode_seconds": floor / 2, "load_seconds": floor / 2, "cpu_seconds": floor}
    changed_run = {**run, "cpu_seconds": changed_cpu}
    return {"run": run, "floor": halves, "changed": changed_run, "measured": "d", "version": "v", "load": 0}


def test_each_figure_stands_beside_its_goal() -> None:
    sizes = {
        "400000": size(300, 100, 400_000, peak=8.0, changed_cpu=30),
        "4000000": size(3_751, 1_250, 4_000_000, peak=8.1, changed_cpu=376),
    }
    runs = [
        {**sizes["400000"]["run"], "number": n, "as_of": "d", "cpu_seconds": s}
        for n, s in ((1, 100), (12, 126))
    ]
    months = {"50000": {"runs": runs, "measured": "d", "version": "v", "load": 0}}
    machine = {"cores": 2, "processor": "p", "memory_gib": 24, "system": "s", "python": "3"}
    text = page({"machine": machine, "sizes": sizes, "months": months, "means": {}})
    for verdict in (
        "3.0: met",
        "3.0: **missed**",
        "8.0: met",
        "8.1: **missed**",
        "10%: met",
        "10%: **missed**",
    ):
        assert verdict in text
    assert "1.25 | within 25%: **missed**" in text and "1.26 (goal 1.25): **missed**" in text


def test_one_row_in_a_hundred_changes() -> None:
    rows = [["title", ""], ["id", "pay"], *([str(n), str(n % 7)] for n in range(1000))]
    other = list(changed(rows, "pay"))
    different = [n for n, (one, two) in enumerate(zip(rows, other, strict=True)) if one != two]
    assert different == [2 + n for n in range(1, 1000, 100)]
    assert [row[0] for row in other] == [row[0] for row in rows]
    assert next_month(date(2025, 12, 5)) == date(2026, 1, 5)


def test_work_alone_has_a_peak_of_its_own() -> None:
    """scrypt takes 128 bytes times n and r; this process, which has far more, is not counted."""
    ran = alone(partial(scrypt, b"", salt=b"", n=2**17, r=8, p=1, maxmem=2**28))
    assert len(ran.answer) == 64
    assert 128 * 2**20 < ran.peak_bytes < 200 * 2**20


def test_the_stages_of_a_run_add_up() -> None:
    meter = Meter(time.time() - 1)
    step = SimpleNamespace(name="a step", work=lambda: sum(range(2_000_000)))
    assert meter.runner(step) == sum(range(2_000_000))
    stages = meter.end()
    assert [stage.name for stage in stages] == ["start-up", "a step", "between and closing"]
    assert stages[0].wall_seconds >= 1 and stages[1].cpu_seconds > 0
