"""Trained rankings on disk: models/<model_id>/ with model.skops, features.json, metrics.json and card.md.

The id is the date the model was trained for and a hash of its files: the same data give the same id and the
same bytes, and a changed file is noticed on loading. Nothing is pickled; only listed types are ever loaded.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from models.features.feature_list import describe
from models.ranking.card import model_card
from models.ranking.fitting import Model
from zhaoren.errors import ZhaorenError

# Types beyond skops' own safe list that our two estimators are made of.
TRUSTED = ("numpy.dtype", "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor")
# The card is not hashed: its wording may be improved without making it another model.
_HASHED = ("model.skops", "features.json", "metrics.json")
_RANDOM_NAME = re.compile(r'(?<="__id__": )\d+|(?<="file": ")[^"]+(?=\.npy")')


@dataclass(frozen=True)
class ModelEntry:
    """One registered model: its id, folder, training date, kind and metrics (the content of metrics.json)."""

    model_id: str
    folder: Path
    as_of: date
    kind: str
    metrics: dict[str, Any]


def save(model: Model, metrics: dict[str, Any], out_dir: Path) -> ModelEntry:
    """Write a model with its features, metrics and card; the folder appears whole or not at all."""
    named = [{"name": name, "zh": describe(name)} for name in model.features]
    files = {
        "model.skops": _stable_bytes(model.estimator),
        "features.json": _json({"kind": model.kind, "features": named}),
        "metrics.json": _json(metrics),
    }
    model_id = _model_id(metrics["as_of"], files)
    files["card.md"] = model_card(model_id, metrics, named).encode()
    _write_whole(out_dir / model_id, files)
    return read_entry(out_dir / model_id)


def list_models(out_dir: Path) -> tuple[ModelEntry, ...]:
    """Every registered model, oldest first. Half-written leftovers (`_<id>`) are no models."""
    folders = sorted(
        p.parent for p in Path(out_dir).glob("*/metrics.json") if not p.parent.name.startswith("_")
    )
    entries = []
    for folder in folders:
        with suppress(ZhaorenError):  # what cannot be read is no model; in use, it is refused by its name
            entries.append(read_entry(folder))
    return tuple(sorted(entries, key=lambda e: (e.as_of, e.model_id)))


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
        files = {name: (entry.folder / name).read_bytes() for name in _HASHED}
    except OSError as error:
        raise _changed(entry, f"a file cannot be read: {error.strerror}") from error
    if _model_id(entry.as_of.isoformat(), files) != entry.model_id:
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
    from skops import io as skops_io  # three seconds to import: only where a model is really read

    entry = entry_or_dir if isinstance(entry_or_dir, ModelEntry) else read_entry(Path(entry_or_dir))
    files = check_files(entry)
    strange = set(skops_io.get_untrusted_types(data=files["model.skops"])) - set(TRUSTED)
    if strange:
        raise ZhaorenError(
            f"the model file holds types we do not load: {', '.join(sorted(strange))}",
            str(entry.folder / "model.skops"),
            "loading an unknown type could run someone's code",
            "train again with this version",
        )
    listed = json.loads(files["features.json"])
    estimator = skops_io.loads(files["model.skops"], trusted=list(TRUSTED))
    return Model(listed["kind"], tuple(f["name"] for f in listed["features"]), estimator)


def _model_id(as_of: str, files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in _HASHED:
        digest.update(hashlib.sha256(files[name]).digest())
    return f"{as_of}-{digest.hexdigest()[:12]}"


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def _stable_bytes(estimator: Any) -> bytes:
    """skops' file without what differs from run to run: memory addresses used as names, and the clock."""
    from skops import io as skops_io

    source = zipfile.ZipFile(io.BytesIO(skops_io.dumps(estimator)))
    numbers: dict[str, str] = {}

    def renumber(found: re.Match[str]) -> str:
        return numbers.setdefault(found.group(), str(len(numbers) + 1))

    schema = _RANDOM_NAME.sub(renumber, source.read("schema.json").decode())
    members = {f"{numbers[n.removesuffix('.npy')]}.npy": n for n in source.namelist() if n.endswith(".npy")}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr(zipfile.ZipInfo("schema.json"), schema)
        for new, old in sorted(members.items(), key=lambda item: int(item[0].removesuffix(".npy"))):
            packed.writestr(zipfile.ZipInfo(new), source.read(old))
    return target.getvalue()


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
