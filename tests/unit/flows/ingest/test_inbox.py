"""The inbox: which dates it holds, which files a date has, and what lies where it belongs to nobody."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from flows.ingest.inbox import files_of, inbox_dates, misplaced_files
from zhaoren.errors import ZhaorenError

DAY = date(2025, 11, 5)


def put(inbox: Path, *names: str) -> Path:
    for name in names:
        path = inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return inbox


def test_dates_are_sorted_and_other_folders_do_not_count(tmp_path: Path) -> None:
    put(tmp_path, "2025-11-05/a/x.csv", "2025-09-05/a/x.csv", "old/a/x.csv", "2025-10-05/.keep")
    assert inbox_dates(tmp_path) == [date(2025, 9, 5), DAY]


def test_an_inbox_without_a_file_says_how_one_looks(tmp_path: Path) -> None:
    put(tmp_path, "2025-11-05/a/.hidden", "x.csv")
    with pytest.raises(ZhaorenError, match="nothing to run"):
        inbox_dates(tmp_path)


def test_files_come_by_department_then_name_and_strange_ones_among_them(tmp_path: Path) -> None:
    put(tmp_path, "2025-11-05/b/a.csv", "2025-11-05/a/z.csv", "2025-11-05/a/b.csv", "2025-11-05/a/.x")
    (tmp_path / "2025-11-05" / "a" / "folder").mkdir()
    (tmp_path / "2025-11-05" / "a" / "link").symlink_to("nowhere")
    names = [f"{p.parent.name}/{p.name}" for p in files_of(tmp_path, DAY)]
    assert names == ["a/b.csv", "a/folder", "a/link", "a/z.csv", "b/a.csv"]


def test_a_date_without_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(ZhaorenError, match="Nothing was delivered on 2025-11-05"):
        files_of(put(tmp_path, "2025-11-05/loose.csv"), DAY)


def test_a_file_beside_the_departments_is_misplaced(tmp_path: Path) -> None:
    put(tmp_path, "2025-11-05/loose.csv", "2025-11-05/a/x.csv", "2025-11-05/.hidden")
    assert [p.name for p in misplaced_files(tmp_path, DAY)] == ["loose.csv"]
