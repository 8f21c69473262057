"""The analysts' file: whole or not at all, readable while it is replaced, nobody in it to be recognised."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from data_contracts.loading.contracts import load_contracts
from flows.actions.publishing import publish_home
from flows.context.site import open_site
from policies.analysis.restricted import restricted
from policies.loading import load_catalogue
from tests.helpers.homes import Made, clean_env, copy_home, reading, tables, zhaoren_command
from warehouse.database.extract_tables import core_name
from warehouse.database.schema import all_tables
from warehouse.publishing.publish import write_parquet

ROOT = Path(__file__).parents[2]
# Opens the file, says so, waits for a line, and counts again on the same connection.
READER = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
ask = "SELECT count(*) FROM mart.alert"
print(con.execute(ask).fetchone()[0], flush=True)
sys.stdin.readline()
print(con.execute(ask).fetchone()[0], con.execute("SELECT count(queue) FROM mart.alert").fetchone()[0])
"""


@pytest.fixture(scope="module")
def analysts(demo: Made) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(demo.home.published), read_only=True)


def test_any_client_reads_the_marts(analysts: duckdb.DuckDBPyConnection) -> None:
    there = set(tables(analysts))
    assert {"mart.alert", "mart.entitlement", "mart.outcome", "mart.staleness", "ops.delivery"} <= there
    assert {"panel.person", "panel.household", "mart.signal", "ops.check_result"} <= there
    for table in ("mart.alert", "mart.entitlement", "mart.outcome", "mart.evaluation", "panel.household"):
        assert analysts.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] > 0
    with pytest.raises(duckdb.Error):
        analysts.execute("DELETE FROM mart.alert")


def test_nobody_is_lost_but_by_what_is_restricted(analysts: duckdb.DuckDBPyConnection, demo: Made) -> None:
    """Folding leaves out values, never rows."""
    with reading(demo.home) as con:
        for table, rows in {
            "panel.person": "panel.person WHERE as_of = (SELECT max(as_of) FROM panel.person)",
            "panel.household": "panel.household WHERE as_of = (SELECT max(as_of) FROM panel.household)",
            "mart.signal": "mart.signal WHERE signal_id NOT IN ('C03', 'I11')",
            "mart.entitlement": "mart.entitlement "
            "WHERE benefit_id NOT IN ('unsupported_child', 'unemployment_insurance')",
        }.items():
            expected = con.execute(f"SELECT count(*) FROM {rows}").fetchall()
            assert analysts.execute(f"SELECT count(*) FROM {table}").fetchall() == expected, table


def band(column: str, upto: dict[int, str]) -> pl.Expr:
    """The name of the first band that reaches up to the value."""
    return pl.coalesce(pl.when(pl.col(column) <= last).then(pl.lit(name)) for last, name in upto.items())


def test_whoever_knows_a_person_finds_five_that_may_be_it(
    analysts: duckdb.DuckDBPyConnection, demo: Made
) -> None:
    """tried §8 A6. Each true person against each published row, with bands of the test's own making."""
    with reading(demo.home) as con:
        truth = con.execute(
            "SELECT p.age_years, p.sex_code, p.is_disabled, left(p.town_code, 4) AS city_code, "
            "p.benefit_category_code, h.member_cnt, p.disability_grade FROM panel.person p "
            "LEFT JOIN panel.household h USING (as_of, household_id) "
            "WHERE p.as_of = (SELECT max(as_of) FROM panel.person)"
        ).pl()
    ages = band("age_years", {5: "0-5", 17: "6-17", 35: "18-35", 59: "36-59", 79: "60-79", 150: "80+"})
    sizes = band("member_cnt", {1: "1", 2: "2", 4: "3-4", 99: "5+"})
    truth = truth.with_columns(age_band=ages, member_band=sizes)
    known = ["age_band", "sex_code", "is_disabled", "city_code", "benefit_category_code", "member_band"]
    known.append("disability_grade")
    told = analysts.execute("SELECT * FROM panel.person").pl().group_by(*known, "not_shown").len("alike")
    pairs = truth.select(known).unique().with_row_index().join(told, how="cross", suffix="_told")
    fits = [
        pl.col(c).eq_missing(pl.col(f"{c}_told")) | pl.col("not_shown").str.split(",").list.contains(c)
        for c in known
    ]
    found = pairs.filter(*fits).group_by("index").agg(pl.col("alike").sum())
    assert found.height == truth.select(known).n_unique() > 300
    assert int(str(found["alike"].min())) >= 5


