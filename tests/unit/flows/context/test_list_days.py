"""On which days lists are made: once a month by default, and never because a late file came."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows.context.list_days import is_list_day
from flows.context.settings import ListCalendar, Settings, load_settings
from zhaoren.errors import ZhaorenError

SEP, OCT = date(2025, 9, 5), date(2025, 10, 5)
# known on, reports on, kind, status
FILES = [
    (SEP, date(2025, 8, 1), "full", "accepted"),
    (date(2025, 9, 20), date(2025, 7, 1), "full", "accepted"),  # late
    (date(2025, 10, 2), date(2025, 8, 1), "mended", "accepted"),  # a receipt's corrected rows
    (date(2025, 10, 3), date(2025, 8, 1), "full", "accepted"),  # late
    (date(2025, 10, 4), date(2025, 9, 1), "full", "rejected"),  # it brought nothing
    (OCT, date(2025, 9, 1), "full", "accepted"),
    (date(2025, 10, 6), date(2025, 9, 1), "full", "accepted"),  # one more file of the month, a day later
]


def list_days(calendar: ListCalendar, days: list[date], made: tuple[date, ...] = ()) -> list[date]:
    """Which of the days have lists when they are run in order."""
    names = ["known_date", "period_month", "kind", "status"]
    deliveries, listed = pl.DataFrame(FILES, schema=names, orient="row"), list(made)
    for day in days:
        if is_list_day(calendar, day, listed, deliveries.filter(pl.col("known_date") <= day)):
            listed.append(day)
    return [day for day in listed if day not in made]


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        (ListCalendar(), [SEP, OCT]),  # not on 20 September, 2, 3, 4 or 6 October
        (ListCalendar(from_day=6), [date(2025, 9, 20), date(2025, 10, 6)]),
        (ListCalendar(every="delivery"), [file[0] for file in FILES]),
        (ListCalendar(every="request"), []),
    ],
)
def test_the_months_lists(calendar: ListCalendar, expected: list[date]) -> None:
    """tried §3, last bullet."""
    assert list_days(calendar, [file[0] for file in FILES]) == expected


def test_a_date_that_has_lists_keeps_them_and_a_month_without_files_has_none() -> None:
    late = date(2025, 9, 20)
    assert list_days(ListCalendar(every="request"), [SEP], made=(SEP,)) == []
    names = ["known_date", "period_month", "kind", "status"]
    none = pl.DataFrame(schema=dict.fromkeys(names, pl.Date))
    assert is_list_day(ListCalendar(), late, [late], none)
    assert not is_list_day(ListCalendar(), late, [], none)


def test_the_first_lists_are_made_of_whatever_there_is() -> None:
    assert list_days(ListCalendar(), [date(2025, 10, 2)]) == [date(2025, 10, 2)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lists: {every: week}", "every is week"),
        ("lists: {from_day: 30}", "from_day is 30"),
        ("lists: {from_day: true}", "from_day is True"),
        ("lists: {form_day: 3}", "unknown setting form_day"),
        ("list: {from_day: 3}", "unknown setting list"),
        ("lists: month", "lists holds"),
        ("monthly", "no settings"),
    ],
)
def test_a_setting_that_nothing_acts_on_is_refused_with_its_line(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "settings.yaml").write_text(text)
    with pytest.raises(ZhaorenError, match=words) as refused:
        load_settings(tmp_path)
    assert "settings.yaml:1" in refused.value.where


def test_settings_are_read_and_have_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings(ListCalendar("month", 1))
    (tmp_path / "settings.yaml").write_text("lists:\n  every: month\n  from_day: 8\n")
    assert load_settings(tmp_path).lists == ListCalendar("month", 8)
