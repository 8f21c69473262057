"""A child may be in danger: one command says what to do, and keeps that it was reported, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.app import app
from flows.context.home import Home
from flows.context.site import open_site

pytestmark = pytest.mark.slow


def command(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["child-report", *arguments])
    return done.exit_code, done.output


def test_it_says_what_to_do_and_keeps_no_detail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHAOREN_VAULT_KEY", "the key of the tests")
    home = ["--home", str(tmp_path / "home")]
    with open_site(Home(tmp_path / "home")):
        pass
    code, said = command(
        "--town", "440604005", "--to", "police", "--to", "civil_affairs", "--by", "me", *home
    )
    assert code == 0 and "110" in said and "12345" in said and said.index("110") < said.index("已登记")
    code, told = command("--town", "440604005", "--to", "police", "--by", "me", "--json", *home)
    assert code == 0 and json.loads(told[told.index("{") :])["report_no"].endswith("-2")
    with open_site(Home(tmp_path / "home")) as site:
        kept = site.con.execute("SELECT town_code, reported_to, reported_by FROM ops.child_report").fetchall()
        assert kept == [("440604005", ["police", "civil_affairs"], "me"), ("440604005", ["police"], "me")]
        assert site.con.execute("SELECT count(*) FROM mart.case").fetchone() == (0,)
    code, said = command("--town", "440604005", "--by", "me", *home)
    assert code != 0 and "110" in said
