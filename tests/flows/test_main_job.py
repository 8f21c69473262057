"""The main job on a small province: nothing lost, nothing repeated, nothing planted missed."""

from __future__ import annotations

import re
import shutil
from datetime import datetime, time
from pathlib import Path

import polars as pl
import pytest

from data_contracts.contract.model import Contract
from data_contracts.loading.contracts import load_contracts
from flows.actions.decisions import release
from flows.actions.replay import replay_date
from flows.context.home import Home
from flows.context.site import open_site
from flows.evaluation.truth import dirt_caught, read_truth
from flows.queries.status import home_status
from tests.helpers.homes import (
    LISTS,
    Made,
    as_delivered,
    copy_home,
    file_hashes,
    grid,
    reading,
    rows_of,
    run_dates,
    table_hashes,
    tables,
    thin_inbox,
)


def rows_below_header(path: Path, contract: Contract) -> int:
    """How many rows with anything in them stand below the header."""
    rows, headers = grid(path), {c.header for c in contract.columns if c.required}
    first = next(i for i, row in enumerate(rows) if headers <= {cell.strip() for cell in row})
    return sum(any(cell.strip() for cell in row) for row in rows[first + 1 :])


def test_every_row_of_every_file_is_loaded_quarantined_or_a_duplicate(demo: Made) -> None:
    contracts = load_contracts()
    known = rows_of(demo.home, "SELECT * FROM ops.delivery ORDER BY delivery_id").to_dicts()
    files = {(p.parent.parent.name, p.parent.name, p.name): p for p in demo.inbox.glob("*/*/*")}
    assert {(str(d["known_date"]), d["department"], d["file_name"]) for d in known} == set(files)
    for one in known:
        path = files[(str(one["known_date"]), one["department"], one["file_name"])]
        contract = contracts[f"{one['department']}.{one['extract']}"]
        assert one["rows_read"] == rows_below_header(path, contract), path
        assert one["rows_read"] == one["rows_loaded"] + one["rows_quarantined"] + one["rows_duplicate"]


def test_the_account_equals_what_the_tables_hold(demo: Made) -> None:
    with reading(demo.home) as con:
        for delivery, extract, loaded, bad, again in con.execute(
            "SELECT delivery_id, extract, rows_loaded, rows_quarantined, rows_duplicate FROM ops.delivery"
        ).fetchall():
            counted = [
                con.execute(f"SELECT count({what}) FROM {table} WHERE delivery_id = ?", [delivery]).fetchone()
                for what, table in (
                    ("*", as_delivered(f"core.{extract}")),
                    ("DISTINCT row_no", "ops.quarantine"),
                    ("DISTINCT row_no", "ops.duplicate"),
                )
            ]
            assert [row and row[0] for row in counted] == [loaded, bad, again], delivery


def test_no_row_is_in_two_accounts(demo: Made) -> None:
    both = "SELECT delivery_id, row_no FROM ops.quarantine INTERSECT SELECT * FROM ops.duplicate"
    assert rows_of(demo.home, both).is_empty()


def clean_quarantined(made: Made, dirt: pl.DataFrame) -> pl.DataFrame:
    """Refused rows in which no dirt was planted: known_date, file_name, row_no, rule_id. Should be empty.

    Good rows of a delivery that waits as a whole are not refused.
    """
    planted = dirt.select(
        pl.col("file").str.split("/").list.get(0).str.to_date().alias("known_date"),
        pl.col("file").str.split("/").list.get(2).alias("file_name"),
        "row_no",
    )
    refused = rows_of(
        made.home,
        "SELECT d.known_date, d.file_name, q.row_no, q.rule_id FROM ops.quarantine q "
        "JOIN ops.delivery d USING (delivery_id) WHERE q.rule_id NOT LIKE '%.delivery_held' ORDER BY ALL",
    )
    return refused.join(planted, on=["known_date", "file_name", "row_no"], how="anti")


def test_planted_dirt_is_caught_and_no_clean_row_is_refused(demo: Made) -> None:
    truth = read_truth(demo.province / "truth")
    with open_site(demo.home) as site:
        caught = dirt_caught(site, truth, demo.dates[-1])
    wrongly = clean_quarantined(demo, truth["dirt"])
    assert wrongly.is_empty(), wrongly
    assert caught.get_column("planted_cnt").sum() == truth["dirt"].height
    assert caught.height >= 15
    missed = caught.filter(pl.col("caught_cnt") < 0.99 * pl.col("planted_cnt"))
    assert missed.is_empty(), missed


def test_the_same_files_again_change_nothing(demo: Made, tmp_path: Path) -> None:
    home = copy_home(demo.home, tmp_path / "home")
    kinds = (*LISTS, "reports", "published", "archive", "models")
    with reading(home) as con:
        rows, files = table_hashes(con), file_hashes(home.root, *kinds)
    run_dates(home, demo.inbox, demo.dates[:1])
    run_dates(home, demo.inbox, demo.dates[-1:])
    with reading(home) as con:
        assert table_hashes(con) == rows
    assert file_hashes(home.root, *kinds) == files


