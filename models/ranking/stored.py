"""A model as plain values and, for trees, one skops file: nothing that could run when it is read.

    plain(model) -> dict for JSON        restored(plain, trees) -> Model
    trees_of(model) -> bytes | None      stable: the same trees give the same bytes

Only listed types are ever loaded from the skops file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from models.learners.boosting import Boosted
from models.learners.calibration import Calibration
from models.learners.cells import Column
from models.learners.leaning import Leaning
from models.learners.learner import Learner
from models.learners.logistic import Line
from models.learners.single import Lone
from models.ranking.fitting import Model
from zhaoren.errors import ZhaorenError

# Types beyond skops' own safe list that boosted trees are made of.
TRUSTED = ("numpy.dtype", "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor")
_ENGINES = {"line": Line, "lone": Lone}
_RANDOM_NAME = re.compile(r'(?<="__id__": )\d+|(?<="file": ")[^"]+(?=\.npy")')


def plain(model: Model) -> dict[str, Any]:
    """The model without its trees, as values that JSON keeps exactly."""
    if model.learner is None:
        return {"kind": model.kind, "features": list(model.features)}
    learner = model.learner
    return {
        "kind": model.kind,
        "features": list(model.features),
        "columns": [asdict(column) for column in learner.columns],
        "calibration": asdict(learner.calibration),
        "sizes": dict(learner.sizes),
        "engine": _engine(learner.engine),
    }


def _engine(engine: Boosted | Leaning | Line | Lone) -> dict[str, Any]:
    """What the engine is made of, but for trees."""
    if isinstance(engine, Boosted):
        return {"name": "trees"}
    if isinstance(engine, Leaning):
        return {"name": "leaning", "share": engine.share, "line": asdict(engine.line)}
    return {"name": "line" if isinstance(engine, Line) else "lone"} | asdict(engine)


def trees_of(model: Model) -> bytes | None:
    """The trees as a skops file; None for a model without any."""
    engine = None if model.learner is None else model.learner.engine
    if isinstance(engine, Leaning):
        engine = engine.trees
    return _stable_bytes(engine.estimator) if isinstance(engine, Boosted) else None


def restored(values: Mapping[str, Any], trees: bytes | None, where: str) -> Model:
    """The model again. Raises ZhaorenError (model_type_untrusted) for trees of a type that is not listed."""
    kind, features = values["kind"], tuple(values["features"])
    if "engine" not in values:
        return Model(kind, features, None)
    told = _tuples(values["engine"])
    name = told.pop("name")
    boosted = Boosted(_loaded(trees, where)) if trees is not None else None
    engine: Any = boosted
    if name == "leaning":
        engine = Leaning(boosted, Line(**_tuples(told["line"])), told["share"]) if boosted else None
    elif name != "trees":
        engine = _ENGINES[name](**told)
    columns = tuple(Column(**_tuples(column)) for column in values["columns"])
    calibration = Calibration(**_tuples(values["calibration"]))
    return Model(kind, features, Learner(kind, columns, engine, calibration, dict(values["sizes"])))


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON's lists as the tuples they were."""
    return {name: _tuple(value) for name, value in values.items()}


def _tuple(value: Any) -> Any:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value


def _loaded(trees: bytes, where: str) -> Any:
    from skops import io as skops_io  # three seconds to import: only where trees are really read

    strange = set(skops_io.get_untrusted_types(data=trees)) - set(TRUSTED)
    if strange:
        raise ZhaorenError(
            f"the model file holds types we do not load: {', '.join(sorted(strange))}",
            where,
            "loading an unknown type could run someone's code",
            "train again with this version",
            code="model_type_untrusted",
        )
    return skops_io.loads(trees, trusted=list(TRUSTED))


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
