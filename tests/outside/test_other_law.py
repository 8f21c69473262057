"""Another place's law runs from its own folder by `policies eval`: the OpenFisca country template.

Its published cases are asked in tests/laws; here is the door: a table of facts in, a table of answers out.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
from typer.testing import CliRunner, Result

from flows.cli.app import app
from tests.laws.cases import LAWS

# From December 2015 an adult without a salary gets 600, from December 2016 every adult.
CASES = [
    ("2015-12-15", "1995-01-01", 0, "600.00"),
    ("2015-12-15", "1998-12-01", 0, "no"),
    ("2015-12-15", "1995-01-01", 1200, "no"),
    ("2015-12-15", None, 0, "unknown"),
    ("2016-12-01", "1995-01-01", 1200, "600.00"),
]


def asked(folder: Path, as_of: str, facts: pl.DataFrame) -> tuple[Result, Path]:
    facts.write_parquet(folder / "facts.parquet")
    out = folder / "answers.parquet"
    args = ["--policies", LAWS / "country_template", "--facts", folder / "facts.parquet"]
    args += ["--as-of", as_of, "--out", out]
    return CliRunner().invoke(app, ["policies", "eval", *map(str, args)]), out


def test_each_person_s_answer_and_sum(tmp_path: Path) -> None:
    for day in {case[0] for case in CASES}:
        cases = [case for case in CASES if case[0] == day]
        born = [None if case[1] is None else date.fromisoformat(case[1]) for case in cases]
        facts = pl.DataFrame({"birth_date": born, "salary": [case[2] for case in cases]})
        result, out = asked(tmp_path, day, facts)
        assert result.exit_code == 0, result.output
        rows = pl.read_parquet(out).filter(rule_id="basic_income").to_dicts()
        found = [
            str(r["amount_yuan_month"]) if r["answer"] in ("yes", "likely") else r["answer"] for r in rows
        ]
        assert found == [case[3] for case in cases]
        out.unlink()


def test_a_column_that_is_no_fact_is_refused(tmp_path: Path) -> None:
    result, out = asked(tmp_path, "2016-01-01", pl.DataFrame({"salary": [20], "shoe_size": [43]}))
    assert result.exit_code == 1 and "shoe_size" in result.output and "birth_date" in result.output
    assert not out.exists()
