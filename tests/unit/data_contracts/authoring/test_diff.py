"""What a change to a contract breaks, and for whom: one edit of a shipped contract per kind of change."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from data_contracts.authoring.diff import diff_paths, kinds, suggested_version, versions
from zhaoren.rooms import room

HERE = room("data_contracts")

POPULATION = HERE / "extracts" / "public_security" / "population.yaml"
RANGE = '{format: yyyy-MM-dd, minimum: "1900-01-01", maximum: "2099-12-31"}'
NEW_COLUMN = """      - name: {name}
        physicalName: {name}
        businessName: {name}
        logicalType: string
        {flag}
        classification: internal
        customProperties:
          - {{property: readsAs, value: text}}
          - {{property: purposes, value: [verification]}}
    quality:
"""
EDITS = [
    ("physicalName: 户号\n        businessName: 户号",
     "physicalName: 户籍编号\n        businessName: 户籍编号",
     {"header_changed", "words_changed"}),
    ("physicalName: 户号\n        businessName: 户号", "physicalName: 户籍编号\n        businessName: 户号",
     {"header_changed_with_alias"}),
    ("name: household_no", "name: hukou_no", {"column_renamed"}),
    ("    quality:\n", NEW_COLUMN.format(name="nation", flag="required: false"), {"column_added"}),
    ("    quality:\n", NEW_COLUMN.format(name="nation", flag="required: true"), {"required_column_added"}),
    ("value: cn_id}", "value: text}", {"type_widened"}),
    ("value: date}", "value: month}", {"type_changed"}),
    ("{maxLength: 50}", "{maxLength: 40}", {"length_narrowed"}),
    ("{maxLength: 50}", "{maxLength: 60}", {"length_widened"}),
    (RANGE, RANGE.replace("1900", "1950"), {"range_narrowed"}),
    (RANGE, RANGE.replace("2099", "2199"), {"range_widened"}),
    ('{pattern: "^[0-9]{12}$"}', '{pattern: "^[0-9]{9}$"}', {"pattern_changed"}),
    ("value: relation}", "value: sex}", {"code_table_changed"}),
    ("{property: level, value: note}", "{property: level, value: warn}", {"level_raised"}),
    ("{property: level, value: note}", "{property: aliases, value: [家庭住址]}",
     {"alias_added", "level_raised"}),
    ("maximum: 0.2}", "maximum: 0.1}", {"rule_tightened"}),
    ("maximum: 0.2}", "maximum: 0.3}", {"rule_loosened"}),
    ("value: monthly}", "value: quarterly}", {"cadence_lengthened"}),
    ("value: 10, unit: d", "value: 5, unit: d", {"grace_shortened"}),
    ('"one row per registered person"', '"one row per household"', {"grain_changed"}),
    ("description: 文件不应为空", "description: 文件不能为空", {"words_changed"}),
    ("value: roll}", "value: events}", {"loads_changed"}),
    ("classification: internal", "classification: identifier", {"classification_tightened"}),
    ("[discovery, verification, compliance]", "[verification, compliance]", {"purpose_removed"}),
]  # fmt: skip


@pytest.mark.parametrize(("was", "becomes", "expected"), EDITS, ids=[sorted(e[2])[0] for e in EDITS])
def test_an_edit_is_classed(tmp_path: Path, was: str, becomes: str, expected: set[str]) -> None:
    text = POPULATION.read_text("utf-8")
    assert was in text
    new = tmp_path / "population.yaml"
    new.write_text(text.replace(was, becomes, 1), "utf-8")
    forth, back = diff_paths(POPULATION, new), diff_paths(new, POPULATION)
    assert {change.kind.name for change in forth} == expected
    assert back  # the way back is a change as well


def test_nothing_changes_from_a_contract_to_itself() -> None:
    assert diff_paths(HERE / "extracts", HERE / "extracts") == []


def test_a_cadence_cut_short_breaks_departments_and_one_drawn_out_analysts() -> None:
    assert kinds()["cadence_shortened"].breaks == ("departments",)
    assert kinds()["cadence_lengthened"].breaks == ("analysts",)


def test_folders_are_compared_whole_with_their_code_tables(tmp_path: Path) -> None:
    shutil.copytree(HERE / "extracts", tmp_path / "extracts")
    shutil.copytree(HERE / "codes", tmp_path / "codes")
    (tmp_path / "extracts" / "trade_union" / "worker_hardship.yaml").unlink()
    sex = tmp_path / "codes" / "sex.yaml"
    lines = sex.read_text("utf-8").splitlines()
    last = max(n for n, line in enumerate(lines) if "code:" in line)
    sex.write_text("\n".join(lines[:last]) + "\n", "utf-8")
    found = [(c.contract_id, c.kind.name) for c in diff_paths(HERE / "extracts", tmp_path / "extracts")]
    assert ("trade_union.worker_hardship", "contract_removed") in found
    assert ("codes.sex", "code_removed") in found
    assert ("trade_union.worker_hardship", "contract_added") in [
        (c.contract_id, c.kind.name) for c in diff_paths(tmp_path / "extracts", HERE / "extracts")
    ]


def test_the_version_to_raise_follows_from_the_worst_change(tmp_path: Path) -> None:
    new = tmp_path / "population.yaml"
    new.write_text(POPULATION.read_text("utf-8").replace("maxLength: 50", "maxLength: 40"), "utf-8")
    changes = diff_paths(POPULATION, new)
    assert suggested_version(changes, "1.4.2") == ("major", "2.0.0")
    told = versions(POPULATION, new, changes)["public_security.population"]
    assert told["suggested"] == "3.0.0" and not told["is_enough"]
    assert suggested_version([], "1.4.2") == ("", "1.4.2")


def test_the_readme_holds_the_table_of_changes() -> None:
    """One row per kind: the data and the page say the same."""
    rows = re.findall(
        r"^\| `(\w+)` \| (\w+) \| ([\w, ]*?) ?\|", (HERE / "README.md").read_text("utf-8"), re.M
    )
    shown = {name: (change_class, breaks) for name, change_class, breaks in rows}
    assert shown == {k.name: (k.change_class, ", ".join(k.breaks)) for k in kinds().values()}
