"""Trained rankings on disk: models/<model_id>/ with model.json, features.json, metrics.json, card.md, and
model.skops where there are trees.

The id is the date the model was trained for and a hash of its files (a proxy means test's has `means`
between): the same data give the same id and the
same bytes, and a changed file is noticed on loading. Nothing is pickled; only listed types are ever loaded.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from models.features.feature_list import describe
from models.ranking.card import model_card
from models.ranking.fitting import Model
from models.ranking.means_card import means_card
from models.ranking.stored import plain, restored, trees_of
from zhaoren.errors import ZhaorenError

# What orders the need queue, and what asks for an income that nobody knows.
NEED, MEANS = "need", "means"
# The card is not hashed: its wording may be improved without making it another model.
_HASHED = ("model.json", "model.skops", "features.json", "metrics.json")


@dataclass(frozen=True)
class ModelEntry:
    """One registered model: its id, folder, training date, kind and metrics (the content of metrics.json)."""

    model_id: str
    folder: Path
    as_of: date
    kind: str
    metrics: dict[str, Any]

    @property
    def target(self) -> str:
        """What it is asked about: NEED or MEANS."""
        return target_of(self.model_id)


def target_of(model_id: str) -> str:
    """What a model is asked about, by its id."""
    return MEANS if f"-{MEANS}-" in model_id else NEED


def save(model: Model, metrics: dict[str, Any], out_dir: Path) -> ModelEntry:
    """Write a model with its features, metrics and card; the folder appears whole or not at all."""
    named = [{"name": name, "zh": describe(name)} for name in model.features]
    trees = trees_of(model)
    files = {
        "model.json": _json(plain(model)),
        **({} if trees is None else {"model.skops": trees}),
        "features.json": _json({"kind": model.kind, "features": named}),
        "metrics.json": _json(metrics),
    }
    model_id = _model_id(metrics["as_of"], files, MEANS if model.kind == MEANS else NEED)
    card = means_card if model.kind == MEANS else model_card
    files["card.md"] = card(model_id, metrics, named).encode()
    _write_whole(out_dir / model_id, files)
    return read_entry(out_dir / model_id)


def list_models(out_dir: Path, target: str | None = None) -> tuple[ModelEntry, ...]:
    """Every registered model, or those of one target, oldest first. Half-written leftovers are no models."""
    # a model of an earlier version has no model.json: the home trains again
    folders = sorted(
        p.parent for p in Path(out_dir).glob("*/model.json") if not p.parent.name.startswith("_")
    )
    entries = []
    for folder in folders:
        with suppress(ZhaorenError):  # what cannot be read is no model; in use, it is refused by its name
            entries.append(read_entry(folder))
    asked = (one for one in entries if target is None or one.target == target)
    return tuple(sorted(asked, key=lambda e: (e.as_of, e.model_id)))


def read_entry(folder: Path) -> ModelEntry:
    """The entry of a model folder, without loading the model."""
    folder = Path(folder)
    if not (folder / "metrics.json").is_file():
        raise ZhaorenError(
            "no model here",
            str(folder),
            "a model folder holds metrics.json",
            "run `zhaoren train`, or name another",
        )
    try:
        metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
        return ModelEntry(folder.name, folder, date.fromisoformat(metrics["as_of"]), metrics["kind"], metrics)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ZhaorenError(
            "the model's metrics.json is damaged",
            str(folder / "metrics.json"),
            str(error),
            "train again, or restore the folder from a copy",
        ) from error


def check_files(entry: ModelEntry) -> dict[str, bytes]:
    """The model's files by name, after seeing that they are the registered ones; ZhaorenError if not."""
    try:
        there = [name for name in _HASHED if (entry.folder / name).exists()]
        files = {name: (entry.folder / name).read_bytes() for name in there}
    except OSError as error:
        raise _changed(entry, f"a file cannot be read: {error.strerror}") from error
    if _model_id(entry.as_of.isoformat(), files, entry.target) != entry.model_id:
        raise _changed(entry, "their hash differs from the model's id")
    return files


def _changed(entry: ModelEntry, why: str) -> ZhaorenError:
    return ZhaorenError(
        "the model's files are not the ones that were registered",
        str(entry.folder),
        why,
        "train again, or restore the folder from a copy",
    )


def load(entry_or_dir: ModelEntry | Path) -> Model:
    """Load a model after checking that its files are the registered ones and hold trusted types only."""
    entry = entry_or_dir if isinstance(entry_or_dir, ModelEntry) else read_entry(Path(entry_or_dir))
    files = check_files(entry)
    return restored(json.loads(files["model.json"]), files.get("model.skops"), str(entry.folder))


def _model_id(as_of: str, files: dict[str, bytes], target: str) -> str:
    digest = hashlib.sha256()
    for name in _HASHED:
        # that a file is not there is part of what the model is
        digest.update(hashlib.sha256(files[name]).digest() if name in files else b"none")
    mark = f"{MEANS}-" if target == MEANS else ""
    return f"{as_of}-{mark}{digest.hexdigest()[:12]}"


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def _write_whole(folder: Path, files: dict[str, bytes]) -> None:
    if folder.exists():
        return  # the id is the content's hash: it is already there, byte for byte
    # written aside and renamed in one step: a run that dies leaves no folder that looks like a model
    half = folder.with_name(f"_{folder.name}")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    for name, content in files.items():
        (half / name).write_bytes(content)
    half.replace(folder)
