"""What a delivery's file name says, and which month it speaks of."""

from datetime import date

import pytest

from flows.ingest.filenames import FileName, parse_name, period_of
from zhaoren.errors import ZhaorenError


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("population.csv", FileName("population")),
        ("population.2025-10.csv", FileName("population", date(2025, 10, 1))),
        ("population.4401.csv.gz", FileName("population", None, "4401")),
        ("population.2025-10.4401.xlsx", FileName("population", date(2025, 10, 1), "4401")),
        ("population.xlsx.csv", FileName("population")),
        ("population.zip", FileName("population")),
    ],
)
def test_a_name_says_extract_month_and_part(name: str, expected: FileName) -> None:
    assert parse_name(name) == expected


@pytest.mark.parametrize(
    "name", ["population.2025-13.csv", "population.a.b.csv", "population.4401.2025-10.csv"]
)
def test_a_name_with_anything_else_is_refused(name: str) -> None:
    with pytest.raises(ZhaorenError, match="cannot be understood"):
        parse_name(name)


def test_a_file_speaks_of_the_month_before_it_came_unless_it_says_so() -> None:
    assert period_of(FileName("x"), date(2026, 1, 31), "monthly") == date(2025, 12, 1)
    assert period_of(FileName("x", date(2025, 9, 1)), date(2026, 1, 5), "monthly") == date(2025, 9, 1)
    assert period_of(FileName("x"), date(2026, 1, 31), "event") == date(2026, 1, 31)
    with pytest.raises(ZhaorenError, match="had not begun"):
        period_of(FileName("x", date(2026, 2, 1)), date(2026, 1, 31), "monthly")
