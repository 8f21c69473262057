"""From a declared column to the tables, the frames, the analysts' file and the dictionary, by one edit."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from data_contracts.loading.contracts import load_contracts
from data_contracts.registry.tables import FOLDER, Table, read_tables
from flows.handbook.dictionary import dictionary
from policies.catalogue.fact import Fact
from policies.loading import load_catalogue
from warehouse.database.connection import connect
from warehouse.database.partitions import StepDone, partition
from warehouse.database.schema import all_tables, create
from warehouse.database.tables import comment, ddl, make_tables
from warehouse.dated_rows import replace_partitions
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room

CONTRACTS = load_contracts()
ROLL = next(c for c in CONTRACTS.values() if c.extract == "benefit_roll")
NOW = datetime(2025, 10, 5, 8)  # noqa: DTZ001 (local wall time, as the tables keep it)
NEW = '    door_cnt: {type: integer, zh: 敲门次数, en: "how often somebody knocked"}\n'


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    con = connect(tmp_path / "warehouse.duckdb")
    yield con
    con.close()


def kinds(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return dict(con.execute(f"SELECT column_name, column_type FROM (DESCRIBE {table})").fetchall())


def with_one_more(folder: Path) -> dict[str, Table]:
    """A registry of its own: the shipped one with one line more, at the end of mart.policy_gap."""
    shutil.copytree(FOLDER, folder)
    file = folder / "mart.yaml"
    text = file.read_text()
    end = text.index("mart.outcome:")
    file.write_text(text[:end].rstrip("\n") + "\n" + NEW + "\n" + text[end:])
    return read_tables(folder)


def test_a_column_is_added_to_a_mart_by_one_edit(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    create(con, CONTRACTS, [])
    con.execute("INSERT INTO mart.policy_gap (as_of, household_id) VALUES ('2025-09-05', 'H1')")
    tables = with_one_more(tmp_path / "tables")
    gap = tables["mart.policy_gap"]

    assert ddl(gap).endswith('"nearest_zh" VARCHAR, "door_cnt" BIGINT)')
    assert make_tables(con, tables.values()) == ["mart.policy_gap.door_cnt"]
    assert make_tables(con, tables.values()) == []
    assert con.execute("SELECT household_id, door_cnt FROM mart.policy_gap").fetchall() == [("H1", None)]

    frame = pl.DataFrame({"household_id": ["H2"], "door_cnt": [3]}, schema_overrides=gap.schema())
    assert frame.schema["door_cnt"] == pl.Int64
    day = date(2025, 10, 5)
    replace_partitions(con, day, {"mart.policy_gap": frame}, StepDone(day, "score", "f", NOW))
    assert partition(con, "mart.policy_gap", day).select("household_id", "door_cnt").rows() == [("H2", 3)]

    page = dictionary(CONTRACTS, load_catalogue(), tables=tables)
    assert "| door_cnt | integer | 敲门次数 | how often somebody knocked | with the table 不公布 |" in page


def test_a_warehouse_made_earlier_gets_the_facts_and_keeps_its_rows(con: duckdb.DuckDBPyConnection) -> None:
    create(con, {}, [])
    con.execute("INSERT INTO panel.household (household_id) VALUES ('H1')")
    later = Fact(name="kwh", entity="household", type="integer", unit="", zh="电", sources=("meter",))
    for _ in range(2):
        create(con, {}, [later])
    assert con.execute("SELECT household_id, kwh FROM panel.household").fetchall() == [("H1", None)]
    assert "kwh" not in kinds(con, "panel.person")
    with pytest.raises(ZhaorenError, match="kwh has changed its type"):
        create(con, {}, [later.model_copy(update={"type": "text"})])
    assert kinds(con, "panel.household")["kwh"] == "BIGINT"


def test_a_fact_of_type_number_has_a_column_and_is_kept_exactly(con: duckdb.DuckDBPyConnection) -> None:
    fact = Fact(name="kwh_share", entity="household", type="number", unit="", zh="电", sources=("meter",))
    create(con, {}, [fact])
    assert kinds(con, "panel.household")["kwh_share"] == "DECIMAL(18,2)"
    day = date(2025, 9, 5)
    schema = all_tables([], [fact])["panel.household"].schema()
    frame = pl.DataFrame({"household_id": ["H1"], "kwh_share": [Decimal("0.30")]}, schema_overrides=schema)
    replace_partitions(con, day, {"panel.household": frame}, StepDone(day, "score", "f", NOW))
    back = partition(con, "panel.household", day)
    assert back.schema["kwh_share"] == schema["kwh_share"]
    assert back.item(0, "kwh_share") == Decimal("0.30")


def test_a_column_added_to_a_contract_is_added_to_its_table_and_its_view(
    con: duckdb.DuckDBPyConnection,
) -> None:
    """Else the first file of the longer contract could not be loaded into an older home."""
    shorter = replace(ROLL, columns=tuple(c for c in ROLL.columns if c.name != "stop_reason_code"))
    create(con, {ROLL.id: shorter}, [])
    con.execute("INSERT INTO core._benefit_roll (person_id, delivery_id) VALUES ('P1', 'd1')")
    con.execute("INSERT INTO ops.delivery (delivery_id, status) VALUES ('d1', 'accepted')")
    create(con, {ROLL.id: ROLL}, [])
    for table in ("core._benefit_roll", "core.benefit_roll"):
        assert con.execute(f"SELECT person_id, stop_reason_code FROM {table}").fetchall() == [("P1", None)]


def test_the_warehouse_itself_says_what_everything_means(con: duckdb.DuckDBPyConnection) -> None:
    facts = load_catalogue().panel_facts()
    create(con, CONTRACTS, facts)
    silent = con.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE NOT internal "
        "AND database_name = current_database() AND coalesce(comment, '') = '' UNION ALL "
        "SELECT schema_name, table_name, '' FROM duckdb_tables() WHERE coalesce(comment, '') = '' UNION ALL "
        "SELECT schema_name, view_name, '' FROM duckdb_views() WHERE NOT internal "
        "AND coalesce(comment, '') = ''"
    ).fetchall()
    assert silent == []


def test_a_comment_that_holds_already_is_not_written_again(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Every command opens the warehouse: hundreds of writes each time would make it slow and large."""
    create(con, CONTRACTS, [])
    tables = all_tables(CONTRACTS.values(), []).values()
    con.execute("CHECKPOINT")
    con.execute("SET checkpoint_threshold = '512MB'")
    comment(con, tables, "warehouse")
    assert (
        not (tmp_path / "warehouse.duckdb.wal").exists()
        or not (tmp_path / "warehouse.duckdb.wal").stat().st_size
    )


def test_core_tables_name_nobody(con: duckdb.DuckDBPyConnection) -> None:
    """What a contract classifies as an identifier has no column, in no table; unless it is hashed."""
    create(con, CONTRACTS, [])
    identifiers = [c for k in CONTRACTS.values() for c in k.columns if c.is_identifier]
    hidden = {c.name for c in identifiers if not c.is_hashed}
    assert len(hidden) > 5 and len(identifiers) > len(hidden)
    names = con.execute("SELECT DISTINCT column_name FROM duckdb_columns() WHERE NOT internal").fetchall()
    assert {name for (name,) in names} & hidden == set()


def test_whoever_inserts_names_the_columns() -> None:
    """A column that is added later stands at the end of an older home's table, and must not shift values."""
    root = room("warehouse")
    statements = [
        (path.name, text)
        for path in root.rglob("*.py")
        for text in re.findall(
            r"INSERT (?:OR REPLACE )?INTO (?:core|panel|mart|ops|\{)[^\"]*", path.read_text()
        )
    ]
    assert len(statements) > 20
    named = re.compile(r"INTO [\w.{}]+ (BY NAME|\()")
    assert [one for one in statements if not named.search(one[1])] == []
