"""The inbox: which dates it holds, which files a date has, and what lies where it belongs to nobody."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from data_contracts.contract.file_names import KnownWords
from flows.ingest.inbox import (
    LEFT_OUT,
    LeftOut,
    files_of,
    inbox_dates,
    left_out,
    misplaced_files,
    refuse_future,
)
from zhaoren.errors import ZhaorenError

DAY, TODAY = date(2025, 11, 5), date(2025, 11, 30)
WORDS = KnownWords(frozenset("ab"), frozenset({"population"}), "a key")


def put(inbox: Path, *names: str) -> Path:
    for name in names:
        path = inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return inbox


def test_dates_are_sorted_and_other_folders_do_not_count(tmp_path: Path) -> None:
    put(tmp_path, "2025-11-05/a/x.csv", "2025-09-05/a/x.csv", "old/a/x.csv", "2025-10-05/.keep")
    assert inbox_dates(tmp_path, TODAY) == [date(2025, 9, 5), DAY]


def test_an_inbox_without_a_file_says_how_one_looks(tmp_path: Path) -> None:
    put(tmp_path, "2025-11-05/a/.hidden", "x.csv")
    with pytest.raises(ZhaorenError, match="nothing to run"):
        inbox_dates(tmp_path, TODAY)


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


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("20251110", "misnamed"),
        ("2025-11-9", "misnamed"),
        ("2025-11-09 (2)", "misnamed"),
        ("2025年11月9日", "misnamed"),
        ("2025-W45-1", "misnamed"),
        ("２０２５-11-09", "misnamed"),
        ("2025-02-30", "misnamed"),
        ("0001-01-01", "too_old"),
        ("9999-12-31", "future"),
        ("2099-01-05", "future"),
        ("2025-12-01", "future"),
    ],
)
def test_a_folder_that_no_run_takes_is_named_with_its_reason(tmp_path: Path, name: str, code: str) -> None:
    """tried §4, §8 B9: misnamed folders were skipped without a word, a future one captured the home."""
    put(tmp_path, "2025-11-05/a/x.csv", f"{name}/a/x.csv", ".git/a/x.csv")
    assert inbox_dates(tmp_path, TODAY) == [DAY]
    (left,) = left_out(tmp_path, TODAY, WORDS)
    assert left.code == code
    assert str(left).startswith(f"{left.name}: ") and LEFT_OUT[code][0] in str(left)


def test_folders_that_may_not_be_looked_into_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A department's folder without the right to read it looked like one without files."""
    put(tmp_path, "2025-11-05/a/x.csv", "2025-11-05/b/x.csv", "2025-11-06/a/x.csv")
    closed = {tmp_path / "2025-11-05" / "b", tmp_path / "2025-11-06"}
    monkeypatch.setattr("os.access", lambda path, mode: path not in closed)  # root may look into everything
    assert left_out(tmp_path, TODAY, WORDS) == [
        LeftOut("2025-11-05/b", "unreadable"),
        LeftOut("2025-11-06", "unreadable"),
    ]


def test_files_in_no_department_and_in_no_day_are_named_and_empty_folders_are_not(tmp_path: Path) -> None:
    put(tmp_path, "2025-11-05/a/x.csv", "2025-11-06/x.csv", "population\x1b[2J.csv", "2025-11-07/.part")
    assert left_out(tmp_path, TODAY, WORDS) == [
        LeftOut("2025-11-06", "no_department"),
        LeftOut(f"file-{WORDS.hashed('population?[2J.csv')[:12]}.csv", "loose_file"),
    ]


def test_an_inbox_of_misnamed_folders_alone_says_so(tmp_path: Path) -> None:
    put(tmp_path, "20251105/a/x.csv")
    with pytest.raises(ZhaorenError, match="20251105: its name is no date"):
        inbox_dates(tmp_path, TODAY)


@pytest.mark.parametrize("day", [date(2099, 1, 5), date(2025, 12, 1), date(1, 1, 1)])
def test_a_date_that_has_not_come_is_refused(day: date) -> None:
    with pytest.raises(ZhaorenError, match="no date to run"):
        refuse_future(day, TODAY)
    refuse_future(TODAY, TODAY)
