"""Papers: what a department's file holds is not asked of a family again."""

from __future__ import annotations

import polars as pl

from policies.casework.papers import papers
from policies.loading import load_catalogue
from transforms.casework.papers_text import known_facts, papers_text

PAPERS = pl.DataFrame(
    {"benefit_id": ["a", "a", "b"], "paper": ["id", "bills", "id"], "place": [0, 1, 0],
     "held_zh": ["身份证", "结算记录", "身份证"], "bring_zh": ["身份证", "票据", "身份证"],
     "facts": [["x"], ["y", "z"], ["x"]]},
)  # fmt: skip


def test_held_papers_are_named_apart_from_those_to_bring() -> None:
    rows = pl.DataFrame({"household_id": ["H1", "H1", "H2"], "x": [None, 1, None], "y": [False, None, True]})
    wanted = pl.DataFrame({"household_id": ["H1", "H1", "H2"], "benefit_id": ["a", "b", "a"]})
    text = papers_text(wanted, PAPERS, known_facts(rows, ["x", "y", "z"]), ("已有：", "请带："))
    assert dict(text.rows()) == {"H1": "已有：身份证\n请带：票据", "H2": "已有：结算记录\n请带：身份证"}


def test_every_benefit_has_its_papers_and_every_fact_is_one() -> None:
    catalogue, asked = load_catalogue(), papers()
    assert {benefit.id for benefit in catalogue.benefits} == set(asked.of_benefit)
    declared = set(catalogue.facts_of("person")) | set(catalogue.facts_of("household"))
    assert asked.facts <= declared
    codes = {paper.code for paper in asked.papers}
    assert {code for own in asked.of_benefit.values() for code in own} <= codes
