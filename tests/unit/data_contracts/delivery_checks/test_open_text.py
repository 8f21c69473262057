"""A text that a home's contract takes for harmless: what is staged of it, and what the engine may say."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from data_contracts.contract.model import Contract
from data_contracts.delivery_checks.gx import without_values
from data_contracts.delivery_checks.profile import profiled
from data_contracts.delivery_checks.runner import check_suite
from data_contracts.loading.contracts import load_contract
from data_contracts.row_checks.rows import check_rows
from tests.helpers.core import PACKAGE
from warehouse.database.staging import stage

METER = PACKAGE / "docs" / "examples" / "nineteenth" / "contracts" / "power_grid" / "meter.yaml"
RULES = """    quality:
      - {name: number_like, description: x, type: custom, engine: zhaoren, severity: hold_delivery,
         implementation: {rule: invalid_share, column: meter_no, pattern: "^[0-9]+$", maximum: 0.1}}
      - {name: state_known, description: x, type: custom, engine: zhaoren, severity: hold_delivery,
         implementation: {rule: value_share, column: meter_status, values: [normal], minimum: 0.4}}
      - {name: parts, description: x, type: custom, engine: zhaoren, severity: note,
         implementation: {rule: partition, column: meter_status, digits: 2, values: ["no"]}}
"""


def _older(tmp_path: Path) -> Contract:
    text = (
        METER.read_text("utf-8").replace("value: code}", "value: text}").replace("identifier", "internal", 1)
    )
    text = text.replace("          - {property: codes, value: meter_status}\n", "")
    text = text.replace("          - {property: inCore, value: keyed_hash}\n", "")
    path = tmp_path / "power_grid" / "meter.yaml"
    path.parent.mkdir()
    path.write_text(text.replace("    quality:\n", RULES, 1), "utf-8")
    return load_contract(path)


def test_its_rules_are_checked_and_its_text_is_not_written(tmp_path: Path) -> None:
    contract = _older(tmp_path)
    names = ["张三的表", "1", "2", "3"]
    text = pl.DataFrame(
        {"row_no": [2, 3, 4, 5], "meter_no": names, "meter_status": ["normal", "normal", "李四", None]}
    )
    checked = check_rows(text, contract, {})
    path = stage(tmp_path / "staged.duckdb", checked.stage)
    assert not any(word.encode() in path.read_bytes() for word in ("张三", "李四"))
    found = {one.rule_id.rpartition(".")[2]: (one.passed, one.failing_cnt)
             for one in check_suite(contract, path, "staged").results}  # fmt: skip
    assert (found["number_like"], found["state_known"], found["parts"]) == ((False, 1), (True, 0), (True, 0))
    assert "meter_status" not in profiled(contract)  # what a text begins with may be a name


def test_an_engines_message_is_told_without_what_it_quotes() -> None:
    said = without_values("Conversion Error: Could not convert string '张三' to INT32, near 13800138000")
    assert said == "Conversion Error: Could not convert string '…' to INT32, near ［号码］"
