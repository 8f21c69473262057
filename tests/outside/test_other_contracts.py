"""Other people's contracts on other people's files, by the command line: none of them knows of us."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from typer.testing import CliRunner

from data_contracts.lint.contracts import lint_contract
from data_contracts.loading.contracts import contracts_in, load_contract
from data_contracts.rules.quality import quality_rule
from flows.cli.app import app
from flows.queries.checking import check_file
from zhaoren.errors import ZhaorenError

SHOP: dict[str, Any] = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "53581432-6c55-4ba2-a65f-72344a91553a",
    "version": "1.1.0",
    "status": "active",
    "domain": "seller",
    "schema": [
        {
            "name": "Orders",
            "physicalName": "orders_v1",
            "properties": [
                {"name": "Order ID", "logicalType": "string", "primaryKey": True, "required": True},
                {"name": "qty", "logicalType": "integer", "logicalTypeOptions": {"minimum": 1}},
                {"name": "price", "physicalType": "double"},
                {"name": "day", "logicalType": "date", "logicalTypeOptions": {"format": "dd/MM/yyyy"}},
                {
                    "name": "buyer",
                    "logicalType": "string",
                    "relationships": [{"to": "Buyers.buyer_id"}],
                    "quality": [{"metric": "nullValues", "mustBeLessThan": 40, "unit": "percent"}],
                },
            ],
            "quality": [
                {"metric": "rowCount", "mustBeGreaterThan": 3, "severity": "error"},
                {"name": "dialect", "type": "sql", "query": "SELECT NO_SUCH(qty) FROM {object}", "mustBe": 1},
            ],
        },
        {
            "name": "Buyers",
            "properties": [
                {"name": "buyer_id", "logicalType": "string", "primaryKey": True, "required": True},
                {"name": "city", "logicalType": "string"},
            ],
        },
    ],
    "slaProperties": [{"property": "retention", "value": 3, "unit": "y"}],
}
ROWS = ["Order ID,qty,price,day,buyer", "a1,3,1.5,05/03/2024,b1", "a2,0,1.5,06/03/2024,b2",
        "a3,3,x,06/03/2024,b9", "a4,4,2,31/02/2024,",
        "a5,4,2e3,28/02/2024,b1", "a5,4,2e3,28/02/2024,b1"]  # fmt: skip
ID = f"{SHOP['id']}.Orders"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(SHOP, allow_unicode=True, sort_keys=False), "utf-8")
    (tmp_path / "orders.csv").write_text("\n".join(ROWS) + "\n", "utf-8")
    (tmp_path / "buyers.csv").write_text("buyer_id,city\nb1,x\nb2,y\n", "utf-8")
    return tmp_path


def ask(*args: object, code: int) -> Any:
    result = CliRunner(env={"NO_COLOR": "1"}).invoke(app, [str(a) for a in args])
    assert result.exit_code == code and "Traceback" not in result.output, result.output
    return json.loads(result.stdout) if "--json" in args else result.output


def test_a_plain_contract_runs_on_a_plain_file(shop: Path) -> None:
    found = ask("check", shop / "orders.csv", "--contract", shop / "shop.yaml", "--json",
                "--reference", f"Buyers={shop / 'buyers.csv'}", "--out", shop / "back", code=1)  # fmt: skip
    counts = tuple(found[f"rows_{k}"] for k in ("read", "good", "faulty", "duplicate"))
    assert counts == (6, 2, 3, 1)
    rows = {f"{ID}.qty.range": 1, f"{ID}.price.type": 1, f"{ID}.day.type": 1}
    assert {rule: found["rules"].get(rule) for rule in rows} == rows
    assert set(found["not_run"]) == {f"{ID}.dialect"} and found["verdict"] == "accepted"
    assert found["documented"] == [f"{ID}.day.format", f"{ID}.sla.retention"]
    book = openpyxl.load_workbook(found["receipt"])
    assert book["问题行"].max_row == 4


def test_a_foreign_key_is_looked_up_where_the_other_table_is_given(shop: Path) -> None:
    lines = [ROWS[0], *(line.replace("a", f"a{n}") for n, line in enumerate(ROWS[1:2] * 4))]
    (shop / "orders.csv").write_text("\n".join([*lines, "z,3,1.5,05/03/2024,b9"]) + "\n", "utf-8")
    known = check_file(
        shop / "orders.csv", str(shop / "shop.yaml"), references=[f"Buyers={shop / 'buyers.csv'}"]
    )
    assert known["rules"] == {f"{ID}.buyer.references": 1} and known["verdict"] == "held"
    alone = check_file(shop / "orders.csv", str(shop / "shop.yaml"))
    assert alone["rules"] == {} and f"{ID}.buyer.references" in alone["not_run"]


def test_the_table_whose_headers_fit_is_taken(shop: Path) -> None:
    found = check_file(shop / "buyers.csv", str(shop / "shop.yaml"), rows_only=True)
    assert (found["contract"], found["rows_good"]) == (f"{SHOP['id']}.Buyers", 2)
    with pytest.raises(ZhaorenError, match="no table"):
        check_file(shop / "buyers.csv", str(shop / "shop.yaml"), schema="sellers")


def test_names_of_any_script_and_shape_become_plain_ones(shop: Path) -> None:
    columns = contracts_in(shop / "shop.yaml")["Orders"].columns
    assert [(c.name, c.header, c.reads_as) for c in columns][:3] == [
        ("Order_ID", "Order ID", "text"), ("qty", "qty", "int"), ("price", "price", "number"),
    ]  # fmt: skip


def test_ways_out_of_the_contract_are_told_plainly(shop: Path) -> None:
    out = ask("check", shop / "orders.csv", "--contract", shop / "nothing.yaml", "--json", code=1)
    assert "There is no contract" in out["error"]
    assert "Usage" in ask("check", shop / "orders.csv", code=2)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("dataContractSpecification: 1.1.0\nmodels: {}\n", "another standard"),
        ("apiVersion: v2.2.2\ndataset: []\n", "older standard"),
        ("kind: DataContract\nid: x\n", "describes no table"),
        ("- 1\n- 2\n", "not a data contract"),
        ("a: [1\n", "not valid YAML"),
        ("", "the file is empty"),
        ("id: x\nid: y\n", "the key 'id' stands twice"),
    ],
)
def test_what_is_no_odcs_contract_is_said_to_be_none(tmp_path: Path, document: str, said: str) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(document, "utf-8")
    with pytest.raises(ZhaorenError, match=said) as caught:
        load_contract(path)
    assert caught.value.todo


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"rule": "nullCheck"}, "required"),
        ({"rule": "duplicateCount", "mustBeLessThan": 1}, "duplicate_share"),
        ({"rule": "validValues", "validValues": ["kg"]}, "row_condition"),
        ({"rule": "rowCount", "mustBeBetween": [1, 2]}, "row_count"),
    ],
)
def test_rules_of_the_standards_version_3_0_are_understood(entry: dict[str, Any], kind: str) -> None:
    rule = quality_rule("c", entry, "unit", external=True, name="x")
    assert (rule.kind, rule.why_documented) == (kind, "")


def test_what_cannot_run_says_why_in_theirs_and_is_refused_in_ours() -> None:
    entry = {"name": "odd", "metric": "medianValues", "mustBe": 1}
    assert "medianValues" in quality_rule("c", entry, "unit", external=True).why_documented
    with pytest.raises(ZhaorenError, match="cannot be run"):
        quality_rule("c", entry, "unit")


def test_lint_reads_their_contracts_by_the_standard_alone(shop: Path) -> None:
    assert lint_contract(shop / "shop.yaml") == []
    spoilt = (shop / "shop.yaml").read_text("utf-8").replace("minimum: 1", "minimal: 1")
    (shop / "shop.yaml").write_text(spoilt, "utf-8")
    (problem, *_) = lint_contract(shop / "shop.yaml")
    line = next(n for n, text in enumerate(spoilt.splitlines(), 1) if "minimal" in text)
    assert "minimal" in problem.what and problem.line == line
