"""Identity stays behind its boundary: no number, name, phone or address in a file, a table or a log."""

from __future__ import annotations

import json
import signal
import stat
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from data_contracts.loading.contracts import load_contracts
from flows.cli.app import app
from flows.cli.terminal.console import explained_errors
from flows.context.home import Home
from flows.context.site import open_site
from tests.helpers.attacks import command
from tests.helpers.homes import (
    Made,
    copy_home,
    file_hashes,
    grid,
    killed_at,
    reading,
    rows_of,
    sent,
    tables,
    thin_inbox,
    zhaoren_command,
)
from warehouse.identity.vault import Vault
from warehouse.wholeness.vault_key import vault_key


@pytest.fixture(scope="module")
def secrets(demo: Made) -> dict[str, list[str]]:
    """What must not get out, by kind: everything the vault keeps and everything the truth planted."""
    with Vault(demo.home.vault, vault_key(demo.home.root)) as vault:
        numbers = vault.persons().get_column("id_number")
        identity = vault.con.execute("SELECT DISTINCT attribute, value FROM v.identity").pl()
        households = vault.household_aliases().get_column("household_no")
    planted = pl.read_parquet(demo.province / "truth" / "persons.parquet")
    ids = pl.concat([numbers, planted.get_column("id_number")]).drop_nulls().unique()
    found = {
        "id_number": ids,
        "id_start": ids.str.slice(0, 17),
        "id_15": ids.str.slice(0, 6) + ids.str.slice(8, 9),
        "household_no": pl.concat([households, planted.get_column("household_no")]).drop_nulls(),
    }
    for attribute, values in identity.group_by("attribute"):
        found[str(attribute[0])] = values.get_column("value")
    assert {"name", "phone", "address"} <= set(found)
    # Two-character names and short numbers are words and figures too; the longer ones stand for them.
    least = {"name": 3, "phone": 7}
    return {
        kind: sorted(v for v in set(values) if len(v) >= (3 if "name" in kind else least.get(kind, 7)))
        for kind, values in found.items()
    }


def leaks(text: str, secrets: dict[str, list[str]]) -> dict[str, list[str]]:
    """The secrets that stand in a text, by kind, at most three of each."""
    return leaking([("", text)], secrets).get("", {})


def leaking(
    pieces: Iterable[tuple[str, str]], secrets: dict[str, list[str]]
) -> dict[str, dict[str, list[str]]]:
    """Where texts stand -> the secrets in them. Searched together: making ready for the search costs most."""
    places, texts = zip(*pieces, strict=True)
    column, found = pl.Series(texts, dtype=pl.String), dict[str, dict[str, list[str]]]()
    for kind, values in secrets.items():
        for place, hits in zip(places, column.str.extract_many(values), strict=True):
            if hits.len():
                found.setdefault(place, {})[kind] = sorted(set(hits))[:3]
    return found


def contents(path: Path) -> Iterator[tuple[str, str]]:
    """A file's bytes as text, and each member of a workbook."""
    yield path.name, path.read_bytes().decode("utf-8", errors="ignore")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                yield f"{path.name}/{name}", book.read(name).decode("utf-8", errors="ignore")


def files_of(demo: Made) -> list[Path]:
    below = [p for p in demo.home.root.rglob("*") if p.is_file() and not p.is_relative_to(demo.province)]
    # Made to hold identities: receipts go to who sent the rows, reviews to who decides about two records.
    papers = {"receipts", "reviews"}
    return sorted(p for p in below if p.relative_to(demo.home.root).parts[0] not in papers)


def test_the_search_finds_what_it_looks_for(demo: Made, secrets: dict[str, list[str]]) -> None:
    """The inbox holds every kind of secret, and so would a file that leaked."""
    paths = sorted(demo.inbox.glob("*/*/*"))[:18]
    found = leaking(((path.name, "\n".join(" ".join(row) for row in grid(path))) for path in paths), secrets)
    kinds = {kind for kinds in found.values() for kind in kinds}
    assert {"id_number", "id_start", "name", "phone", "address", "household_no"} <= kinds
    assert "id_number" in found[sent(demo.inbox, demo.dates[0], "population").name]


def test_no_file_holds_an_identity(demo: Made, secrets: dict[str, list[str]]) -> None:
    looked = [p.relative_to(demo.home.root).parts[0] for p in files_of(demo)]
    kinds = ("archive", "worklists", "counties", "compliance", "published", "reports", "filled")
    assert {"vault.duckdb", "warehouse.duckdb", *kinds} <= set(looked)
    # In raw database pages a three-character name may be unrelated bytes; tables are read below.
    raw, plain = list[tuple[str, str]](), list[tuple[str, str]]()
    for path in files_of(demo):
        (raw if path.suffix in (".duckdb", ".fernet") else plain).extend(contents(path))
    numbers = {kind: values for kind, values in secrets.items() if kind != "name"}
    assert (leaking(plain, secrets), leaking(raw, numbers)) == ({}, {})


