"""Missing benefits against the made-up truth; and a source withheld makes answers unknown, never no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl
import pytest

from flows.context.site import open_site
from flows.evaluation.evaluate_entitlements import evaluate_entitlements
from flows.evaluation.truth import read_truth
from policies.catalogue.benefit import ENTITLED
from policies.catalogue.model import Catalogue
from policies.engine.evaluate_benefits import evaluate_benefits
from tests.helpers.homes import Made
from warehouse.database.partitions import newest_date, partition

GOAL = 0.95
KEY = ["benefit_id", "person_id", "household_id"]
SOURCES = ["benefit_roll", "disability_card", "population", "settlement", "child_welfare", "student_aid"]
SOURCES += ["enrolment", "pension_insurance", "elder_care", "housing_security", "major_illness", "disaster"]


def test_missing_benefits_found_are_truly_missing(demo: Made, capsys: pytest.CaptureFixture[str]) -> None:
    truth = read_truth(demo.province / "truth")
    with open_site(demo.home) as site:
        found = [
            evaluate_entitlements(site, truth, row[0]).benefits.filter(benefit_id="all")
            for row in site.con.execute("SELECT DISTINCT as_of FROM mart.entitlement ORDER BY 1").fetchall()
        ]
    sums = pl.concat(found).select(pl.col("claimed_cnt", "right_cnt").sum()).row(0, named=True)
    precision = sums["right_cnt"] / sums["claimed_cnt"]
    with capsys.disabled():
        told = f"{sums['right_cnt']} of {sums['claimed_cnt']} right, {precision:.3f} (goal {GOAL})"
        print(f"\nmissing benefits: {told}")
    assert sums["claimed_cnt"] > 200 and precision >= GOAL


@dataclass(frozen=True)
class World:
    """The rules and the newest panels of the demo."""

    catalogue: Catalogue
    day: date
    panels: dict[str, pl.DataFrame]

    def answers(self, without: str | None = None) -> pl.DataFrame:
        """Who may have what, with every fact of one source withheld."""
        frames = []
        for entity, panel in self.panels.items():
            lost = [
                fact.name
                for fact in self.catalogue.panel_facts()
                if fact.entity == entity and without in {source.partition(".")[0] for source in fact.sources}
            ]
            frames.append(panel.with_columns(pl.lit(None, panel.schema[name]).alias(name) for name in lost))
        persons, households = frames
        return evaluate_benefits(self.catalogue, persons, households, self.day).select(*KEY, "eligible")

    @cached_property
    def whole(self) -> pl.DataFrame:
        """Who may have what when every source is there."""
        return self.answers()


@pytest.fixture(scope="module")
def world(demo: Made) -> World:
    with open_site(demo.home) as site:
        day = newest_date(site.con)
        panels = {entity: partition(site.con, f"panel.{entity}", day) for entity in ("person", "household")}
        return World(site.catalogue, day, panels)


@pytest.mark.parametrize("source", SOURCES)
def test_without_a_source_nobody_is_refused(world: World, source: str) -> None:
    whole, short = world.whole, world.answers(source)
    had = whole.filter(pl.col("eligible").is_in(ENTITLED))
    now = had.join(short, on=KEY, how="left", nulls_equal=True, suffix="_now")
    refused = now.filter(pl.col("eligible_now").is_null() | (pl.col("eligible_now") == "no"))
    assert had.height > 300 and refused.is_empty(), refused["benefit_id"].value_counts().rows()
    # And nobody who is not entitled becomes so by what is not known.
    gained = short.filter(pl.col("eligible").is_in(ENTITLED)).join(had, on=KEY, how="anti", nulls_equal=True)
    was_open = gained.join(whole.filter(eligible="unknown"), on=KEY, how="semi", nulls_equal=True)
    assert gained.is_empty(), (gained["benefit_id"].value_counts().rows(), was_open.height)
