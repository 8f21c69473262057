"""A list depends on nothing that came later: made at the time or rebuilt afterwards, it is the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from exchange.answers.filling import fill_worklist
from flows.actions.feedback import take_feedback
from flows.actions.replay import replay_date
from flows.context.site import open_site
from tests.helpers.homes import LISTS, Made, copy_home, file_hashes, reading, run_dates
from warehouse.database.partitions import partition


def test_a_home_that_stops_at_a_date_has_the_lists_of_one_that_went_on(thin: Made, thin_first: Made) -> None:
    first, home = thin.dates[0], thin_first.home
    kinds = [f"{kind}/{first}" for kind in LISTS]
    made_then = file_hashes(home.root, *kinds)
    assert made_then and made_then == file_hashes(thin.home.root, *kinds)
    with reading(home) as then, reading(thin.home) as later:
        for table in ("mart.alert", "mart.entitlement", "mart.signal", "panel.person", "panel.household"):
            sql = f"SELECT * FROM {table} WHERE as_of = '{first}' ORDER BY ALL"
            assert then.execute(sql).pl().equals(later.execute(sql).pl()), table


def test_answers_that_came_back_later_do_not_change_a_past_list(thin: Made, tmp_path: Path) -> None:
    home = copy_home(thin.home, tmp_path / "home")
    first, last = thin.dates[0], thin.dates[-1]
    with open_site(home) as site:
        lines = partition(site.con, "mart.alert", first).filter(pl.col("is_listed"), queue="need")
        assert lines.height
        files = []
        for path in sorted(home.dated("worklists", first).glob("*.xlsx")):
            mine = lines.filter(town_code=path.name[:9])
            filled = tmp_path / path.name
            fill_worklist(path, filled, answers_of(mine, first + timedelta(days=7)))
            files.append(filled)
        taken = take_feedback(site, files, last + timedelta(days=10))
        assert sum(t.outcomes for t in taken) == lines.height
        assert replay_date(site, first).changed == ()
        assert replay_date(site, last).changed == ()


@pytest.mark.long
def test_answers_known_by_a_date_do_change_its_list(thin: Made, thin_first: Made, tmp_path: Path) -> None:
    """The other side: what is known by then does count, or the tests above would prove nothing."""
    home = copy_home(thin_first.home, tmp_path / "home")
    first, last = thin.dates[0], thin.dates[-1]
    with open_site(home) as site:
        lines = partition(site.con, "mart.alert", first).filter(pl.col("is_listed"), queue="need")
        for path in sorted(home.dated("worklists", first).glob("*.xlsx")):
            filled = tmp_path / path.name
            fill_worklist(path, filled, answers_of(lines.filter(town_code=path.name[:9]), first))
            take_feedback(site, [filled], first + timedelta(days=10))
    run_dates(home, thin.inbox, [last])
    kinds = [f"worklists/{last}"]
    assert file_hashes(home.root, *kinds) != file_hashes(thin.home.root, *kinds)
    with open_site(home) as site:
        assert replay_date(site, last).changed == ()


def answers_of(lines: pl.DataFrame, found: object) -> pl.DataFrame:
    """Every line visited, and no hardship found."""
    return lines.select(
        "alert_id",
        result_code=pl.lit("40"),
        found_date=pl.lit(found),
        benefit_id=pl.lit(None, dtype=pl.String),
        note_zh=pl.lit(None, dtype=pl.String),
        worker=pl.lit("甲"),
    )