def test_a_killed_run_leaves_no_identity_lying_about(
    demo: Made, secrets: dict[str, list[str]], tmp_path: Path
) -> None:
    """The logs that a database writes ahead are as closed as the database."""
    inbox = thin_inbox(demo.inbox, tmp_path / "inbox", ("population",), dates=1)
    home = Home(tmp_path / "home")
    assert killed_at(home, inbox, "panel", 1, 0.1) == -signal.SIGKILL
    assert [p for p in home.root.rglob("*") if "vault" in p.name or p.suffix == ".wal"]
    numbers = {kind: values for kind, values in secrets.items() if kind != "name"}
    files = sorted(p for p in home.root.rglob("*") if p.is_file())
    assert leaking((piece for path in files for piece in contents(path)), numbers) == {}


@pytest.mark.parametrize("which", ["warehouse", "published"])
def test_no_table_holds_an_identity(demo: Made, secrets: dict[str, list[str]], which: str) -> None:
    path = getattr(demo.home, which)
    con = duckdb.connect(str(path), read_only=True)
    pieces, looked = list[tuple[str, str]](), 0
    try:
        for table in tables(con):
            frame = con.execute(f"SELECT * FROM {table}").pl()
            for column in frame.select(
                pl.col(pl.String), pl.col(pl.List(pl.String)).list.join("\n")
            ).iter_columns():
                values = column.drop_nulls().unique()
                looked += values.len()
                if values.len():
                    pieces.append((f"{table}.{column.name}", "\n".join(values)))
    finally:
        con.close()
    assert looked > 1000
    assert leaking(pieces, secrets) == {}


def test_receipts_hold_the_departments_own_refused_rows_and_nobody_elses(
    demo: Made, secrets: dict[str, list[str]]
) -> None:
    contracts, seen, said = load_contracts(), 0, list[tuple[str, str]]()
    for path in sorted((demo.home.root / "receipts").rglob("*.xlsx")):
        if path.stem == "入户核实反馈":  # what families say of a department's facts, by case numbers alone
            continue
        day, department, name = path.relative_to(demo.home.root / "receipts").parts
        extract = name.removesuffix(".xlsx")
        book = openpyxl.load_workbook(path, read_only=True)
        for sheet in ("说明", "汇总"):
            text = "\n".join(
                str(c) for row in book[sheet].iter_rows(values_only=True) for c in row if c is not None
            )
            said.append((f"{path}/{sheet}", text))
        listed = list(book["问题行"].iter_rows(values_only=True))[1:]
        refused = rows_of(
            demo.home,
            "SELECT DISTINCT row_no FROM ops.quarantine q JOIN ops.delivery d USING (delivery_id) "
            f"WHERE known_date = '{day}' AND extract = '{extract}' "
            "AND rule_id NOT LIKE '%delivery_held' ORDER BY 1",
        ).get_column("row_no")  # good rows of a held delivery only wait
        assert [int(str(row[0])) for row in listed] == refused.to_list(), path
        (source,) = (demo.inbox / day / department).glob(f"{extract}.*")
        original = grid(source)
        headers = {c.header for c in contracts[f"{department}.{extract}"].columns}
        for row in listed:
            # A date cell is read with its time; midnight says nothing.
            own = {cell.strip().removesuffix(" 00:00:00") for cell in original[int(str(row[0])) - 1]}
            given = {str(cell).strip() for cell in row[3:] if cell is not None}
            assert {g for g in given if g not in own and g not in headers} == set(), (path, row[0])
            seen += 1
    assert seen > 100
    assert leaking(said, secrets) == {}


def test_nothing_printed_holds_an_identity(demo: Made, secrets: dict[str, list[str]]) -> None:
    alert = rows_of(demo.home, "SELECT alert_id FROM mart.alert WHERE is_listed ORDER BY 1").item(0, 0)
    printed = [demo.printed]
    (benefits,) = (demo.inbox / str(demo.dates[0])).glob("civil_affairs/benefit_roll.*")
    for args in (
        ("status", "--home", demo.home.root),
        ("status", "--json", "--home", demo.home.root),
        ("explain", alert, "--home", demo.home.root),
        ("explain", alert, "--json", "--home", demo.home.root),
        ("peek", benefits),
        ("check", benefits, "--contract", "civil_affairs.benefit_roll", "--json"),
        ("replay", "--as-of", demo.dates[0], "--home", demo.home.root),
    ):
        done = CliRunner().invoke(app, [str(a) for a in args])
        assert done.exit_code == (1 if args[0] == "check" else 0), done.output
        printed.append(done.output)
    assert leaks("\n".join(printed), secrets) == {}


