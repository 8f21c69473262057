"""The made-up province: same seed same bytes, each file when it is due, impossible sizes refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from data_contracts.loading.contracts import load_contracts
from province.make import VIEWS, make_province
from zhaoren.errors import ZhaorenError


def folder_bytes(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_same_seed_same_bytes_and_another_seed_another_province(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        make_province(600, 2, seed, tmp_path / name)
    one, same, other = (folder_bytes(tmp_path / n) for n in "abc")
    assert one == same
    population = "inbox/2025-09-05/public_security/population.csv"
    assert one[population] != other[population]


def test_first_delivery_brings_every_extract_and_later_ones_what_is_due(province: Path) -> None:
    months = sorted(p.name for p in (province / "inbox").iterdir())
    assert months == ["2025-09-05", "2025-10-05", "2025-11-05", "2025-12-05", "2026-01-05", "2026-02-05"]
    sent = {m: {f"{p.parent.name}.{p.stem}" for p in (province / "inbox" / m).rglob("*.*")} for m in months}
    assert sent["2025-09-05"] == set(VIEWS) == set(load_contracts())
    assert "education.student_aid" in sent["2025-10-05"] and "education.student_aid" not in sent["2025-11-05"]
    assert "housing.housing_security" in sent["2026-01-05"]
    assert "trade_union.worker_hardship" in sent["2026-02-05"]
    assert [m for m in months if "disabled_federation.disability_card" not in sent[m]] == ["2025-12-05"]


def test_impossible_sizes_and_a_used_folder_are_refused(tmp_path: Path, province: Path) -> None:
    with pytest.raises(ZhaorenError, match="cannot make"):
        make_province(10, 1, 1, tmp_path / "x")
    with pytest.raises(ZhaorenError, match="already a province"):
        make_province(1_000, 1, 1, province)
    with pytest.raises(ZhaorenError, match=r"cannot make this province\nwhere: years \[2023\]"):
        make_province(1_000, 1, 1, tmp_path / "x", start=date(2025, 6, 1))
    assert not (tmp_path / "x").exists()
