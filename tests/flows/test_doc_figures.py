"""Figures in the pages are those of the demo that the pages name."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.app import app
from tests.helpers import doc_figures
from tests.helpers.homes import Made


@pytest.fixture(scope="module")
def figures(demo: Made) -> dict[str, str]:
    return doc_figures.named_figures(demo.home, demo.province)


def text_of(page: str) -> str:
    return (doc_figures.ROOT / page).read_text(encoding="utf-8")


def test_every_figure_in_the_pages_can_be_computed(figures: dict[str, str]) -> None:
    """tried §4, §5: figures in the documents were not the demo's."""
    named = {name for page in doc_figures.PAGES for _, name in doc_figures.NAMED.findall(text_of(page))}
    learned = {"model.share", "model.low", "model.high"}  # three months are too few for a model
    assert named - learned <= set(figures)
    assert {"rows_read", "undetected", "unnumbered_wrong", "rule_points.share", "warehouse_mb"} <= named
    assert figures["unnumbered_wrong"] == "0"


def test_both_readmes_name_the_same_figures() -> None:
    english, chinese = (doc_figures.NAMED.findall(text_of(page)) for page in doc_figures.PAGES[:2])
    assert sorted(english) == sorted(chinese)
    assert len(english) > 20


def test_a_figure_is_renewed_and_a_size_only_when_it_is_far_off() -> None:
    page = "1,000<!--rows_read--> rows, 78<!--vault_mb--> MB and 50<!--archive_mb--> MB"
    fresh = doc_figures.with_figures(page, {"rows_read": "2,000", "vault_mb": "80", "archive_mb": "80"})
    assert fresh == "2,000<!--rows_read--> rows, 78<!--vault_mb--> MB and 80<!--archive_mb--> MB"


def test_every_query_for_analysts_is_answered_below_it(demo: Made) -> None:
    old = text_of(doc_figures.ANSWERS)
    new = doc_figures.with_answers(old, demo.home.published)
    queries = [found[1] for found in doc_figures.ANSWERED.findall(old)]
    assert len(queries) >= 7
    assert [found[1] for found in doc_figures.ANSWERED.findall(new)] == queries


@pytest.mark.long
def test_the_pages_have_the_figures_of_the_demo_they_name(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["demo", "--plain", "--home", str(tmp_path / "home")])
    assert ran.exit_code == 0, ran.output
    assert doc_figures.main(tmp_path / "home", check=True) == 0