def test_no_column_of_the_vault_and_no_free_text_of_a_worker(analysts: duckdb.DuckDBPyConnection) -> None:
    names = {
        name
        for (name,) in analysts.execute(
            "SELECT column_name FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    }
    hidden = {c.name for k in load_contracts().values() for c in k.columns if core_name(c) != c.name}
    assert len(hidden) > 5
    assert names & hidden == set()
    assert names & {"birth_date", "note_zh", "worker", "sentence_zh"} == set()
    assert not any(t.startswith(("v.", "raw.")) or "vault" in t for t in tables(analysts))


def test_columns_say_what_they_mean(analysts: duckdb.DuckDBPyConnection) -> None:
    comments = {
        (table, column): comment
        for table, column, comment in analysts.execute(
            "SELECT schema_name || '.' || table_name, column_name, comment FROM duckdb_columns() "
            "WHERE NOT internal"
        ).fetchall()
    }
    assert len(comments) > 150
    assert [place for place, comment in comments.items() if not comment] == []
    named = analysts.execute("SELECT table_name, comment FROM duckdb_tables() WHERE NOT internal").fetchall()
    assert len(named) == 23
    assert [table for table, comment in named if not comment] == []


def test_what_is_withheld_is_not_in_the_file(analysts: duckdb.DuckDBPyConnection) -> None:
    """Said here once more, so that a slip in the registry shows."""
    found = {name for (name,) in analysts.execute("SELECT column_name FROM duckdb_columns()").fetchall()}
    ids = {"person_id", "other_person_id", "household_id", "alert_id", "same_as", "signal_person_ids"}
    words = {"reason_zh", "missing_benefits_zh", "nearest_zh", "sentence_zh", "questions_zh", "reason"}
    exact = {"town_code", "village_code", "points", "score", "list_rank", "fact_date", "death_date"}
    files = {"file_name", "headers", "sha256", "detail", "row_no"}
    assert found & (ids | words | exact | files) == set()
    for table in ("person", "household", "fact", "golden", "attribute_conflict"):
        dates = analysts.execute(f"SELECT count(DISTINCT as_of) FROM panel.{table}").fetchall()
        assert dates == [(1,)], table


def test_every_column_of_a_home_is_declared_and_every_declared_one_is_there(demo: Made) -> None:
    tables = all_tables(load_contracts().values(), load_catalogue().panel_facts())
    declared = {(t.name, name, kind) for t in tables.values() for name, kind in t.duckdb_types.items()}
    with reading(demo.home) as con:
        there = con.execute(
            "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE NOT internal AND database_name = current_database()"
        ).fetchall()
    assert set(there) == declared


def test_a_key_makes_a_row_unique(demo: Made) -> None:
    tables = all_tables([], load_catalogue().panel_facts())
    keyed = {name: table.key for name, table in tables.items() if table.key}
    assert len(keyed) > 20
    with reading(demo.home) as con:
        for table, key in keyed.items():
            query = f"SELECT count(*), count(DISTINCT row({', '.join(key)})) FROM {table}"
            rows, distinct = con.execute(query).fetchall()[0]
            assert rows == distinct, table


def test_a_reader_keeps_reading_while_the_file_is_replaced(demo: Made, tmp_path: Path) -> None:
    home = copy_home(demo.home, tmp_path / "home")
    command = [sys.executable, "-c", READER, str(home.published)]
    with subprocess.Popen(
        command,
        env=clean_env(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout
        before = int(reader.stdout.readline())
        inode = home.published.stat().st_ino
        with open_site(home) as site:
            site.con.execute("DELETE FROM mart.alert WHERE as_of = ?", [demo.dates[-1]])
            rows = publish_home(site).rows
        assert home.published.stat().st_ino != inode
        told, complained = reader.communicate("\n", timeout=60)
    assert told.split() == [str(before), str(before)], complained
    with duckdb.connect(str(home.published), read_only=True) as fresh:
        assert fresh.execute("SELECT count(*) FROM mart.alert").fetchall() == [(rows["mart.alert"],)]
    assert 0 < rows["mart.alert"] < before
    assert sorted(p.name for p in home.published.parent.iterdir()) == ["analytics.duckdb"]


def test_a_broken_publishing_leaves_the_old_file(demo: Made, tmp_path: Path) -> None:
    home = copy_home(demo.home, tmp_path / "home")
    before = home.published.read_bytes()
    with open_site(home) as site:
        site.con.execute("DROP TABLE ops.quarantine")
        with pytest.raises(duckdb.Error):
            publish_home(site)
        assert home.published.read_bytes() == before
    done = zhaoren_command(
        "publish", "--home", home.root
    )  # makes the table again, and clears the half-made file
    assert done.returncode == 0, done.stderr
    assert "mart.alert" in done.stdout
    assert sorted(p.name for p in home.published.parent.iterdir()) == ["analytics.duckdb"]


def test_the_same_warehouse_publishes_the_same_rows(demo: Made, tmp_path: Path) -> None:
    home = copy_home(demo.home, tmp_path / "home")
    with open_site(home) as site:
        once, again = publish_home(site), publish_home(site)
        assert once.rows == again.rows
        assert once.anonymity.equals(again.anonymity)


def test_names_stand_beside_the_codes(analysts: duckdb.DuckDBPyConnection) -> None:
    """tried §6: no place names, no code tables, no names of benefits and signals."""
    unnamed = """
      SELECT DISTINCT signal_id FROM mart.signal
      WHERE signal_id NOT IN (SELECT rule_id FROM ref.rule WHERE kind = 'signal')
      UNION ALL SELECT DISTINCT benefit_id FROM mart.entitlement
      WHERE benefit_id NOT IN (SELECT rule_id FROM ref.rule WHERE kind = 'benefit')
      UNION ALL SELECT DISTINCT city_code FROM mart.alert
      WHERE city_code NOT IN (SELECT place_code FROM ref.place)
      UNION ALL SELECT DISTINCT result_code FROM mart.outcome
      WHERE result_code NOT IN (SELECT rule_id FROM ref.rule WHERE kind = 'result')"""
    assert analysts.execute(unnamed).fetchall() == []
    assert analysts.execute("SELECT count(*) FROM ref.place WHERE length(place_code) > 9").fetchall() == [
        (0,)
    ]
    assert analysts.execute(
        "SELECT label_zh FROM ref.code WHERE code_table = 'sex' ORDER BY code"
    ).fetchall() == [
        ("男",),
        ("女",),
    ]


def test_every_benefit_has_its_coverage_and_trends_are_not_the_capacity(
    analysts: duckdb.DuckDBPyConnection,
) -> None:
    """tried §6: coverage missing for 14 of 32 benefits; a trend of listed households is the capacity."""
    per_date = "SELECT DISTINCT n FROM (SELECT as_of, count(*) AS n FROM mart.coverage GROUP BY 1)"
    hidden = restricted(load_catalogue(), load_contracts().values()).benefits
    assert hidden == {"unsupported_child", "unemployment_insurance"}
    assert analysts.execute(per_date).fetchall() == [
        (len({b.id for b in load_catalogue().benefits} - hidden),)
    ]
    counted, found, listed = analysts.execute(
        "SELECT (SELECT count(*) FROM mart.alert), sum(found_cnt), sum(listed_cnt) FROM mart.found_by_place"
    ).fetchall()[0]
    assert counted == found > listed
    missing = (
        "SELECT count(*) FROM mart.entitlement "
        "WHERE benefit_id = 'premium_subsidy' AND eligible = 'likely' AND NOT is_receiving"
    )
    said = "SELECT sum(missing_likely_cnt) FROM mart.coverage WHERE benefit_id = 'premium_subsidy'"
    assert analysts.execute(said).fetchall() == analysts.execute(missing).fetchall()


def test_every_table_goes_out_as_parquet_too(demo: Made, tmp_path: Path) -> None:
    """tried §6: no Parquet."""
    written = write_parquet(demo.home.published, tmp_path)
    assert len(written) == 23
    assert pl.read_parquet(tmp_path / "mart.alert.parquet").height > 0


def test_the_notebook_runs(demo: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """tried §6: no notebook."""
    monkeypatch.setenv("ZHAOREN_PUBLISHED", str(demo.home.published))
    book = json.loads((ROOT / "docs/examples/analysis.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    names: dict[str, object] = {}
    for cell in cells:
        exec(cell, names)
    assert len(cells) == 4
