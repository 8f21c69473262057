"""The law of tests/data/small_law, for tests that spoil it, change it or ask it."""

from __future__ import annotations

import shutil
from pathlib import Path

from policies.catalogue.model import Catalogue
from policies.loading import read_catalogue

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


def with_own(folder: Path, kind: str, *texts: str) -> tuple[Catalogue | None, list[str]]:
    """The law with files of an installation's own over it, of one kind; what the lint says of them."""
    own = folder / "own" / kind
    own.mkdir(parents=True)
    for i, text in enumerate(texts):
        (own / f"own_{i}.yaml").write_text(text, encoding="utf-8")
    cat, problems = read_catalogue(LAW, folder / "own", ())
    return cat, [str(problem) for problem in problems]