def test_a_file_sent_twice_under_two_names_is_taken_in_once(thin: Made, tmp_path: Path) -> None:
    home = copy_home(thin.home, tmp_path / "home")
    again = thin_inbox(thin.inbox, tmp_path / "inbox", ("benefit_roll",), dates=1)
    (sent,) = again.glob("*/*/*")
    sent.rename(sent.with_name(f"benefit_roll.again{sent.suffix}"))
    with reading(home) as con:
        # The vault is opened once more: it keeps the name for which the note has a hash.
        names = [name for name in tables(con) if name not in ("ops.inbox_note", "ops.vault_opening")]
        before = table_hashes(con, *names)
    assert run_dates(home, again) == [False]
    with reading(home) as con:
        assert table_hashes(con, *names) == before
    (noted,) = rows_of(home, "SELECT entry_name FROM ops.inbox_note WHERE code = 'same_bytes'").rows()
    assert re.search(rf"/benefit_roll\.p[0-9a-f]{{8}}{sent.suffix}$", noted[0]), (
        "a part nobody knows is a hash"
    )


@pytest.mark.long
def test_a_roll_that_did_not_change_was_delivered_all_the_same(thin: Made, tmp_path: Path) -> None:
    """A person says so first: the same bytes may as well be last month's file sent by mistake."""
    home, first, second = Home(tmp_path / "home"), *map(str, thin.dates[:2])
    inbox = thin_inbox(thin.inbox, tmp_path / "inbox", ("population", "benefit_roll"))
    shutil.copytree(inbox / first / "civil_affairs", inbox / second / "civil_affairs", dirs_exist_ok=True)
    run_dates(home, inbox)
    known = "SELECT known_date, status FROM ops.delivery WHERE extract = 'benefit_roll' ORDER BY 1"
    assert rows_of(home, known).rows() == [(thin.dates[0], "accepted"), (thin.dates[1], "held")]
    with open_site(home) as site:
        for held in home_status(site)["held"]:
            release(site, held["delivery_id"], "the department confirms it", "a tester")
    assert rows_of(home, known).rows() == [(day, "accepted") for day in thin.dates[:2]]


def test_a_case_has_one_number_per_date_and_queue(demo: Made) -> None:
    doubled = "SELECT alert_id FROM mart.alert GROUP BY alert_id HAVING count(*) > 1"
    assert rows_of(demo.home, doubled).is_empty()
    wrong = (
        "SELECT alert_id FROM mart.alert WHERE alert_id NOT LIKE strftime(as_of, '%Y%m%d') || '%' "
        "OR alert_id NOT LIKE CASE queue WHEN 'need' THEN '%-N' ELSE '%-C' END"
    )
    assert rows_of(demo.home, wrong).is_empty()
    over = (
        "SELECT as_of, town_code, count(*) FROM mart.alert WHERE is_listed AND queue = 'need' "
        "AND NOT is_overflow_red GROUP BY ALL HAVING count(*) > 12"
    )
    assert rows_of(demo.home, over).is_empty()


def test_past_lists_come_out_again_to_the_byte(demo: Made) -> None:
    with open_site(demo.home) as site:
        for day in demo.dates:
            again = replay_date(site, day)
            assert again.same_cnt >= 1 and again.changed == ()
            assert again.made_by == again.now


def test_replay_names_a_list_that_was_changed(thin: Made, tmp_path: Path) -> None:
    home = copy_home(thin.home, tmp_path / "home")
    first = sorted(home.dated("worklists", thin.dates[0]).glob("*.xlsx"))[0]
    first.write_bytes(first.read_bytes() + b" ")
    with open_site(home) as site:
        assert replay_date(site, thin.dates[0]).changed == (first.name,)


def test_lists_made_by_an_older_version_are_rebuilt_and_the_version_is_named(
    thin: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home goes on working under a new version; what its old lists say is compared, not who made them."""
    home = copy_home(thin.home, tmp_path / "home")
    monkeypatch.setattr("flows.context.site.rules_hash", lambda home: "f" * 64)
    with open_site(home) as site:
        again = replay_date(site, thin.dates[0])
        assert again.same_cnt > 0 and again.changed == ()
        assert again.now == "ffffffff" != again.made_by


@pytest.mark.long
def test_a_department_that_missed_a_month_is_stale_on_the_list(demo: Made, tmp_path: Path) -> None:
    inbox = thin_inbox(demo.inbox, tmp_path / "inbox", ("population", "disability_card"), dates=2)
    first, second = demo.dates[:2]
    (inbox / str(second) / "disabled_federation" / "disability_card.csv").unlink()
    home = Home(tmp_path / "home")
    run_dates(home, inbox)
    stale = "SELECT extract FROM mart.staleness WHERE is_stale AND NOT is_never AND as_of = "
    assert rows_of(home, f"{stale}'{first}'").rows() == []
    assert rows_of(home, f"{stale}'{second}'").rows() == [("disability_card",)]
    title = load_contracts()["disabled_federation.disability_card"].title_zh
    for path in home.dated("worklists", second).glob("*.xlsx"):
        assert any("数据已过期" in cell and title in cell for row in grid(path) for cell in row), path
    with open_site(home) as site:
        site.now = lambda: datetime.combine(second, time())
        states = {row["extract"]: row["state"] for row in home_status(site)["sources"]}
    assert states["disability_card"] == "stale" and states["population"] == "fresh"
    assert states["settlement"] == "never"
    # Its people keep what was last known of them: stale is not "no longer disabled".
    disabled = "SELECT count(*) FILTER (is_disabled) FROM panel.person WHERE as_of = "
    assert rows_of(home, f"{disabled}'{second}'").item() > 0


@pytest.mark.parametrize("kind", ["worklists", "reports"])
def test_every_date_has_its_papers(demo: Made, kind: str) -> None:
    for day in demo.dates:
        assert list(demo.home.dated(kind, day).iterdir())
