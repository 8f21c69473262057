"""What comes in may be broken, and so may the disk: said plainly, nothing lost, the rest goes on."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from exchange.words import words as template_words
from flows.cli.app import app
from flows.context.home import Home
from flows.context.site import open_site
from tests.helpers.homes import (
    COMMAND,
    KEY,
    Made,
    assert_same_lists,
    clean_env,
    copy_home,
    file_hashes,
    rows_of,
    run_dates,
    thin_inbox,
    zhaoren_command,
)
from warehouse.database.archive import restore, sha256_of
from warehouse.wholeness.vault_key import vault_key

NOISE = random.Random(5).randbytes(20_000)
RAIN_TEXT = "日期,雨量\n2025-09-01,3\n".encode()
RAIN = f"file-{hashlib.sha256(RAIN_TEXT).hexdigest()[:12]}.csv"  # no contract knows a word of its name


def spoil(inbox: Path, day: str, whole: Path) -> dict[str, str]:
    """Put broken files beside the good ones; returns file name -> words its refusal must hold."""
    folder, source = inbox / day, whole / day

    def put(name: str, content: bytes) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    put("civil_affairs/benefit_roll.csv", NOISE)
    put("civil_affairs/child_welfare.xlsx", NOISE)
    put("civil_affairs/cremation_marriage.csv", b"")
    put("human_resources/unemployment.csv", (source / "civil_affairs/elder_care.csv").read_bytes())
    put("health/major_illness.csv", "甲,乙,丙\n1,2,3\n".encode())
    put("weather/rain.csv", RAIN_TEXT)
    put(
        "medical_insurance/enrolment.parquet",
        (source / "medical_insurance/enrolment.parquet").read_bytes()[:3000],
    )
    put("disabled_federation/disability_card.xls", b"PK\x03\x04" + NOISE)
    return {
        "benefit_roll.csv": "benefit_roll",
        "child_welfare.xlsx": "the file cannot be read",
        "cremation_marriage.csv": "empty",
        "unemployment.csv": "elder_care",
        "major_illness.csv": "no header row was found",
        RAIN: "named after no department",
        "enrolment.parquet": "enrolment.parquet",
        "disability_card.xls": "disability_card.xls",
    }


# The home, its inbox, what is to be said of each broken file, and how the command ended.
Spoiled = tuple[Home, Path, dict[str, str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def spoiled(thin: Made, tmp_path_factory: pytest.TempPathFactory) -> Spoiled:
    """A month with six broken kinds of files among two good ones, run by the command."""
    place = tmp_path_factory.mktemp("spoiled")
    inbox = thin_inbox(thin.inbox, place / "inbox", ("population", "settlement"), dates=1)
    words = spoil(inbox, str(thin.dates[0]), thin.province / "whole" / "inbox")
    home = Home(place / "home")
    done = zhaoren_command("run", "--plain", "--home", home.root, "--inbox", inbox)
    return home, inbox, words, done


def test_a_broken_file_is_refused_in_plain_words_and_the_others_are_loaded(spoiled: Spoiled) -> None:
    home, _, words, done = spoiled
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    known = rows_of(
        home, "SELECT file_name, status, reason, rows_read, rows_loaded, error_code FROM ops.delivery"
    )
    rejected = {row["file_name"]: row for row in known.filter(status="rejected").to_dicts()}
    assert set(rejected) == set(words)
    refusals = template_words("receipt")["refusals"]
    for name, row in rejected.items():
        assert words[name] in row["reason"] and "what to do: " in row["reason"], row
        assert row["rows_read"] == row["rows_loaded"] == 0
        assert row["error_code"] == CODES.get(name, "not_readable")
        assert refusals[row["error_code"]]["zh"] in receipt_text(home, row["file_name"])
        (said,) = [line for line in done.stdout.splitlines() if f"/{name}: " in line]
        assert said.startswith("not loaded ") and len(said.partition(f"{name}: ")[2]) > 10
    assert "weather" not in done.stdout + done.stderr and "rain" not in done.stdout + done.stderr
    good = known.filter(status="accepted")
    assert set(good["error_code"]) == {""}
    assert set(good["file_name"]) == {"population.csv", "settlement.csv"}
    assert (good.get_column("rows_loaded") > 0).all()
    assert list(home.dated("worklists", date_of(home)).glob("*.xlsx"))


# Those not named here cannot be read as a table at all.
CODES = {
    "cremation_marriage.csv": "file_empty",
    "unemployment.csv": "other_extract",
    "major_illness.csv": "header_not_found",
    RAIN: "no_contract",
}


def receipt_text(home: Home, file_name: str) -> str:
    """Every cell of the first sheet of a file's receipt."""
    (path,) = home.dated("receipts", date_of(home)).glob(f"*/{file_name.split('.')[0]}.xlsx")
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell)


def date_of(home: Home) -> date:
    return rows_of(home, "SELECT max(known_date) FROM ops.delivery").item()


