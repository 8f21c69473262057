"""What older months of a full roll still tell: of thirteen months, only what the panel counts days from.

    histories(standing) -> sources benefit_roll.before, poverty_watch.before, pension_insurance.before,
                           pension_insurance.steady

The panel reads the two newest months of a roll; whole rolls of a year would be too many rows. What it counts
days from lies further back: when an income was first stated, when help was stopped, when a run of work or
pension began. A window longer than any rule's (a year) and a month is kept.
"""

from __future__ import annotations

import polars as pl

from warehouse.shards.source import DELIVERY_ORDER, Source, listed

MONTHS, NEWEST = 13, 2  # a year and a month; of these the panel reads the two newest whole

# The first row that states each value: few rows, since a roll repeats itself.
FIRST_STATED = {
    "benefit_roll": "person_id, income_yuan_month, stop_date, stop_reason_code",
    "poverty_watch": "person_id, income_yuan_year",
}
PENSION = "pension_insurance"
_LINES = """
lines AS (
  SELECT person_id, pension_type_code, pension_status_code, period_month, known_date, delivery_id, row_no,
         pension_type_code = 'employee' AND pension_status_code = 'paying' AS works,
         pension_status_code = 'drawing' AS draws
  FROM core._{extract} WHERE delivery_id IN {older}),
counted AS (
  SELECT person_id, count(DISTINCT period_month) FILTER (works) AS works,
         count(DISTINCT period_month) FILTER (draws) AS draws
  FROM lines WHERE person_id IS NOT NULL AND (works OR draws) GROUP BY 1)
"""


def histories(standing: pl.DataFrame) -> list[Source]:
    """Frames beside core's; an extract without older months has none.

    standing: extract, delivery_id, period_month of the deliveries in force. `….before` are rows of the months
    before the two newest; `pension_insurance.steady`: person_id, working_days, pension_drawing_days
    (boolean), who worked or drew in each of them, so that the beginning lies before; they have no rows.
    """
    found: list[Source] = []
    for extract in (*FIRST_STATED, PENSION):
        older, months = _older(standing.filter(extract=extract))
        if not older:
            continue
        if extract == PENSION:
            found += _pensions(listed(older), months)
        else:
            stated = FIRST_STATED[extract]
            rows = (
                f"SELECT {stated}, min(known_date) AS known_date FROM core._{extract} "
                f"WHERE delivery_id IN {listed(older)} AND person_id IS NOT NULL GROUP BY ALL"
            )
            found.append(Source(f"{extract}.before", rows, (*stated.split(", "), "known_date")))
    return found


def _older(standing: pl.DataFrame) -> tuple[list[str], int]:
    """The deliveries of the months behind the newest ones, and how many months they are."""
    months = standing.get_column("period_month").unique().sort(descending=True)[NEWEST:MONTHS]
    chosen = standing.filter(pl.col("period_month").is_in(months.implode()))
    return chosen.get_column("delivery_id").to_list(), len(months)


def _pensions(older: str, months: int) -> list[Source]:
    """All lines of those who worked or drew in some months and not in all; a line for nobody per month."""
    lines = _LINES.format(extract=PENSION, older=older)
    steady = (
        f"WITH {lines} SELECT person_id, works = {months} AS working_days, "
        f"draws = {months} AS pension_drawing_days FROM counted WHERE works = {months} OR draws = {months}"
    )
    rows = (
        f"WITH {lines}, changed AS (SELECT person_id FROM counted "
        f"WHERE works BETWEEN 1 AND {months} - 1 OR draws BETWEEN 1 AND {months} - 1) "
        "SELECT lines.* EXCLUDE (works, draws) FROM lines SEMI JOIN changed USING (person_id)"
    )
    every_month = (
        f"WITH {lines} SELECT period_month, min(known_date) AS known_date FROM lines GROUP BY period_month"
    )
    return [
        Source(f"{PENSION}.before", rows, (*DELIVERY_ORDER, "person_id"), every_month),
        Source(f"{PENSION}.steady", steady, ("person_id",)),
    ]