def test_a_defect_of_ours_tells_where_and_quotes_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Messages of libraries quote cells, those of the errors behind an error too."""
    monkeypatch.chdir(tmp_path)
    number = "11010519491231002X"
    with pytest.raises(typer.Exit) as ended, explained_errors():
        try:
            raise ValueError(f"cannot read {number}")
        except ValueError as behind:
            raise KeyError(number) from behind
    assert ended.value.exit_code == 1
    said = "".join(capsys.readouterr())
    assert "test_privacy.py" in said and "KeyError" in said
    assert number not in said
    assert list(tmp_path.iterdir()) == [], "where there is no home, nothing is written anywhere"


def test_contact_is_shown_only_when_asked_and_the_opening_is_logged(demo: Made, tmp_path: Path) -> None:
    home = copy_home(demo.home, tmp_path / "home")
    openings = "SELECT subject, opened_by, command FROM ops.vault_opening WHERE purpose = 'contact'"
    alert, household = rows_of(
        home, "SELECT alert_id, household_id FROM mart.alert WHERE is_listed ORDER BY 1"
    ).row(0)
    own_key: dict[str, str | None] = {"ZHAOREN_VAULT_KEY": None}
    assert command("explain", alert, "--home", home.root, env=own_key).returncode == 0
    assert rows_of(home, openings).is_empty()
    who = {"ZHAOREN_BY": "Chen, visits"}
    asked = zhaoren_command("explain", alert, "--contact", "--home", home.root, env=who)
    assert "姓名" in asked.stdout and "住址" in asked.stdout
    assert rows_of(home, openings).rows() == [(household, "Chen, visits", "explain")]
    shown = command("openings", "--last", "1", "--json", "--home", home.root, env=own_key)
    assert json.loads(shown.stdout)[0]["opened_by"] == "Chen, visits"


def test_every_opening_of_the_vault_by_a_run_is_on_record(demo: Made) -> None:
    logged = rows_of(demo.home, "SELECT as_of, purpose FROM ops.vault_opening").rows()
    for day in demo.dates:
        assert {"load", "deliver"} <= {purpose for as_of, purpose in logged if as_of == day}


def test_the_key_is_its_owners_alone(demo: Made) -> None:
    assert stat.S_IMODE((demo.home.root / "vault.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["run", "status"])
def test_a_wrong_key_is_told_clearly_and_changes_nothing(demo: Made, tmp_path: Path, name: str) -> None:
    home = copy_home(demo.home, tmp_path / "home")
    (home.root / "vault.key").unlink()
    before = file_hashes(home.root)
    more = {"run": ("--plain", "--inbox", demo.inbox)}.get(name, ())
    wrong = {"ZHAOREN_VAULT_KEY": "not the key of this home"}
    done = zhaoren_command(name, *more, "--home", home.root, env=wrong)
    assert done.returncode == 1
    assert "The vault's key is wrong." in done.stderr and "what to do" in done.stderr
    assert "Traceback" not in done.stderr
    changed = {name for name, sha in file_hashes(home.root).items() if before.get(name) != sha}
    assert changed <= {"warehouse.duckdb"}  # that it was refused is on record (ops.vault_opening)


def test_a_lost_key_is_told_before_anything_is_made(demo: Made, tmp_path: Path) -> None:
    home = copy_home(demo.home, tmp_path / "home")
    (home.root / "vault.key").unlink()
    before = file_hashes(home.root)
    done = zhaoren_command("status", "--home", home.root)
    assert done.returncode == 1 and "The vault's key is missing." in done.stderr
    assert file_hashes(home.root) == before


def test_a_tampered_original_is_noticed(demo: Made, tmp_path: Path) -> None:
    from warehouse.database.archive import archive_path, restore
    from zhaoren.errors import ZhaorenError

    home = copy_home(demo.home, tmp_path / "home")
    with open_site(home) as site:
        (sha,) = rows_of_job(site.con)
        back = restore(home.archive, sha, site.vault_key, tmp_path / "back")
        assert back.stat().st_size > 0
        kept = archive_path(home.archive, sha)
        kept.write_bytes(kept.read_bytes()[:-30] + b"A" * 29 + b"\n")
        with pytest.raises(ZhaorenError, match="cannot be read back"):
            restore(home.archive, sha, site.vault_key, tmp_path / "again")


def rows_of_job(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    return con.execute("SELECT sha256 FROM ops.delivery ORDER BY delivery_id LIMIT 1").fetchall()[0]


def test_every_original_can_be_read_back_as_it_came(demo: Made, tmp_path: Path) -> None:
    from warehouse.database.archive import restore, sha256_of

    came = {sha256_of(p) for p in demo.inbox.glob("*/*/*")}
    with reading(demo.home) as con:
        known = {sha for (sha,) in con.execute("SELECT sha256 FROM ops.delivery").fetchall()}
    assert known == came
    key = vault_key(demo.home.root)
    for place, sha in enumerate(sorted(came)):
        assert sha256_of(restore(demo.home.archive, sha, key, tmp_path / str(place))) == sha
