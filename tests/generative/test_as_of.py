"""Planting later rows changes no earlier answer: panels, alerts and staleness see what was known by then.

Every extract gets random rows of its own contract (codes from the code tables, blanks wherever a column may
be blank, events dated before and after they were known), delivered on four dates.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from data_contracts.registry.tables import shipped_tables
from tests.helpers.alerts import ENTITLEMENTS, gap, operations
from tests.helpers.core import PACKAGE, as_known, columns, contract, core_rows, members, places
from tests.helpers.core import panels as core_panels
from tests.helpers.examples import costly
from transforms.alerts.alerts import build_alerts, cases_of
from transforms.alerts.inputs import AlertInputs
from transforms.alerts.texts import missing_benefits
from transforms.deliveries.staleness import staleness
from warehouse.database.connection import run
from warehouse.database.tables import ddl
from warehouse.queries.earlier_lists import earlier_lines, signals_visited

DELIVERED = [date(2026, month, 5) for month in (1, 2, 3, 4)]
VILLAGES = ["440512001001", "440103001001", "449999999999"]
PLACES = places((VILLAGES[0], True), (VILLAGES[1], False))
PEOPLE = [f"p{i}" for i in range(8)]
HOMES = ["H1", "H2", "H3"]
OWN = ("delivery_id", "period_month", "known_date", "row_no")


@cache
def codes_of(extract: str) -> dict[str, list[str]]:
    """Column -> its codes."""
    found = {}
    for prop in contract(extract)["schema"][0]["properties"]:
        custom = {c["property"]: c["value"] for c in prop["customProperties"]}
        if "codes" in custom:
            table = yaml.safe_load(
                (PACKAGE / f"data_contracts/codes/{custom['codes']}.yaml").read_text("utf-8")
            )
            found[prop["name"]] = [value["code"] for value in table["values"]]
    return found


@cache
def required(extract: str) -> set[str]:
    return {p["name"] for p in contract(extract)["schema"][0]["properties"] if p.get("required")}


def value(extract: str, name: str, dtype: Any, rng: random.Random) -> Any:
    if name not in required(extract) and name != "person_id" and rng.random() < 0.3:
        return None
    if name in codes_of(extract):
        return rng.choice(codes_of(extract)[name])
    if name.endswith("person_id"):
        return rng.choice([*PEOPLE, None]) if rng.random() < 0.1 else rng.choice(PEOPLE)
    if name == "village_code":
        return rng.choice(VILLAGES)
    if name == "birth_date":
        return date(1935, 1, 1) + timedelta(days=rng.randrange(33000))
    if dtype == pl.Date():
        day = DELIVERED[0] + timedelta(days=rng.randrange(-500, 150))
        return day.replace(day=1) if name.endswith("_month") else day
    if dtype == pl.Decimal(18, 2):
        return Decimal(rng.randrange(2_000_000)) / 100
    return {pl.Int64(): rng.randrange(9), pl.Boolean(): rng.random() < 0.5}.get(dtype, str(rng.randrange(4)))


def delivery(extract: str, known: date, rng: random.Random) -> pl.DataFrame:
    own = {n: t for n, t in columns(extract).items() if n not in OWN}
    rows = [{n: value(extract, n, t, rng) for n, t in own.items()} for _ in range(rng.randrange(1, 8))]
    return core_rows(extract, known, rows)


def spells(rng: random.Random) -> pl.DataFrame:
    """Memberships that begin and end on delivery dates; some people never had a household."""
    found = []
    for person in PEOPLE:
        ends = sorted(rng.sample([*DELIVERED, None], rng.randrange(3)), key=lambda d: d or date.max)
        for start, end in zip([DELIVERED[0], *ends], ends, strict=False):
            if start is not None:
                found.append((rng.choice(HOMES), person, start, end))
    return members(*found)


def world(seed: int) -> dict[str, pl.DataFrame]:
    rng = random.Random(seed)
    core = {}
    for extract in as_known({}).keys:
        sent = [delivery(extract, known, rng) for known in DELIVERED if rng.random() < 0.6]
        if sent:
            core[extract] = pl.concat(sent)
    return {**core, "household_member": spells(rng)}


def known_by(core: dict[str, pl.DataFrame], as_of: date) -> dict[str, pl.DataFrame]:
    """The same world as it was on the date; an extract first delivered later is not there at all."""
    cut = {n: f.filter(pl.col("known_date") <= as_of) for n, f in core.items() if n != "household_member"}
    cut = {name: frame for name, frame in cut.items() if frame.height}
    homes = core["household_member"].filter(pl.col("valid_from") <= as_of)
    ended = pl.when(pl.col("valid_to") <= as_of).then(pl.col("valid_to"))
    return {**cut, "household_member": homes.with_columns(ended.alias("valid_to"))}


def panels(core: dict[str, pl.DataFrame], as_of: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    return core_panels(core, as_of, PLACES)


@costly
@given(st.integers(0, 10**9))
@example(845)  # the first bills delivered could not be linked to anybody
def test_the_panels_do_not_see_later_rows(seed: int) -> None:
    core = world(seed)
    for as_of in (*DELIVERED[:3], date(2026, 2, 20)):
        persons, homes = panels(core, as_of)
        then_persons, then_homes = panels(known_by(core, as_of), as_of)
        # people first heard of later are in neither
        assert persons.equals(then_persons)
        assert homes.equals(then_homes)
        assert persons["person_id"].is_unique().all() and homes["household_id"].is_unique().all()


@costly
@given(st.integers(0, 10**9))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    core = world(seed)
    mixed = {name: frame.sample(fraction=1.0, shuffle=True, seed=seed % 97) for name, frame in core.items()}
    for first, second in zip(panels(core, DELIVERED[3]), panels(mixed, DELIVERED[3]), strict=True):
        assert first.equals(second)


def test_the_worlds_do_have_later_rows_that_matter() -> None:
    """Guards the tests above: a panel blind to its date would pass them only if nothing ever changed."""
    changed = [
        not panels(world(seed), DELIVERED[1])[1].equals(panels(world(seed), DELIVERED[3])[1])
        for seed in range(5)
    ]
    assert all(changed)


def test_the_worlds_tell_every_fact_of_somebody() -> None:
    """Guards the tests above: a fact unknown of everybody would pass them whatever it is made from."""
    untold: set[tuple[int, str]] | None = None
    for seed in range(30):
        if untold == set():
            break
        empty = {
            (which, column.name)
            for which, frame in enumerate(panels(world(seed), DELIVERED[3]))
            for column in frame.iter_columns()
            if column.null_count() == frame.height
        }
        untold = empty if untold is None else untold & empty
    assert untold == set()


# ---- alerts and staleness ----


SIGNALS: dict[str, pl.DataType | type[pl.DataType]] = {
    "as_of": pl.Date,
    "signal_id": pl.String,
    "queue": pl.String,
    "person_id": pl.String,
    "household_id": pl.String,
    "state": pl.String,
    "level": pl.String,
    "family": pl.String,
    "points": pl.Int64,
    "is_event": pl.Boolean,
    "value": pl.Decimal(18, 2),
    "fact_date": pl.Date,
    "sentence_zh": pl.String,
    "questions_zh": pl.List(pl.String),
}


COOLDOWNS = pl.DataFrame({"result_code": ["40", "90"], "cooldown_days": [60, None]})
OPERATIONS = operations(4, "0.2")
TOWN_HOMES = pl.DataFrame(
    {
        "household_id": [f"H{i}" for i in range(12)],
        "town_code": ["440512001", "440103001"] * 6,
        "village_code": ["440512001001", "440103001001"] * 6,
        "member_cnt": [2] * 12,
    },
)


def signals_on(as_of: date, rng: random.Random) -> pl.DataFrame:
    rows = []
    for home in TOWN_HOMES["household_id"]:
        for name in rng.sample(["I01", "I05", "I09", "C01"], rng.randrange(3)):
            fact = as_of - timedelta(days=rng.randrange(90)) if name != "I01" else None
            queue = "compliance" if name == "C01" else "need"
            rows.append(
                (
                    as_of,
                    name,
                    queue,
                    None,
                    home,
                    "yes",
                    rng.choice(["red", "orange", "yellow"]),
                    name,
                    rng.randrange(9),
                    name == "I09",
                    Decimal(rng.randrange(9000)),
                    fact,
                    f"{name}。",
                    ["问？"],
                )
            )
    return pl.DataFrame(rows, schema=SIGNALS, orient="row")


def history(seed: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Four months of lists built one on the other, all their signals, and results of random visits."""
    rng = random.Random(seed)
    lists, kept = pl.DataFrame(), pl.DataFrame(schema=SIGNALS)
    results: list[tuple[Any, ...]] = []
    for as_of in DELIVERED:
        now = signals_on(as_of, rng)
        alerts = build(now, as_of, lists, kept, visits([r for r in results if r[3] <= as_of]))
        lists = pl.concat([lists, alerts]) if lists.height else alerts
        kept = pl.concat([kept, now])
        for alert in alerts.filter("is_listed")["alert_id"]:
            if rng.random() < 0.5:
                found = as_of + timedelta(days=rng.randrange(40))
                results.append(
                    (alert, rng.choice(["40", "90"]), found, found + timedelta(days=rng.randrange(40)))
                )
    return lists, kept, visits(results)


