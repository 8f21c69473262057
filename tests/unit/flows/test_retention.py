"""What was kept long enough goes, nothing else does, and periods of a home go before the shipped ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from flows.context.home import Home
from flows.context.settings import load_settings
from flows.context.site import Site, open_site
from flows.safekeeping.periods import KINDS
from flows.safekeeping.retention import months_before, outdated, retain
from tests.helpers.homes import KEY
from zhaoren.errors import ZhaorenError

pytestmark = pytest.mark.slow

TODAY = datetime.fromisoformat("2026-11-30T09:00:00")


@pytest.fixture
def site(new_home: Callable[[Path], Home], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("ZHAOREN_VAULT_KEY", KEY)
    with open_site(new_home(tmp_path / "home")) as opened:
        yield replace(opened, now=lambda: TODAY)


def _kept(site: Site) -> dict[str, int]:
    return {one.kind.name: one.cnt for one in outdated(site) if one.cnt}


def test_only_what_is_older_goes_and_is_on_record(site: Site) -> None:
    for kind, day in (("receipts", "2025-10-31"), ("receipts", "2025-11-01"), ("worklists", "2025-10-31")):
        (site.home.root / kind / day).mkdir(parents=True)
        (site.home.root / kind / day / "x.xlsx").touch()
    site.home.defects.mkdir(exist_ok=True)
    for name, age in (("old.txt", 400), ("new.txt", 1)):
        path = site.home.defects / name
        path.touch()
        at = (TODAY - timedelta(days=age)).timestamp()
        os.utime(path, (at, at))
    insert = "INSERT INTO mart.staleness (as_of, extract) VALUES ('2021-10-31', 'a'), ('2021-11-30', 'a')"
    site.con.execute(insert)
    site.con.execute(
        "INSERT INTO ops.delivery (delivery_id, sha256, known_date) "
        "VALUES ('old', 'a', '2025-10-31'), ('new', 'b', '2025-11-01')"
    )
    with site.open_vault(TODAY.date(), "test") as vault:
        vault.con.execute(
            "INSERT INTO v.quarantine_value VALUES ('old', 1, 'name', 'x'), ('new', 1, 'name', 'x')"
        )
    before = {"receipts": 1, "defects": 1, "quarantined_text": 1, "alerts": 1}
    assert _kept(site) == before
    assert {one.kind.name: one.cnt for one in retain(site)} == before
    assert _kept(site) == {}
    assert sorted(p.name for p in (site.home.root / "receipts").iterdir()) == ["2025-11-01"]
    assert (site.home.root / "worklists" / "2025-10-31").exists()
    assert [p.name for p in site.home.defects.iterdir()] == ["new.txt"]
    on_record = site.con.execute("SELECT kind, deleted_cnt FROM ops.retention").fetchall()
    assert dict(on_record) == before


def test_a_homes_own_periods_go_first(site: Site, tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("keep:\n  receipts: forever\n  archive: 36\n")
    site.settings = load_settings(tmp_path)
    found = {one.kind.name: one.months for one in outdated(site)}
    assert (found["receipts"], found["archive"]) == (None, 36)
    (tmp_path / "settings.yaml").write_text("keep:\n  receits: 3\n")
    site.settings = load_settings(tmp_path)
    with pytest.raises(ZhaorenError, match="receits"):
        outdated(site)


@pytest.mark.parametrize("months", ["0", "-1", "soon", "true", "1.5"])
def test_a_period_that_is_none_is_refused(tmp_path: Path, months: str) -> None:
    (tmp_path / "settings.yaml").write_text(f"keep:\n  receipts: {months}\n")
    with pytest.raises(ZhaorenError):
        load_settings(tmp_path)


def test_every_kind_has_a_reason_and_its_own_name() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert all(kind.why for kind in KINDS)
    assert months_before(date(2026, 1, 31), 1) == date(2025, 12, 1)
