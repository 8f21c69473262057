"""No form, list or report asks for traces of work: each kind planted is refused, ours pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.app import app
from policies.forms import no_theatre
from policies.forms.no_theatre import FORMS, load_no_theatre, shipped_forms, theatre_problems
from zhaoren.rooms import room

PLANTED = [
    ("check_in", 'columns: {signed_in_at: 到村打卡时间}'),
    ("check_in", "  check_in_time: {type: timestamp}"),
    ("location", "note: 提交时自动附上经纬度"),
    ("location", "  gps_point: {type: text}"),
    ("track", "hint: 上传走访轨迹"),
    ("track", "  visit_track: {type: texts}"),
    ("mileage", "heads: [日期, 里程, 油费]"),
    ("evidence", "hint: 每户上传不少于三张现场照片"),
    ("evidence", "hint: 走访视频必填"),
    ("evidence", "  signature_image: {type: text}"),
    ("evidence", "  PHOTO: {type: text}"),
    ("ranking", "title: 各站社工走访排名"),
    ("ranking", "  worker_rank: {type: integer}"),
    ("online_time", "title: 工作台在线时长"),
    ("online_time", "  login_count: {type: integer}"),
    ("quota", "foot: 各站属实率不低于三成"),
    ("quota", "foot: 每月至少20户属实"),
    ("quota", "  need_quota: {type: integer}"),
]  # fmt: skip
INNOCENT = [
    "名单只在工作中使用，不拍照、不转发、不上墙",
    "不要求打卡，不要求上传照片",
    "按次序排列，最近的在前",
    "走访人签名：＿＿＿＿　同行人：＿＿＿＿",
    "  list_rank: {type: integer, zh: 名单次序}",
    "the latest plan; a tracked change; photosynthesis",
    "每月至少走访一次",
]


@pytest.mark.parametrize(("kind", "text"), PLANTED)
def test_each_kind_is_refused_with_its_reason_and_source(tmp_path: Path, kind: str, text: str) -> None:
    path = tmp_path / "form.yaml"
    path.write_text(f"# no GPS, no 打卡: a comment\n{text}\n", encoding="utf-8")
    rules = load_no_theatre()
    (refused,) = {p.line: p for p in theatre_problems([path], rules)}.values()
    assert refused.line == 2 and "国办函〔2026〕12号" in refused.todo
    assert {found.code for _, found in rules.found_in(text)} == {kind}


@pytest.mark.parametrize("text", INNOCENT)
def test_what_asks_for_nothing_of_the_kind_passes(text: str) -> None:
    assert list(load_no_theatre().found_in(text)) == []


def test_a_heading_in_the_code_that_writes_a_sheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sheet.py"
    path.write_text(
        'track = 1  # GPS\nCOLUMNS = (Column("序号", 4), Column("签到照片", 9))\n', encoding="utf-8"
    )
    assert {(p.line, p.what[1:3]) for p in theatre_problems([path], load_no_theatre())} == {
        (2, "签到"),
        (2, "照片"),
    }


def test_what_ships_passes_and_everything_that_asks_is_read() -> None:
    forms = shipped_forms()
    assert theatre_problems(forms, load_no_theatre()) == []
    read = {path.name for path in forms}
    assert {
        "worklist.yaml",
        "worklist.py",
        "side_sheets.py",
        "steps.yaml",
        "casework.yaml",
        "monthly.html.j2",
    } <= read
    for name, kinds in FORMS.items():
        assert all(list(room(name).glob(kind)) for kind in kinds if "prints" not in kind)


def test_policies_lint_refuses_a_planted_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = tmp_path / "worklist.yaml"
    planted.write_text("heads: [走访日期, 走访轨迹]\n", encoding="utf-8")
    assert CliRunner().invoke(app, ["policies", "lint"]).exit_code == 0
    monkeypatch.setattr(no_theatre, "shipped_forms", lambda: [planted])
    told = CliRunner().invoke(app, ["policies", "lint"])
    assert told.exit_code == 1 and "轨迹" in told.output
