"""Which model orders a date's lists: by people's words alone, and never one whose files are not its own."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from models.ranking.fitting import Model
from models.ranking.registry import ModelEntry, save
from models.ranking.use_log import (
    ROLLBACK,
    RULES,
    USE,
    Use,
    before_the_last,
    in_use,
    is_promotable,
    ordering_at,
)

JAN, FEB, MAR = (date(2026, month, 5) for month in (1, 2, 3))


def saved(folder: Path, entry: ModelEntry, as_of: date, **more: object) -> ModelEntry:
    return save(
        Model("rule_points", ("rule_points",), None),
        {**entry.metrics, "as_of": as_of.isoformat(), "kind": "boosting", **more},
        folder,
    )


def test_without_a_word_the_rules_order() -> None:
    assert in_use([], JAN) == RULES


@pytest.mark.parametrize(
    ("log", "day", "wanted"),
    [
        ([Use(1, USE, "A", FEB)], JAN, RULES),
        ([Use(1, USE, "A", FEB)], FEB, "A"),
        ([Use(1, USE, "A", JAN), Use(2, USE, "B", MAR)], FEB, "A"),
        ([Use(1, USE, "A", MAR), Use(2, USE, RULES, FEB)], MAR, RULES),
        ([Use(1, USE, "A", JAN), Use(2, USE, "B", FEB), Use(3, ROLLBACK, "A", MAR)], MAR, "A"),
        ([Use(1, USE, "A", JAN), Use(2, USE, "B", FEB), Use(3, ROLLBACK, "A", MAR)], FEB, "B"),
    ],
)
def test_the_last_word_of_the_days_counts(log: list[Use], day: date, wanted: str) -> None:
    assert in_use(log, day) == wanted and in_use(log[::-1], day) == wanted


def test_each_rollback_goes_one_word_further_back() -> None:
    log = [Use(no, USE, name, JAN) for no, name in enumerate("ABC", start=1)]
    went = []
    for no in range(4, 8):
        went.append(before_the_last(log))
        log.append(Use(no, ROLLBACK, went[-1], JAN))
    assert went == ["B", "A", RULES, RULES]


def test_the_newest_that_has_won_stands_in_the_shadow(entry: ModelEntry, tmp_path: Path) -> None:
    old = saved(tmp_path, entry, JAN)
    lost = saved(tmp_path, entry, MAR, promotable=False)
    new = saved(tmp_path, entry, FEB)
    assert [is_promotable(one) for one in (old, lost, new)] == [True, False, True]
    assert ordering_at([], tmp_path, MAR).shadow == new and ordering_at([], tmp_path, MAR).model is None
    assert ordering_at([], tmp_path, JAN).shadow == old
    assert ordering_at([], tmp_path, date(2025, 12, 31)).shadow is None
    log = [Use(1, USE, new.model_id, MAR)]
    assert (ordering_at(log, tmp_path, MAR).model, ordering_at(log, tmp_path, MAR).shadow) == (new, None)
    back = ordering_at([*log, Use(2, ROLLBACK, old.model_id, MAR)], tmp_path, MAR)
    assert (back.model, back.shadow) == (old, new)


@pytest.mark.parametrize("how", ["gone", "changed", "torn", "half"])
def test_a_model_that_is_not_what_was_put_into_use_orders_nothing(
    entry: ModelEntry, tmp_path: Path, how: str
) -> None:
    used = saved(tmp_path, entry, JAN)
    log = [Use(1, USE, used.model_id, FEB)]
    assert ordering_at(log, tmp_path, FEB).model == used
    metrics = used.folder / "metrics.json"
    if how == "gone":
        used.folder.rename(tmp_path / "_elsewhere")
    elif how == "changed":
        metrics.write_text(json.dumps({**used.metrics, "as_of": JAN.isoformat(), "kind": "logistic"}))
    elif how == "torn":
        metrics.write_text("[")
    else:
        (used.folder / "model.json").unlink()
    found = ordering_at(log, tmp_path, FEB)
    assert found.model is None and used.model_id in found.refused and "the rules order" in found.refused