def test_a_refused_file_is_kept_all_the_same(spoiled: Spoiled, tmp_path: Path) -> None:
    home, inbox, words, _ = spoiled
    for path in inbox.glob("*/*/*"):
        sha = sha256_of(path)
        assert (
            restore(home.archive, sha, vault_key(home.root), tmp_path / sha).read_bytes() == path.read_bytes()
        )
    # What nobody could read is kept encrypted too.
    assert all(NOISE[:64] not in p.read_bytes() for p in home.archive.rglob("*.fernet"))


def test_a_mended_file_is_taken_in_on_the_same_date(spoiled: Spoiled, thin: Made, tmp_path: Path) -> None:
    home = copy_home(spoiled[0], tmp_path / "home")
    inbox = thin_inbox(thin.inbox, tmp_path / "inbox", dates=1)
    before = file_hashes(home.root, "worklists")
    assert run_dates(home, inbox) == [True]
    statuses = rows_of(
        home,
        "SELECT status, count(*) AS n FROM ops.delivery WHERE extract = 'benefit_roll' GROUP BY 1 ORDER BY 1",
    ).rows()
    assert statuses == [("accepted", 1), ("rejected", 1)]
    assert file_hashes(home.root, "worklists") != before


def test_an_unknown_department_stays_unknown_not_zero(spoiled: Spoiled) -> None:
    """Nobody is taken for not disabled, or not receiving, because the file could not be read."""
    home = spoiled[0]
    facts = "SELECT count(*), count(is_disabled), count(*) FILTER (is_disabled = false) FROM panel.person"
    everybody, told, denied = rows_of(home, facts).row(0)
    assert everybody > 100 and told == 0 and denied == 0


def test_a_roll_that_lost_most_of_its_rows_is_held_and_the_old_one_stands(
    thin: Made, thin_first: Made, tmp_path: Path
) -> None:
    home = copy_home(thin_first.home, tmp_path / "home")
    inbox = thin_inbox(thin.inbox, tmp_path / "inbox", ("population", "benefit_roll"))
    later = inbox / str(thin.dates[1])
    for name, kept in (("public_security/population.csv", 1), ("civil_affairs/benefit_roll.csv", 20)):
        lines = (later / name).read_bytes().splitlines(keepends=True)
        (later / name).write_bytes(b"".join(lines[:kept]))
    members = "SELECT count(*) FROM core.household_member WHERE kind = 'hukou' AND valid_to IS NULL"
    living = rows_of(home, members).item()
    run_dates(home, inbox, thin.dates[1:])
    held = rows_of(
        home,
        f"SELECT extract, status FROM ops.delivery WHERE known_date = '{thin.dates[1]}' ORDER BY 1",
    ).rows()
    assert [row[0] for row in held if row[1] != "accepted"] == ["benefit_roll", "population"], held
    assert rows_of(home, members).item() == living
    assert (
        rows_of(home, f"SELECT count(*) FROM panel.person WHERE as_of = '{thin.dates[1]}'").item() >= living
    )


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("run", "--plain", "--inbox", "nowhere"), "There is nothing to run."),
        (("run", "--plain", "--inbox", "{inbox}", "--as-of", "yesterday"), "is not a date"),
        (("replay", "--as-of", "2020-01-01"), "There are no lists of that date."),
        (("explain", "nobody"), "Nothing is known as"),
        (("evaluate", "--truth", "nowhere"), "There is no truth to compare with."),
        (("peek", "{noise}"), "what to do"),
        (("check", "{noise}", "--contract", "civil_affairs.nothing"), "There is no contract"),
        (("feedback", "{noise}"), ""),
    ],
)
def test_errors_say_what_and_what_to_do(
    thin: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    noise = tmp_path / "noise.xlsx"
    noise.write_bytes(NOISE)
    filled = [a.format(inbox=thin.inbox, noise=noise) for a in args]
    at_home = () if args[0] in ("peek", "check") else ("--home", copy_home(thin.home, tmp_path / "home").root)
    done = CliRunner().invoke(app, [str(a) for a in (*filled, *at_home)])
    assert done.exit_code == 1, done.output
    assert words in done.output
    assert "Traceback" not in done.output and "defect" not in done.output


def test_a_second_process_is_turned_away_and_disturbs_nothing(thin: Made, tmp_path: Path) -> None:
    home = copy_home(thin.home, tmp_path / "home")
    with open_site(home):
        (home.scratch / "in_progress").write_text("half a list")
        for command in (("status",), ("run", "--plain", "--inbox", thin.inbox)):
            done = zhaoren_command(*command, "--home", home.root)
            assert done.returncode == 1 and "The warehouse is in use." in done.stderr, done.stderr
            assert "Traceback" not in done.stderr
        assert (home.scratch / "in_progress").exists()
    assert zhaoren_command("status", "--home", home.root).returncode == 0


def test_a_damaged_warehouse_is_told_without_a_traceback(thin: Made, tmp_path: Path) -> None:
    home = copy_home(thin.home, tmp_path / "home")
    home.warehouse.write_bytes(NOISE)
    done = zhaoren_command("status", "--home", home.root)
    assert done.returncode == 1 and "The database file is damaged." in done.stderr
    assert "Traceback" not in done.stderr
    assert home.warehouse.read_bytes() == NOISE


def run_command(home: Path, inbox: Path, **more: object) -> subprocess.CompletedProcess[str]:
    return zhaoren_command(
        *("run", "--plain", "--all", "--home", home, "--inbox", inbox), env={"ZHAOREN_VAULT_KEY": KEY}, **more
    )


@pytest.mark.long
@pytest.mark.parametrize("limit_kb", [40, 1500])
def test_a_file_that_may_not_grow_ends_the_run_plainly_and_the_next_one_completes(
    thin: Made, tmp_path: Path, limit_kb: int
) -> None:
    home, inbox = Home(tmp_path / "home"), thin_inbox(thin.inbox, tmp_path / "inbox", dates=1)

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_kb << 10, limit_kb << 10))

    stopped = run_command(home.root, inbox, preexec_fn=small_files, cwd=tmp_path)
    assert stopped.returncode == 1, stopped.stdout
    assert "The disk is full." in stopped.stderr and "what to do" in stopped.stderr, stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert run_command(home.root, inbox).returncode == 0
    assert_same_lists(thin.home, home, thin.dates[0])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 90 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small disk needs root")
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=90m", "tmpfs", place], capture_output=True
    ).returncode:
        pytest.skip("this system does not let us mount a small disk")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(place: Path, leave: int = 0) -> Path:
    """Take up all free space but `leave` bytes."""
    ballast = place / "ballast"
    free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        for _ in range((free - leave) >> 14):
            file.write(bytes(1 << 14))
    return ballast


