"""tried §8 A5, C: notes and workers of visits, and reasons of decisions, were readable in the warehouse."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from exchange.answers.filling import fill_worklist
from tests.helpers.attacks import OTHER_VERSION, command
from tests.helpers.byte_search import found_in, found_in_text
from tests.helpers.homes import KEY, Made, rows_of

NOTE = "找到欧阳慕雪的外婆，住桃花源路42号"
WORKER, FILE, REASON = "诸葛明月", "上官婉清家的名单", "令狐长空来电说填错了"
MARKS = ["欧阳慕雪", "桃花源路42号", WORKER, "上官婉清", "令狐长空"]
KEPT = ("archive", "vault.duckdb")


def test_what_people_wrote_is_in_the_vault_alone(small_home: Made, tmp_path: Path) -> None:
    """On b97b271 each stood in warehouse.duckdb, and the file's name on the screen."""
    home, day = small_home.home, small_home.dates[-1]
    listed = sorted(home.dated("worklists", day).glob("*.xlsx"), key=lambda path: path.stat().st_size)[-1]
    sql = f"SELECT min(alert_id) AS alert_id FROM mart.alert WHERE as_of = '{day}' AND queue = 'need' "
    case = rows_of(home, f"{sql} AND is_listed AND town_code = '{listed.name[:9]}'").item()
    answer = {"alert_id": [case], "result_code": ["40"], "found_date": [day], "note_zh": [NOTE]}
    fill_worklist(listed, tmp_path / f"{FILE}.xlsx", pl.DataFrame(answer | {"worker": [WORKER]}))
    at = ("--home", home.root)
    taken = command("feedback", tmp_path / f"{FILE}.xlsx", "--received", f"{day.year}-12-28", *at)
    again = command("feedback", tmp_path / f"{FILE}.xlsx", "--received", f"{day.year}-12-28", "--json", *at)
    assert "1 outcomes" in taken.stdout and taken.returncode == again.returncode == 0
    said = taken.said + again.said
    if not OTHER_VERSION:  # the one that was attacked had no such command
        wrong = command("withdraw-outcome", case, "--reason", "x", "--by", "13800138000", *at)
        back = command("withdraw-outcome", case, "--reason", REASON, "--by", "tester", *at)
        assert back.returncode == 0 and not found_in_text(back.said, MARKS), back.said
        assert wrong.returncode == 1 and "13800138000" not in wrong.said
    assert found_in(home.root, MARKS, but=KEPT, key=KEY) == []
    assert found_in_text(said, MARKS) == []

    told = command("explain", case, "--contact", *at).stdout
    assert NOTE in told and WORKER in told, "whoever may open the vault reads it there, on record"
    why = command("status", "--names", *at).stdout
    assert REASON in why and FILE in why
