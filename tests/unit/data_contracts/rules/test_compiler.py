"""Every promise of a contract becomes one rule that fires when broken, or says why nothing runs it.

The promises are counted in the YAML itself, by a count of this test's own. Each rule has here the change to a
sound file that breaks it; a rule without one fails the test.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml

from data_contracts.contract.model import Contract
from data_contracts.delivery_checks.foreign_keys import hashes, mark_known
from data_contracts.delivery_checks.past import Past
from data_contracts.delivery_checks.profile import profile_of
from data_contracts.delivery_checks.runner import check_suite
from data_contracts.lint.contracts import schema_faults
from data_contracts.loading.contracts import contracts_in
from data_contracts.loading.odcs import as_agreed
from data_contracts.row_checks.rows import CheckedRows, check_rows
from data_contracts.rules.compiler import IMPLIED

pytestmark = pytest.mark.slow

PATH = Path(__file__).parents[3] / "outside" / "contracts" / "every_rule.odcs.yaml"
DOCUMENT = yaml.safe_load(PATH.read_text("utf-8"))
ORDERS: Contract = contracts_in(PATH)["orders"]
GOOD = pl.DataFrame(
    {
        "row_no": list(range(2, 14)),
        "order_id": [f"o{i}" for i in range(12)],
        "line": ["1"] * 12,
        "receipt_no": [f"r{i}" for i in range(12)],
        "quantity": ["5"] * 11 + ["100"],
        "score": ["1"] * 12,
        "price": ["3.25"] * 12,
        "ordered_on": ["05/03/2024"] * 12,
        "shipped_at": ["2024-03-06 10:00:00"] * 12,
        "opens": ["08:30:00"] * 12,
        "is_paid": ["true"] * 12,
        "country": ["CN"] * 11 + ["US"],
        "sku": [f"SKU-{i}" for i in range(12)],
        "mail": ["a@b.cn"] * 12,
        "site": ["x"] * 12,
        "strange": ["y"] * 12,
        "state": ["open"] * 11 + ["closed"],
        "tags": ["[]"] * 12,
        "customer": ["{}"] * 12,
        "weights": ["{}"] * 12,
        "meaning": ["[1]"] * 12,
        "buyer": [f"b{i % 6}" for i in range(12)],
        "unit": ["kg"] * 11 + ["pounds"],
    },
    schema_overrides={"row_no": pl.Int64},
)
BUYERS = pl.Series("buyer", [f"b{i}" for i in range(6)])
PAST = Past(previous_rows=12, known_date=date(2024, 4, 1), promised_date=date(2024, 4, 1))

# rule -> cells to change (column: new texts of the first rows), or how many rows to keep or repeat.
BREAKS: dict[str, Any] = {
    "not_a_record": {"order_id": ["合计"], "line": [None], "quantity": ["x"]},
    "too_many_cells": {"_extra": ["more"]},
    "key_conflict": {"order_id": ["o1"]},
    "order_id.required": {"order_id": [None]},
    "line.required": {"line": [None]},
    "line.type": {"line": ["one"]},
    "receipt_no.unique": {"receipt_no": ["r1"]},
    "quantity.type": {"quantity": ["many"]},
    "quantity.range": {"quantity": ["0"]},
    "quantity.multipleOf": {"quantity": ["7"]},
    "quantity.format": {"quantity": ["40000"]},
    "score.type": {"score": ["best"]},
    "score.range": {"score": ["0"]},
    "score.format": {"score": ["-1"]},
    "price.type": {"price": ["dear"]},
    "price.range": {"price": ["0"]},
    "ordered_on.type": {"ordered_on": ["31/02/2024"]},
    "ordered_on.range": {"ordered_on": ["01/01/2030"]},
    "shipped_at.type": {"shipped_at": ["2024-13-06 10:00:00"]},
    "shipped_at.range": {"shipped_at": ["2019-12-31 23:59:59"]},
    "opens.type": {"opens": ["25:00:00"]},
    "opens.range": {"opens": ["18:00:01"]},
    "is_paid.type": {"is_paid": ["perhaps"]},
    "country.length": {"country": ["CHN"]},
    "sku.pattern": {"sku": ["5"]},
    "mail.format": {"mail": ["nobody"]},
    "state.enum": {"state": ["lost"]},
    "buyer.references": {"buyer": ["b9"]},
    "buyer.nullValues": {"buyer": [None]},
    "buyer.nullValues_2": {"buyer": [None, None]},
    "buyer.nullValues_3": {"buyer": [None, None]},
    "buyer.duplicateValues": {"buyer": ["b1"] * 12},
    "buyer.duplicateValues_2": {"buyer": ["b1"] * 12},
    "unit.missingValues": {"unit": ["tbd"]},
    "unit.missingValues_2": {"unit": ["tbd"] * 3},
    "unit.invalidValues": {"unit": ["stone"]},
    "unit.invalidValues_2": {"unit": ["stone"]},
    "unit.invalidValues_3": {"unit": ["1kg"]},
    "unit.invalidValues_4": {"unit": ["1kg"]},
    "unit.sql": {"unit": ["tbd"]},
    "rowCount": 9, "rowCount_2": 14, "rowCount_3": 11, "rowCount_4": 13, "rowCount_5": 9, "rowCount_6": 13,
    "rowCount_7": 9, "rowCount_8": 13,
    "duplicateValues": {"sku": ["SKU-1"], "receipt_no": ["r1"]},
    "duplicateValues_2": "repeat",
    "total": {"quantity": ["100"]},
    "mean_price": {"price": ["0.5"] * 12},
    "all_paid": {"is_paid": ["false"]},
    "shipped_after_order": {"shipped_at": ["2024-03-01 10:00:00"]},
    "few_faulty": {"sku": ["5"] * 7},
    "few_repeats": "repeat",
    "mostly_open": {"state": ["closed"] * 7},
    "known_states": {"state": ["lost"]},
    "sites_known": {"site": [None] * 7},
    "every_country": {"country": ["CN"] * 12},
    "like_before": 10,
    "as_empty_as_before": {"site": [None] * 2},
    "mixed_as_before": {"is_paid": ["false"] * 2},
    "sla.latency": "late",
}  # fmt: skip
TEXTS = [column for column in ORDERS.columns if column.reads_as in ("text", "name")]
BREAKS |= {f"{column.name}.damaged": {column.name: ["#REF!"]} for column in TEXTS}
BREAKS |= {f"{column.name}.garbled": {column.name: ["a\ufffd"]} for column in TEXTS if not column.is_number}
SPANS = ({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}, {"minLength", "maxLength"})


def promises(entry: Mapping[str, Any], inside: bool = False) -> int:
    """Promises of one property: flags, options (a range is one, a length too), type, quality, insides."""
    options = set(entry.get("logicalTypeOptions") or ())
    spans = [] if inside else [span for span in SPANS if options & span]
    typed = inside or entry["logicalType"] != "string"
    inner = [*(entry.get("properties") or ()), *filter(None, [entry.get("items")])]
    inner += (entry.get("map") or {}).values()
    own = len(options - set().union(*spans)) + len(spans) + typed
    own += sum(bool(entry.get(flag)) for flag in ("required", "unique", "enum"))
    own += len(entry.get("relationships") or ()) + len(entry.get("quality") or ())
    return own + sum(promises(one, inside=True) for one in inner)


def test_the_bench_is_sound_odcs() -> None:
    assert [message for _, message in schema_faults(DOCUMENT)] == []


def test_no_promise_is_lost() -> None:
    table = DOCUMENT["schema"][0]
    said = sum(promises(entry) for entry in table["properties"])
    said += len(table["quality"]) + len(table["relationships"]) + len(DOCUMENT["slaProperties"])
    implied = [rule for rule in ORDERS.rules if rule.kind in (*IMPLIED, "damaged", "garbled")]
    assert len(implied) == 3 + 2 * len(TEXTS) - sum(column.is_number for column in TEXTS)
    assert len(ORDERS.rules) - len(implied) == said
    assert len({rule.id for rule in ORDERS.rules}) == len(ORDERS.rules)


def test_a_rule_runs_in_one_place_or_says_why_not() -> None:
    for rule in ORDERS.rules:
        assert rule.runs_in in ("row", "suite", "documented")
        assert bool(rule.why_documented) is (rule.runs_in == "documented"), rule.id
        assert rule.zh or rule.runs_in == "documented", rule.id


def test_what_is_documented_only_is_what_no_flat_file_can_show() -> None:
    documented = {short(rule.id): rule.why_documented for rule in ORDERS.rules_in("documented")}
    assert "look-around" in documented["strange.pattern"]
    assert "greatExpectations" in documented["custom"] and "soda" in documented["custom_2"]
    assert "prose" in documented["text"] and "several columns" in documented["references"]
    assert documented["customer.city.required"] and documented["tags.items.maxLength"]
    assert set(documented) & set(BREAKS) == set()


def short(rule_id: str) -> str:
    return rule_id.removeprefix(f"{ORDERS.id}.")


@pytest.fixture(scope="module")
def sound() -> CheckedRows:
    return check_rows(as_agreed(GOOD, ORDERS), ORDERS, {})


def failing(text: pl.DataFrame, past: Past, only: str = "") -> set[str]:
    """The rules a file breaks, rows and suite for real; of the suite `only` this rule (all by default)."""
    checked = check_rows(as_agreed(text, ORDERS), ORDERS, {})
    broken = {short(rule) for rule, count in checked.counts.items() if count}
    asked = tuple(rule for rule in ORDERS.rules_in("suite") if only in ("", short(rule.id)))
    return broken | suite(checked, replace(ORDERS, rules=asked), past)


def suite(checked: CheckedRows, contract: Contract, past: Past) -> set[str]:
    stage = mark_known(checked.stage, checked.references, "buyer", hashes(BUYERS))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "staged.duckdb"
        with duckdb.connect(path) as con:
            con.register("frame", stage.to_arrow())
            con.execute("CREATE TABLE staged AS SELECT * FROM frame")
        return {short(r.rule_id) for r in check_suite(contract, path, "staged", past).results if not r.passed}


def test_a_file_that_keeps_every_promise_breaks_no_rule(sound: CheckedRows) -> None:
    past = replace(PAST, previous_profile=profile_of(sound.stage, ORDERS))
    assert failing(GOOD, past) == set()
    assert (sound.good.height, sound.quarantined.height) == (12, 0)


def test_every_rule_that_runs_has_a_breach_here() -> None:
    runs = {short(rule.id) for rule in ORDERS.rules if rule.runs_in != "documented"}
    assert runs == set(BREAKS)


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_promise_fires_its_rule(name: str, sound: CheckedRows) -> None:
    past = replace(PAST, previous_profile=profile_of(sound.stage, ORDERS))
    if BREAKS[name] == "late":
        past = replace(past, known_date=date(2024, 4, 2))
    assert name in failing(spoiled(BREAKS[name]), past, name)


def spoiled(how: Any) -> pl.DataFrame:
    if how == "repeat":
        return pl.concat([GOOD, GOOD.head(2).with_columns(pl.col("row_no") + 100)])
    if how == "late":
        return GOOD
    if isinstance(how, int):
        more = GOOD.with_columns(
            pl.col("row_no") + 100, *(pl.col(c) + "1" for c in ("order_id", "receipt_no", "sku"))
        )
        return pl.concat([GOOD, more]).head(how)
    frame = GOOD
    for column, texts in how.items():
        old = frame[column].to_list() if column in frame.columns else [None] * frame.height
        frame = frame.with_columns(pl.Series(column, [*texts, *old[len(texts) :]], dtype=pl.String))
    return frame