def test_a_disk_too_full_to_begin_is_told_before_anything_is_touched(thin: Made, small_disk: Path) -> None:
    home = copy_home(thin.home, small_disk / "home")
    before, ballast = file_hashes(home.root), fill(small_disk, leave=8 << 20)
    done = zhaoren_command("run", "--plain", "--home", home.root, "--inbox", thin.inbox)
    assert done.returncode == 1 and "The disk is too full to run." in done.stderr, done.stderr
    assert file_hashes(home.root) == before
    ballast.unlink()


@pytest.mark.long
def test_a_disk_that_fills_up_during_the_run(thin: Made, small_disk: Path, tmp_path: Path) -> None:
    home, inbox = Home(small_disk / "home"), thin_inbox(thin.inbox, tmp_path / "inbox", dates=1)
    command = [*COMMAND, "run", "--plain", "--all", "--home", str(home.root), "--inbox", str(inbox)]
    env = clean_env({"ZHAOREN_VAULT_KEY": KEY})
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        while child.poll() is None and len(list(home.archive.rglob("*.fernet"))) < 3:
            time.sleep(0.005)
        ballast = fill(small_disk)
        _, told = child.communicate(timeout=200)
    assert child.returncode == 1, told
    assert "The disk is full." in told and "Traceback" not in told, told
    ballast.unlink()
    again = run_command(home.root, inbox)
    assert again.returncode == 0, again.stderr
    assert_same_lists(thin.home, home, thin.dates[0])


@pytest.mark.long
def test_what_is_no_file_in_the_inbox_is_refused_unopened_and_on_record(thin: Made, tmp_path: Path) -> None:
    """A pipe blocks whoever opens it, a link may point anywhere, a file beside the folders is nobody's."""
    inbox = thin_inbox(thin.inbox, tmp_path / "inbox", dates=1)
    (day,) = inbox.iterdir()
    os.mkfifo(day / "civil_affairs" / "child_welfare.csv")
    (day / "civil_affairs" / "elder_care.csv").symlink_to(day / "civil_affairs" / "benefit_roll.csv")
    (day / "justice").mkdir(exist_ok=True)
    (day / "justice" / "unpacked").mkdir()
    (day / "settlement.csv").write_text("结算ID\n")
    home = Home(tmp_path / "home")
    done = zhaoren_command("run", "--inbox", inbox, "--home", home.root, "--plain")
    assert done.returncode == 0, done.stderr
    known = rows_of(
        home, "SELECT file_name, status, reason, rows_read FROM ops.delivery WHERE status <> 'accepted'"
    )
    said = {row["file_name"]: (row["status"], row["rows_read"], row["reason"]) for row in known.to_dicts()}
    for name, word in (
        ("child_welfare.csv", "a pipe"),
        ("elder_care.csv", "a link"),
        (next(name for name in said if name.startswith("file-")), "a folder"),
    ):
        assert said[name][:2] == ("rejected", 0) and word in said[name][2], said
    assert f"not loaded {day.name}/settlement.csv: The file lies in no department's folder" in done.stdout
    again = zhaoren_command("run", "--inbox", inbox, "--home", home.root, "--plain")
    assert "nothing new" in again.stdout
