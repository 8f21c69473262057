"""Another place's law runs from its own folder: the country template of OpenFisca, with its published cases.

Source of the rules and cases: https://github.com/openfisca/country-template (tests basic_income and
housing_allowance): from December 2015 an adult without a salary gets 600, from December 2016 every adult;
a quarter of the rent until November 2016.
"""

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli.app import app

LAW = Path(__file__).parent / "country_template"
# as of, age, salary, rent, basic income, housing allowance; None is "not in force"
CASES = [
    ("2015-11-15", 18, 0, 300, None, "75.00"),
    ("2015-12-15", 20, 0, 300, "600.00", "75.00"),
    ("2015-12-15", 17, 0, 300, "no", "75.00"),
    ("2015-12-15", 20, 1200, 0, "no", "0.00"),
    ("2016-11-30", 20, 1200, 0, "no", "0.00"),
    ("2016-12-01", 20, 1200, 300, "600.00", None),
    ("2016-12-15", 17, 0, 300, "no", None),
    ("2015-12-15", None, 0, 300, "unknown", "75.00"),
    ("2015-12-15", 20, None, None, "unknown", "unknown"),
]


def answers(tmp_path: Path, as_of: str, facts: pl.DataFrame) -> dict[str, str]:
    """Rule -> its amount where it says yes, else its answer."""
    facts.write_parquet(tmp_path / "facts.parquet")
    out = tmp_path / "answers.parquet"
    args = ["--policies", LAW, "--facts", tmp_path / "facts.parquet", "--as-of", as_of, "--out", out]
    result = CliRunner().invoke(app, ["policies", "eval", *map(str, args)])
    assert result.exit_code == 0, result.output
    rows = pl.read_parquet(out).to_dicts()
    return {r["rule_id"]: str(r["amount_yuan_month"]) if r["answer"] == "yes" else r["answer"] for r in rows}


@pytest.mark.parametrize(("as_of", "age", "salary", "rent", "income", "housing"), CASES)
def test_its_published_cases(
    tmp_path: Path, as_of: str, age: str, salary: str, rent: str, income: str, housing: str
) -> None:
    row = {"age_years": [age], "salary_month": [salary], "household_rent_month": [rent]}
    types = dict.fromkeys(row, pl.Int64)
    found = answers(tmp_path, as_of, pl.DataFrame(row, schema=types))
    assert (found.get("basic_income"), found.get("housing_allowance")) == (income, housing)


def test_a_column_that_is_no_fact_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"age_years": [20], "shoe_size": [43]}).write_parquet(tmp_path / "f.parquet")
    args = [
        "--policies",
        LAW,
        "--facts",
        tmp_path / "f.parquet",
        "--as-of",
        "2016-01-01",
        "--out",
        tmp_path / "o.csv",
    ]
    result = CliRunner().invoke(app, ["policies", "eval", *map(str, args)])
    assert result.exit_code == 1 and "shoe_size" in result.output and "age_years" in result.output
    assert not (tmp_path / "o.csv").exists()
