"""Data Docs of a run: Great Expectations' sections on pages that need no network and name nobody."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from data_contracts.delivery_checks.data_docs import Validation, write_data_docs
from data_contracts.delivery_checks.past import Past
from data_contracts.delivery_checks.runner import check_suite
from data_contracts.loading.contracts import load_contracts
from data_contracts.registry.tables import shipped_tables
from warehouse.database.connection import connect
from warehouse.database.staging import stage
from warehouse.database.tables import make_tables
from warehouse.deliveries.profiles import keep_validation, validations

pytestmark = pytest.mark.slow

ROLL = load_contracts()["civil_affairs.benefit_roll"]


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Validation]]:
    folder = tmp_path_factory.mktemp("docs")
    names = [f"has_{c.name}" for c in ROLL.columns]
    table = pl.DataFrame({"row_no": range(100)}).with_columns(
        pl.lit(True).alias(name) for name in (*names, "is_faulty")
    )
    table = table.with_columns(is_duplicate=False, category_code=pl.lit("dibao"), village_code=pl.lit("4401"))
    document = check_suite(ROLL, stage(folder / "s.duckdb", table), "staged", Past(200)).document
    con = connect(folder / "w.duckdb")
    con.execute("CREATE SCHEMA ops")
    make_tables(con, [shipped_tables()["ops.validation"]])
    con.execute(
        "CREATE TABLE ops.delivery AS SELECT 'd1' AS delivery_id, 'civil_affairs' AS department, "
        "'benefit_roll' AS extract, '<b>.csv' AS file_name, DATE '2025-09-05' AS known_date, "
        "'held' AS status"
    )
    keep_validation(con, "d1", document)
    results: list[Validation] = [*validations(con, date(2025, 9, 5))]
    con.close()
    refused = {**results[0][0], "delivery_id": "d2", "extract": "elder_care", "status": "rejected"}
    return folder, [*results, (refused, {})]


def test_an_index_and_a_page_per_checked_delivery(
    docs: tuple[Path, list[Validation]], tmp_path: Path
) -> None:
    index = write_data_docs(tmp_path / "data_docs", docs[1])
    assert sorted(p.name for p in index.parent.iterdir()) == ["d1.html", "index.html"]
    listed = index.read_text("utf-8")
    assert 'href="d1.html"' in listed and "d2.html" not in listed and "elder_care" in listed
    assert "&lt;b&gt;.csv" in listed and "<b>.csv" not in listed


def test_a_page_says_what_failed_and_what_was_not_checked(
    docs: tuple[Path, list[Validation]], tmp_path: Path
) -> None:
    page = (write_data_docs(tmp_path, docs[1]).parent / "d1.html").read_text("utf-8")
    assert "行数与上一期相比" in page and "n 100, before 200" in page
    assert page.count("text-danger") == 1 + 2  # the style, too few rows, and all of them faulty
    assert "Not checked" in page and "few_orphans" in page and "is_known_id_number" in page
    assert "SELECT row_no FROM" in page and "benefit_roll · 2025-09-05 · held" in page


def test_nothing_on_a_page_asks_the_network(docs: tuple[Path, list[Validation]], tmp_path: Path) -> None:
    write_data_docs(tmp_path, docs[1])
    for path in sorted(tmp_path.glob("*.html")):
        html = path.read_text("utf-8")
        assert not re.search(r"https?:|//[a-z]|<script|<link|<img|url\(|@import", html), path.name
        inward = set(re.findall(r'(?:src|href)="([^"]*)"', html))
        assert inward <= {"index.html", "d1.html"}, path.name


def test_the_same_results_give_the_same_bytes(docs: tuple[Path, list[Validation]], tmp_path: Path) -> None:
    one, two = (write_data_docs(tmp_path / name, docs[1]).parent for name in ("one", "two"))
    assert [p.read_bytes() for p in sorted(one.iterdir())] == [p.read_bytes() for p in sorted(two.iterdir())]


def test_the_document_keeps_no_rows_and_no_place(docs: tuple[Path, list[Validation]]) -> None:
    text = str(docs[1][0][1])
    assert "unexpected_rows'" not in text.replace("unexpected_rows_query", "") and str(docs[0]) not in text
