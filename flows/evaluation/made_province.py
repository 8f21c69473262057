"""Making a province: into a home for the demo, or into any folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from flows.context.home import Home
from flows.context.progress import Progress
from province.living import LivingProvince
from province.make import make_province
from zhaoren.errors import ZhaorenError


def demo_province(
    home: Home, *, persons: int, months: int, seed: int, dirt: float, progress: Progress
) -> LivingProvince:
    """The province under `<home>/province`, begun, or begun anew as it was; its months are yet to be written.

    Raises ZhaorenError where the home holds a demo of other settings.
    """
    folder = home.root / "province"
    label = f"persons={persons} months={months} seed={seed} dirt={dirt}\n"
    made = folder / "made.txt"
    is_same = made.exists() and made.read_text() == label
    if folder.exists() and not is_same and home.warehouse.exists():
        raise ZhaorenError(
            "This home already holds another demo.",
            str(home.root),
            "Its province was made with other settings.",
            "Name another --home, or remove this one.",
        )
    if not is_same:
        shutil.rmtree(folder, ignore_errors=True)
    from data_contracts.delivery_checks.gx import warm_up  # heavy, and the province alone does without it

    checks = warm_up()
    province = LivingProvince(persons, months, seed, folder, dirt, progress=progress)
    checks.join()  # before Prefect is imported, which needs many of the same libraries
    made.write_text(label)
    return province


def write_province(
    folder: Path, *, persons: int, months: int, seed: int, dirt: float, progress: Progress
) -> None:
    """Make a province into a folder: inbox/ as departments would fill it, and truth/ behind it."""
    make_province(persons, months, seed, folder, dirt, progress=progress)
