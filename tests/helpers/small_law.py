"""The law of tests/data/small_law, for tests that spoil it, change it or ask it."""

from __future__ import annotations

import shutil
from pathlib import Path

LAW = Path(__file__).parents[1] / "data" / "small_law"


def small_law(folder: Path, **changed: tuple[str, str]) -> Path:
    """A copy of the law; `changed` replaces the first text by the second in the file of that name."""
    shutil.copytree(LAW, folder, dirs_exist_ok=True)
    for name, (old, new) in changed.items():
        path = next(folder.rglob(f"{name}.yaml"))
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} no longer holds {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")
    return folder
