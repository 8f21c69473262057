"""Core tables as pandas frames: what was in force on a date, whoever's rows those are by the date.

    Core(con, as_of).roll("enrolment", ["enrolment_status_code"])    the newest month's lines, one per key
                    .events("disaster", [...])                       each record's newest line, of all months
                    .months("benefit_roll", [...])                   every line of the newest thirteen months
A person is the number of its row in the golden record (`Core.people`), a sum is in fen, null is NA.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

# What makes a line the same line; the persons are those of the rows, the numbers the departments'.
KEYS = {
    "settlement": ["settlement_id"],
    "temporary_relief": ["relief_no"],
    "housing_security": ["case_no"],
    "disaster": ["event_no", "person_id"],
    "major_illness": ["record_no"],
    "student_aid": ["student_no", "term_month"],
    "unemployment": ["person_id", "registered_date"],
    "custody": ["person_id", "custody_from_date"],
    "pension_insurance": ["person_id", "pension_type_code"],
    "benefit_roll": ["person_id", "category_code"],
}
BY_PERSON = ["person_id"]
ORDER = ["period_month", "known_date", "delivery_id", "row_no"]
HISTORY = 13  # months of a roll that anything is counted from
_TYPES = {
    pa.int64(): pd.Int64Dtype(),
    pa.int32(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
    pa.string(): pd.StringDtype("pyarrow", na_value=pd.NA),
}


def query(con: Any, sql: str, *values: object) -> pd.DataFrame:
    """The answer with nullable types; days as timestamps."""
    table = con.execute(sql, list(values)).fetch_arrow_table()
    frame: pd.DataFrame = table.to_pandas(types_mapper=_TYPES.get, date_as_object=False)
    return frame


class Core:
    """The core of one date. people: one row per person, with what the golden record says."""

    def __init__(self, con: Any, as_of: date) -> None:
        self.con, self.as_of, self.today = con, as_of, pd.Timestamp(as_of)
        self.deliveries = self.query(
            "SELECT extract, delivery_id, period_month FROM ops.delivery_at($1) "
            "WHERE status = 'accepted' AND rows_loaded > 0",
            as_of,
        )
        aliases = self.query(
            "SELECT person_id, same_as FROM core._person_alias WHERE known_from <= $1 "
            "AND (known_to IS NULL OR known_to > $1)",
            as_of,
        )
        self.people = self.query(
            "SELECT person_id, birth_date, is_alive, death_date, death_state FROM panel.golden "
            "WHERE as_of = $1 ORDER BY person_id",
            as_of,
        )
        index = pd.Index(self.people["person_id"].astype(object))
        self.number = pd.Series(range(len(index)), index=index)
        same = self.number.reindex(aliases["same_as"].astype(object)).to_numpy()
        others = pd.Series(same, index=aliases["person_id"].astype(object)).dropna().astype("int64")
        self.number = pd.concat([self.number[~self.number.index.isin(others.index)], others])

    def query(self, sql: str, *values: object) -> pd.DataFrame:
        """The answer of the home's warehouse."""
        return query(self.con, sql, *values)

    def numbered(self, ids: pd.Series) -> pd.Series:
        """Persons by the numbers of their rows; -1 for whom the golden record does not know."""
        return ids.map(self.number).astype("Int64").fillna(-1).mask(ids.isna())

    def periods(self, extract: str) -> list[pd.Timestamp]:
        """The months delivered and in force, newest first."""
        months = self.deliveries.loc[self.deliveries["extract"] == extract, "period_month"]
        return sorted(months.unique(), reverse=True)

    def delivered(self, extract: str, periods: Sequence[pd.Timestamp]) -> list[str]:
        """The ids of the deliveries of these months in force."""
        found = self.deliveries
        is_one = (found["extract"] == extract) & found["period_month"].isin(periods)
        ids: list[str] = found.loc[is_one, "delivery_id"].tolist()
        return ids

    def roll(self, extract: str, columns: Sequence[str], back: int = 0) -> pd.DataFrame | None:
        """The roll of the newest month (back=1: of the month before); None where there is none."""
        periods = self.periods(extract)
        if len(periods) <= back:
            return None
        return newest(self._rows(extract, columns, periods[back : back + 1]), KEYS.get(extract, BY_PERSON))

    def events(self, extract: str, columns: Sequence[str], months: int | None = None) -> pd.DataFrame | None:
        """Each key's newest line over all months (or the newest `months`)."""
        periods = self.periods(extract)[:months]
        if not periods:
            return None
        return newest(self._rows(extract, columns, periods), KEYS.get(extract, BY_PERSON))

    def months(self, extract: str, columns: Sequence[str]) -> pd.DataFrame:
        """Every line of the newest thirteen months."""
        return self._rows(extract, columns, self.periods(extract)[:HISTORY])

    def left(self, extract: str, still: str = "") -> pd.Series:
        """Who was on the roll before and is not on the newest: for one month nothing is known of them.

        still: the column and how a line must be for not having run out by itself: `stop_date` later than the
        day or blank, `is_risk_cleared` false.
        """
        columns = [still] if still else []
        before, now = self.roll(extract, columns, back=1), self.roll(extract, [])
        if before is None or now is None:
            return pd.Series(dtype="int64")
        if still:
            runs = (
                before[still].isna() | (before[still] > self.today)
                if still == "stop_date"
                else ~before[still]
            )
            before = before[runs.fillna(False)]
        return before.loc[~before["person_id"].isin(now["person_id"]), "person_id"]

    def _rows(self, extract: str, columns: Sequence[str], periods: Sequence[pd.Timestamp]) -> pd.DataFrame:
        wanted = dict.fromkeys(["person_id", *columns, *KEYS.get(extract, ()), *ORDER])
        rows = self.query(
            f"SELECT {', '.join(map(_selected, wanted))} FROM core._{extract} "
            "WHERE person_id IS NOT NULL AND delivery_id IN (SELECT unnest($1))",
            self.delivered(extract, periods),
        )
        for name in [name for name in rows.columns if name.endswith("person_id")]:
            rows[name] = self.numbered(rows[name])
        return rows[rows["person_id"] >= 0].astype({"person_id": "int64"})


def _selected(column: str) -> str:
    return f"CAST({column} * 100 AS BIGINT) AS {column}" if "_yuan" in column else column


def newest(rows: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Each key's newest line: of the newest month, then by arrival."""
    if rows.duplicated(key).any():
        rows = rows.sort_values(ORDER, kind="stable").drop_duplicates(key, keep="last")
    return rows
