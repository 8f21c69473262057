"""Lists that are made on request: the date's PDF, and one station's contact details under a password."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import msoffcrypto
import openpyxl
import pytest

from exchange.prints.engine import why_not
from tests.helpers.attacks import command
from tests.helpers.homes import Made, copy_home, rows_of

PASSWORD = "梅雨Season-4711"
KEY: dict[str, str | None] = {"ZHAOREN_VAULT_KEY": None}
WITH = {**KEY, "ZHAOREN_CONTACTS_PASSWORD": PASSWORD}
OPENINGS = "SELECT purpose, subject, opened_by, command FROM ops.vault_opening ORDER BY opened_at, rowid"


@pytest.fixture(scope="module")
def station(demo: Made, tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, str]:
    """A copy of the demo's home, and the town with the longest list of its last date."""
    home = copy_home(demo.home, tmp_path_factory.mktemp("station") / "home")
    sql = (
        f"SELECT town_code FROM mart.alert WHERE as_of = '{demo.dates[-1]}' AND is_listed AND queue = 'need' "
        "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    return Made(home, demo.province, demo.printed), rows_of(home, sql).item()


@pytest.mark.skipif(bool(why_not()), reason=f"no PDF here: {why_not()}")
def test_print_writes_one_station_or_all_beside_their_workbooks(station: tuple[Made, str]) -> None:
    made, town = station
    day = made.dates[-1]
    done = command("print", "--as-of", day, "--town", town, "--home", made.home.root, env=KEY)
    assert done.returncode == 0, done.stderr
    folder = made.home.dated("worklists", day)
    (path,) = folder.glob("*.pdf")
    assert path.with_suffix(".xlsx").exists() and path.read_bytes().startswith(b"%PDF-")
    assert command("print", "--home", made.home.root, env=KEY).returncode == 0
    assert {p.stem for p in folder.glob("*.pdf")} == {p.stem for p in folder.glob("*.xlsx")}
    assert path.read_bytes() == (folder / path.name).read_bytes()
    wrong = command("print", "--town", "440000000", "--home", made.home.root, env=KEY)
    assert wrong.returncode == 1 and "No station" in wrong.stderr


def test_contacts_open_with_the_password_alone_and_say_who_asked(
    station: tuple[Made, str], tmp_path: Path
) -> None:
    made, town = station
    target = tmp_path / "contacts.xlsx"
    asked = ("contacts", "--town", town, "--by", "Chen", "--reason", "first calls", "--out", target)
    done = command(*asked, "--home", made.home.root, env=WITH)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(Exception, match="not a zip"):
        openpyxl.load_workbook(target)
    book = opened(target, PASSWORD)
    listed = rows_of(
        made.home,
        f"SELECT count(DISTINCT household_id) FROM mart.alert WHERE as_of = '{made.dates[-1]}' "
        f"AND is_listed AND queue = 'need' AND town_code = '{town}'",
    ).item()
    rows = list(book["走访户"].iter_rows(min_row=4, values_only=True))
    assert len(rows) >= listed > 0
    assert all("*" not in str(row[1]) for row in rows)
    assert any(str(row[2])[:1].isdigit() for row in rows), "some phone is known"
    assert "申请人：Chen" in str(book["走访户"]["A2"].value)
    assert rows_of(made.home, OPENINGS).rows()[-1] == ("contacts", town, "Chen", "contacts")
    assert b"first calls" not in made.home.warehouse.read_bytes()
    with pytest.raises(Exception):  # noqa: B017  the library has several
        opened(target, "梅雨Season-4712")
    again = command(*asked, "--home", made.home.root, env=WITH)
    assert again.returncode == 1 and "already" in again.stderr


@pytest.mark.parametrize(
    ("password", "reason", "said"),
    [("kurz", "calls", "too weak"), ("1234567890abc", "calls", "too weak"), (PASSWORD, " ", "a reason")],
)
def test_a_weak_password_or_no_reason_opens_nothing(
    station: tuple[Made, str], tmp_path: Path, password: str, reason: str, said: str
) -> None:
    made, town = station
    before = rows_of(made.home, OPENINGS).height
    asked = ("contacts", "--town", town, "--by", "Chen", "--reason", reason, "--out", tmp_path / "c.xlsx")
    env = {**KEY, "ZHAOREN_CONTACTS_PASSWORD": password}
    done = command(*asked, "--home", made.home.root, env=env)
    assert done.returncode == 1 and said in done.stderr
    assert not list(tmp_path.iterdir()) and rows_of(made.home, OPENINGS).height == before


def opened(path: Path, password: str) -> openpyxl.Workbook:
    plain = io.BytesIO()
    with path.open("rb") as file:
        book = msoffcrypto.OfficeFile(file)
        book.load_key(password=password)
        book.decrypt(plain)
    return openpyxl.load_workbook(plain)