def visits(rows: list[tuple]) -> pl.DataFrame:
    schema = {"alert_id": pl.String, "result_code": pl.String, "found_date": pl.Date, "known_date": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def build(
    signals: pl.DataFrame, as_of: date, lists: pl.DataFrame, kept: pl.DataFrame, results: pl.DataFrame
) -> pl.DataFrame:
    gaps = pl.DataFrame([gap("H3", "b", "200")], schema=ENTITLEMENTS)
    due = {level: as_of + timedelta(days=20) for level in ("red", "orange", "yellow")}
    due["blue"] = as_of + timedelta(days=45)  # a drawn line that nobody visited keeps its place a month later
    names = pl.DataFrame(
        {"benefit_id": ["b"], "benefit_zh": ["高龄津贴"], "period_zh": ["一次性"], "is_sum": [True]}
    )
    stations = TOWN_HOMES.select("town_code").unique().sort("town_code")
    inputs = AlertInputs(
        as_of=as_of,
        signals=signals.drop("as_of").with_columns(household_kind=pl.lit("hukou")),
        missing=missing_benefits(gaps, names, as_of),
        households=TOWN_HOMES,
        stations=stations,
        operations=OPERATIONS,
        due_dates=due,
        cooldowns=COOLDOWNS,
        previous_alerts=lists if lists.height else None,
        previous_signals=kept,
        outcomes=results,
    )
    return build_alerts(inputs)


@costly
@given(st.integers(0, 10**9))
def test_a_past_list_is_rebuilt_whatever_came_later(seed: int) -> None:
    lists, kept, results = history(seed)
    for as_of in DELIVERED:
        again = build(kept.filter(pl.col("as_of") == as_of), as_of, lists, kept, results)
        assert again.equals(lists.filter(pl.col("as_of") == as_of))


@costly
@given(st.integers(0, 10**9))
def test_what_is_read_of_earlier_lists_is_all_that_matters(seed: int) -> None:
    lists, kept, results = history(seed)
    con = duckdb.connect()
    con.execute("CREATE SCHEMA mart")
    for name, rows in {"mart.alert": lists, "mart.signal": kept, "mart.outcome": results}.items():
        con.execute(ddl(shipped_tables()[name]))
        run(con, f"INSERT INTO {name} BY NAME SELECT * FROM given", given=rows)
    for as_of in DELIVERED:
        now = kept.filter(pl.col("as_of") == as_of)
        since = as_of - timedelta(days=int(str(COOLDOWNS["cooldown_days"].max())))
        lines = earlier_lines(con, as_of, since, cases_of(now, pl.DataFrame({"household_id": ["H3"]})))
        visited = signals_visited(con, as_of, since)
        assert lines.height <= lists.filter((pl.col("as_of") < as_of) & pl.col("is_listed")).height
        assert build(now, as_of, lines, visited, results).equals(lists.filter(pl.col("as_of") == as_of))


@pytest.mark.parametrize("as_of", DELIVERED)
def test_staleness_does_not_see_later_deliveries(as_of: date) -> None:
    months = [day.replace(day=1) for day in DELIVERED]
    sent = pl.DataFrame(
        {
            "department": "d",
            "extract": "e",
            "period_month": months,
            "known_date": DELIVERED,
            "status": "accepted",
        }
    )
    calendar = pl.DataFrame({"department": ["d"], "extract": ["e"], "period_months": [1], "grace_days": [10]})
    row = staleness(sent, calendar, as_of).row(0, named=True)
    assert row["last_known_date"] == as_of and row["days_old"] == 0
