"""Rankings on the delivered list's ground: the same households may be listed, on as many lines."""

from __future__ import annotations

import polars as pl

from flows.context.site import open_site
from flows.evaluation.curves import CAPACITIES, SENT, TARGETS, curves_of_home
from flows.evaluation.truth import read_ranking_truth
from tests.helpers.homes import Made, reading


def test_every_ranking_fills_the_lines_that_were_sent(demo: Made) -> None:
    truth = read_ranking_truth(demo.province / "truth")
    with open_site(demo.home) as site:
        found = curves_of_home(site, truth)
    with reading(demo.home) as con:
        query = "SELECT count(*) FROM mart.alert WHERE queue = 'need' AND is_listed"
        ((sent,),) = con.execute(query).fetchall()
    hardship = found.at_lines.filter(target="in_hardship", lines=SENT)
    listed = dict(hardship.select("ranking", "listed_cnt").rows())
    assert listed["as_delivered"] == listed["rule_points"] == listed["random"] == sent > 0
    share = dict(hardship.select("ranking", "precision").rows())
    # how near the two are is a province's figure (docs/evidence.md): a demo this small has few lines
    assert min(share["as_delivered"], share["rule_points"]) > 2 * share["random"]
    counts = found.at_lines.filter(ranking="rule_points", target="in_hardship").filter(
        pl.col("lines") != SENT
    )
    assert counts["hit_cnt"].is_sorted() and counts.height == len(CAPACITIES)
    assert set(found.at_lines["target"]) == set(TARGETS)
    early = found.early.rows_by_key("ranking", named=True, unique=True)
    assert all(0 <= row["found_cnt"] <= row["spell_cnt"] for row in early.values())
