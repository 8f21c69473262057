"""Facts declared in a contract: what is refused, with its line; what each way of taking makes of rows."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml

import zhaoren
from data_contracts.loading.contracts import load_contract
from data_contracts.loading.declared_facts import DeclaredFact, declared_facts, declared_faults
from data_contracts.registry.column_types import DTYPES, FACT_TYPES
from flows.context.home import Home
from flows.context.rulebook import contract_problems, load_rulebook, policy_problems
from policies.engine.evaluate_signals import evaluate_signals
from policies.loading import lint, load_catalogue
from tests.helpers.core import as_known, definitions, golden
from transforms.core_as_of import CoreAsOf
from transforms.panel.declared import declared_households, declared_persons
from transforms.panel.panel import NEEDED, panel_persons
from warehouse.database.schema import create
from zhaoren.errors import ZhaorenError

EXAMPLE = Path(zhaoren.__file__).parents[1] / "docs" / "examples" / "nineteenth"
METER = EXAMPLE / "contracts" / "power_grid" / "meter.yaml"
AS_OF = date(2026, 3, 5)
SUM = {
    "name": "kwh",
    "zh": "用电量",
    "entity": "household",
    "type": "integer",
    "take": "sum",
    "column": "usage_kwh",
}


def written(document: Any) -> str:
    return str(yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False))


def write(folder: Path, facts: Any, **changes: Any) -> Path:
    """The example's contract with other facts; `changes` replace columns' entries by name."""
    document = yaml.load(METER.read_text(encoding="utf-8"), yaml.CSafeLoader)
    for entry in document["customProperties"]:
        if entry["property"] == "facts":
            entry["value"] = facts
    for column in document["schema"][0]["properties"]:
        column |= changes.get(column["name"], {})
    path = folder / "contracts" / "power_grid" / "meter.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(document), encoding="utf-8")
    return path


def faults(folder: Path, facts: Any, **changes: Any) -> list[str]:
    path = write(folder, facts, **changes)
    document = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return [message for _, message in declared_faults(document, load_contract(path))]


WRONG = [
    ("an unknown key", {"colour": "red"}, "a fact has no key colour"),
    ("a type that does not follow", {"type": "text"}, "this gives type integer, not text"),
    ("a column that is not there", {"column": "usage_mwh"}, "take sum needs a column of the extract"),
    ("an identifier", {"column": "address", "take": "latest", "type": "text"}, "is no identifier"),
    ("a sum of dates", {"column": "read_date"}, "readsAs int or number or yuan"),
    ("two windows", {"within_days": 3, "within_months": 1}, "not both"),
    ("a window of no days", {"within_days": 0}, "within_days: Input should be greater than 0"),
    ("a number as text", {"within_days": "35"}, "within_days: Input should be a valid integer"),
    ("a household's prefix", {"name": "household_kwh"}, "leave it out"),
    ("a name with a blank", {"name": "k wh"}, "name: String should match"),
    ("somebody who is no person", {"person": "meter_no"}, "meter_no is no column of the extract that"),
    ("a day that is no date", {"date": "usage_kwh"}, "usage_kwh is no column of the extract that"),
    ("a guess for the absent", {"absent": 5}, "absent is unknown, or for amounts and counts 0"),
    ("false for an amount", {"absent": False}, "absent is unknown, or for amounts and counts 0"),
    ("a condition on nothing", {"where": "volts > 1"}, "the condition cannot be run"),
    ("a condition that is no test", {"where": "usage_kwh"}, "gives Int64, not true or false"),
    ("a condition on an address", {"where": "address = 'x'"}, "the condition cannot be run"),
    ("days without their name", {"take": "days_since", "column": "read_date"}, r"is named like \w+_days"),
    ("a yes without its name", {"take": "any", "type": "boolean", "column": None}, "is named like (is|has)_"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "says"), [c[1:] for c in WRONG], ids=[c[0] for c in WRONG])
def test_what_is_wrong_with_a_declared_fact(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    found = faults(tmp_path, [SUM | changes])
    assert len(found) == 1 and says in found[0], found
    assert faults(tmp_path, [SUM]) == []


def test_the_fault_is_named_with_file_and_line(tmp_path: Path) -> None:
    path = write(tmp_path, [SUM, SUM | {"name": "other", "take": "mean"}])
    with pytest.raises(ZhaorenError) as refused:
        declared_facts(load_contract(path), path)
    line = 1 + next(i for i, text in enumerate(path.read_text().splitlines()) if "take: mean" in text)
    assert refused.value.where == f"{path}:{line}"


def test_the_same_name_twice_and_a_key_nobody_can_see(tmp_path: Path) -> None:
    assert faults(tmp_path, [SUM, SUM]) == ["the fact kwh is declared twice"]
    shut = [{"property": "readsAs", "value": "text"}, {"property": "purposes", "value": ["discovery"]}]
    found = faults(tmp_path, [SUM], meter_no={"customProperties": shut})
    assert "the key column meter_no stays in the vault" in found[0]


def test_a_fact_may_be_used_for_what_every_column_it_reads_was_shared_for(tmp_path: Path) -> None:
    closed = {"customProperties": [{"property": "readsAs", "value": "text"},
                                   {"property": "purposes", "value": ["verification"]}]}  # fmt: skip
    path = write(
        tmp_path, [SUM, SUM | {"name": "open_kwh", "where": "meter_status = 'normal'"}], meter_status=closed
    )
    plain, conditional = declared_facts(load_contract(path), path)
    assert plain.purposes == ("discovery", "verification")
    assert conditional.purposes == ("verification",)
    assert conditional.reads == ("id_number", "meter_status", "usage_kwh")


# ---- taking ----

ROWS: dict[str, pl.DataType | type[pl.DataType]] = {
        "meter_no": pl.String, "person_id": pl.String, "day_date": pl.Date, "amount": pl.Int64,
        "kind": pl.String, "cost_yuan": pl.Decimal(18, 2), "is_on": pl.Boolean}  # fmt: skip
PEOPLE = pl.DataFrame({"person_id": ["a", "b", "c", "d"]})
HOMES = pl.DataFrame({"person_id": ["a", "b", "c"], "household_id": ["H1", "H1", "H2"]})


PLAIN = DeclaredFact(
    name="x", zh="x", entity="person", type="integer", unit="", extract="meter", loads="events",
    person="person_id", take="sum", column="amount", date="day_date", within_days=None,
    within_months=None, where=None, absent=None, purposes=("discovery",), reads=("amount",),
)  # fmt: skip


def fact(**more: Any) -> DeclaredFact:
    return replace(PLAIN, **more)


TICKETS = fact(
    name="hotline_ticket_cnt", entity="household", take="count", unit="tickets", file="a.yaml", line=7
)


def test_a_declared_fact_may_be_the_one_that_rules_wait_for() -> None:
    days = replace(TICKETS, name="hotline_days", take="days_since", unit="days")
    before = load_catalogue()
    cat = load_catalogue(declared=(TICKETS, days))
    assert before.facts["household.hotline_days"].is_awaited
    assert cat.facts["household.hotline_days"].sources == ("meter",)
    assert "hotline_days" in {f.name for f in cat.panel_facts()} - {f.name for f in before.panel_facts()}
    texts = {"household_id": "h", "tier_code": "dibao", "is_elder_only": False}
    counts = {"member_cnt": 2, "hotline_ticket_cnt": 1, "hotline_days": 6, "child_cnt": 0, "elder_cnt": 0}
    frame = pl.DataFrame([texts | counts | {"severe_disabled_cnt": 0, "major_illness_cnt": 0}])
    nobody = pl.DataFrame({"person_id": [], "household_id": []})
    found = evaluate_signals(cat, nobody, frame, date(2025, 9, 5))
    assert "I14" in found["signal_id"].to_list()


@pytest.mark.parametrize("other", [{"type": "boolean", "unit": "tickets"}, {"unit": "calls"}])
def test_another_type_or_unit_than_awaited_is_refused_with_its_place(other: dict[str, Any]) -> None:
    problems = lint(declared=(replace(TICKETS, **other),))
    assert [p.where for p in problems] == ["a.yaml:7"]
    assert "awaited as integer, unit 'tickets'" in problems[0].what


def test_an_awaited_fact_is_used_for_what_both_sides_allow() -> None:
    shared = replace(TICKETS, purposes=("verification",))
    told = [p.what for p in lint(declared=(shared,))]
    assert any("hotline_ticket_cnt" in what and "may not be used for discovery" in what for what in told)


def rows(*given: dict[str, Any], known: date = AS_OF) -> pl.DataFrame:
    full = [
        dict.fromkeys(ROWS) | {"meter_no": str(i), "day_date": AS_OF} | row for i, row in enumerate(given)
    ]
    frame = pl.DataFrame(full, schema=ROWS)
    month = known.replace(day=1)
    return frame.with_columns(
        known_date=pl.lit(known), period_month=pl.lit(month), delivery_id=pl.lit(str(known)),
        row_no=pl.int_range(pl.len(), dtype=pl.Int64),
    )  # fmt: skip


def taken(frame: pl.DataFrame | None, as_of: date = AS_OF, **more: Any) -> dict[str, Any]:
    """Person -> the fact, of the persons a to d."""
    core = metered({} if frame is None else {"meter": frame}, as_of)
    return dict(declared_persons(core, PEOPLE, [fact(**more)]).rows())


def metered(frames: dict[str, pl.DataFrame], as_of: date = AS_OF) -> CoreAsOf:
    return CoreAsOf(frames, as_of, {"meter": ("meter_no",)}, register="population")


TWO = rows(
    {"person_id": "a", "amount": 3, "kind": "on", "cost_yuan": Decimal("0.10"), "is_on": True},
    {"person_id": "a", "amount": 4, "kind": "on", "cost_yuan": Decimal("0.20"), "is_on": False,
     "day_date": date(2026, 3, 3)},
    {"person_id": "b", "amount": None, "kind": None, "cost_yuan": None, "is_on": None},
    {"person_id": "b", "amount": 9, "kind": "off", "cost_yuan": Decimal("1"), "is_on": False},
    {"person_id": "c", "amount": 7, "kind": "off", "cost_yuan": Decimal("2"), "is_on": False},
)  # fmt: skip
COST = {"column": "cost_yuan", "type": "yuan"}
IS = {"take": "any", "type": "boolean"}
BEFORE = AS_OF - timedelta(days=2)
TAKEN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"take": "sum"}, {"a": 7, "b": None, "c": 7}),
    ({"take": "max"}, {"a": 4, "b": None, "c": 7}),
    ({"take": "min"}, {"a": 3, "b": None, "c": 7}),
    ({"take": "latest"}, {"a": 3, "b": 9, "c": 7}),
    ({"take": "count", "column": None}, {"a": 2, "b": 2, "c": 1}),
    ({"take": "count", "column": None, "where": "kind = 'on'"}, {"a": 2, "b": None, "c": 0}),
    ({"take": "sum", "where": "kind = 'on'"}, {"a": 7, "b": None, "c": None}),
    ({"take": "sum", "where": "kind = 'off'"}, {"a": None, "b": None, "c": 7}),
    ({"take": "latest", "where": "kind = 'off'"}, {"a": None, "b": 9, "c": 7}),
    (COST | {"take": "sum"}, {"a": Decimal("0.30"), "b": None, "c": Decimal(2)}),
    (COST | {"take": "latest"}, {"a": Decimal("0.10"), "b": Decimal(1), "c": Decimal(2)}),
    (IS | {"column": "is_on"}, {"a": True, "b": None, "c": False}),
    (IS | {"column": None, "where": "kind = 'off'"}, {"a": False, "b": True, "c": True}),
    ({"take": "days_since", "column": "day_date"}, {"a": 0, "b": 0, "c": 0}),
    ({"take": "min", "column": "day_date", "type": "date"}, {"a": BEFORE, "b": AS_OF, "c": AS_OF}),
    ({"take": "sum", "within_days": 2}, {"a": 3, "b": None, "c": 7}),
]  # fmt: skip


@pytest.mark.parametrize(("how", "expected"), TAKEN, ids=[" ".join(map(str, c[0].values())) for c in TAKEN])
def test_each_way_of_taking(how: dict[str, Any], expected: dict[str, Any]) -> None:
    assert taken(TWO, **how) == {**expected, "d": None}


def test_what_is_not_listed_is_unknown_unless_the_fact_says_otherwise() -> None:
    assert taken(None, absent=0) == dict.fromkeys("abcd")
    assert taken(TWO, absent=0)["d"] == 0
    assert taken(TWO)["d"] is None


def test_a_window_in_which_nothing_was_delivered_is_unknown() -> None:
    later = AS_OF + timedelta(days=40)
    assert taken(TWO, later, absent=0, within_days=35) == dict.fromkeys("abcd")
    assert taken(TWO, AS_OF + timedelta(days=34), absent=0, within_days=35)["d"] == 0


def test_only_what_was_known_by_the_date_is_read() -> None:
    late = rows({"person_id": "a", "amount": 100, "meter_no": "late"}, known=AS_OF + timedelta(days=1))
    both = pl.concat([TWO, late])
    assert taken(both) == taken(TWO)
    assert taken(both, AS_OF + timedelta(days=1))["a"] == 107


def test_a_roll_is_its_newest_delivery_and_doubts_whom_it_lost() -> None:
    old = rows({"person_id": "a", "amount": 1}, {"person_id": "c", "amount": 2}, known=date(2026, 2, 5))
    new = rows({"person_id": "a", "amount": 5})
    answer = taken(pl.concat([old, new]), loads="roll", absent=0, date=None)
    assert answer == {"a": 5, "b": 0, "c": None, "d": 0}


def test_a_households_fact_is_about_all_its_members() -> None:
    spine = pl.DataFrame({"household_id": ["H1", "H2", "H3"]})
    named = [fact(entity="household"), fact(entity="person", name="other")]
    frame = declared_households(metered({"meter": TWO.drop_nulls("amount")}), HOMES, spine, named)
    assert frame.rows() == [("H1", 16), ("H2", 7), ("H3", None)]
    assert frame.columns == ["household_id", "x"]


def test_another_column_may_name_the_person() -> None:
    let = TWO.with_columns(tenant_person_id=pl.lit("d"))
    assert taken(let, take="count", column=None, person="tenant_person_id") == {
        "a": None,
        "b": None,
        "c": None,
        "d": 5,
    }


def test_the_panel_without_declared_facts_is_as_before() -> None:
    core, nobody = as_known({}), golden({}).persons

    def derived(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(pl.lit(None, pl.Boolean).alias(name) for name in NEEDED)

    without = panel_persons(core, nobody, definitions(), derived)
    assert without.equals(panel_persons(core, nobody, definitions(), derived, ()))


# ---- a home's additions ----


@pytest.fixture()
def home(tmp_path: Path) -> Path:
    for room in ("contracts", "policies"):
        shutil.copytree(EXAMPLE / room, tmp_path / room)
    return tmp_path


def test_the_home_adds_to_what_is_shipped(home: Path) -> None:
    shipped, book = load_rulebook(home / "nowhere"), load_rulebook(home)
    assert set(book.contracts) - set(shipped.contracts) == {"power_grid.meter"}
    assert {s.id for s in book.catalogue.signals} - {s.id for s in shipped.catalogue.signals} == {"I23"}
    assert len(book.catalogue.facts) == len(shipped.catalogue.facts) + 4
    assert book.catalogue.facts["household.electricity_silent_days"].unit == "days"


# Per type: how the column is read (readsAs, logical type), how the fact is taken and named, two cells as
# core holds them, and the fact.
EVERY_TYPE: dict[str, tuple[str, str, str, str, list[Any], Any]] = {
    "integer": ("int", "integer", "sum", "use_cnt", [3, 4], 7),
    "number": ("number", "number", "sum", "use_kwh", [Decimal("0.10"), Decimal("0.20")], Decimal("0.30")),
    "yuan": ("yuan", "number", "sum", "cost_yuan", [Decimal("9.90"), Decimal("0.20")], Decimal("10.10")),
    "text": ("code", "string", "latest", "tariff", ["1", "2"], "2"),
    "boolean": ("bool", "boolean", "any", "is_smart", [False, True], True),
    "date": ("date", "date", "max", "seen_date", [date(2026, 1, 1), date(2026, 2, 1)], date(2026, 2, 1)),
}


def _contract_of_every_type(folder: Path) -> None:
    """The example's contract with one column and one fact more for each type that a fact may have."""
    shutil.copytree(EXAMPLE / "contracts" / "codes", folder / "contracts" / "codes")
    facts = [
        {"name": f"all_{name}" if kind != "boolean" else f"is_all_{name}", "zh": name, "type": kind,
         "entity": "person", "take": take, "column": name}
        for kind, (_, _, take, name, _, _) in EVERY_TYPE.items()
    ]  # fmt: skip
    path = write(folder, facts)
    document = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    for reads_as, logical, _, name, _, _ in EVERY_TYPE.values():
        custom = {"readsAs": reads_as, "purposes": ["discovery"]} | (
            {"unit": "yuan"} if reads_as == "yuan" else {"codes": "sex"} if reads_as == "code" else {}
        )
        document["schema"][0]["properties"].append(
            {"name": name, "physicalName": name, "businessName": name, "logicalType": logical,
             "physicalType": "VARCHAR", "classification": "internal",
             "customProperties": [{"property": key, "value": value} for key, value in custom.items()]}
        )  # fmt: skip
    path.write_text(written(document), encoding="utf-8")


def test_a_fact_of_every_type_is_declared_computed_and_has_its_column(tmp_path: Path) -> None:
    """From the YAML of a home to the column of the panel: no type is allowed that something does not know."""
    assert set(EVERY_TYPE) == set(FACT_TYPES)
    _contract_of_every_type(tmp_path)
    book = load_rulebook(tmp_path)
    con = duckdb.connect()
    create(con, book.contracts, book.catalogue.panel_facts())
    cells = {name: values for _, _, _, name, values, _ in EVERY_TYPE.values()}
    columns = {name: con.execute(f'SELECT "{name}" FROM core.meter').pl().to_series() for name in cells}
    schema = {name: column.dtype for name, column in columns.items()}
    frame = pl.DataFrame({"meter_no": ["1", "2"], "person_id": ["a", "a"], **cells},
                         schema_overrides=schema).with_columns(
        usage_month=date(2026, 2, 1), read_date=date(2026, 2, 28), known_date=AS_OF - timedelta(days=1),
        period_month=date(2026, 2, 1), event_date=date(2026, 2, 28),
        delivery_id=pl.lit("m"), row_no=pl.int_range(2, 4, dtype=pl.Int64),
    )  # fmt: skip
    facts = [fact for fact in book.catalogue.declared if fact.extract == "meter"]
    found = declared_persons(metered({"meter": frame}), PEOPLE, facts).filter(person_id="a")
    panel = con.execute("SELECT * FROM panel.person").pl().schema
    for fact, (kind, (*_, expected)) in zip(facts, EVERY_TYPE.items(), strict=True):
        assert (fact.type, found.item(0, fact.name)) == (kind, expected)
        assert found.schema[fact.name] == DTYPES[kind] == panel[fact.name]


def test_a_code_table_of_its_own(home: Path) -> None:
    codes = home / "contracts" / "codes" / "meter_status.yaml"
    assert load_rulebook(home).codes["meter_status"].label_map()["正常"] == "normal"
    codes.rename(codes.with_name("sex.yaml"))
    assert [p.what for p in contract_problems(home)] == ["the code table sex is there already"]


SIGNAL, GROUP = "policies/signals/I23_silent_meter.yaml", "policies/parameters/meter.yaml"
CONTRACT = "contracts/power_grid/meter.yaml"
TAKEN_NAMES = [
    (SIGNAL, "id: I23", "id: I12", "the id I12 belongs to a shipped file"),
    (GROUP, "group: meter", "group: elder", "the parameter group 'elder' belongs to a shipped file"),
    (CONTRACT, "{name: electricity_kwh,", "{name: member_cnt,", "there is a fact 'member_cnt'"),
    (CONTRACT, "'cut_off')\"}", "'cut_off') AND usage_kwh < 5\"}", "the number 5 has no date"),
]


@pytest.mark.parametrize(("name", "old", "new", "says"), TAKEN_NAMES)
def test_what_is_shipped_is_not_replaced(home: Path, name: str, old: str, new: str, says: str) -> None:
    path = home / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    (problem, *_) = [p for p in policy_problems(home) if says in p.what]
    assert problem.file == str(path)


def test_an_extract_about_nobody_cannot_be_loaded(home: Path) -> None:
    path = write(home, [SUM], id_number={"name": "holder_id_number"})
    assert any("a column named id_number" in p.what for p in contract_problems(home))
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("- property: facts")], encoding="utf-8")
    assert [(p.file, "a column named id_number" in p.what) for p in contract_problems(home)] == [
        (str(path), True)
    ]


def test_a_second_register_of_everybody_is_refused(home: Path) -> None:
    path = home / CONTRACT
    text = path.read_text(encoding="utf-8")
    own = "  - {property: identifies, value: everybody}\n"
    path.write_text(
        text.replace("customProperties:\n  - ", f"customProperties:\n{own}  - ", 1), encoding="utf-8"
    )
    assert own in path.read_text(encoding="utf-8")
    (problem,) = contract_problems(home)
    assert problem.what == "public_security.population identifies everybody already"
    assert path.read_text(encoding="utf-8").splitlines()[problem.line - 1] == "customProperties:"


def test_an_extract_that_is_there_already_or_would_be_a_strange_table(home: Path) -> None:
    folder = home / "contracts" / "power_grid"
    (folder / "meter.yaml").rename(folder / "population.yaml")
    assert "public_security.population" in contract_problems(home)[0].what
    (folder / "population.yaml").rename(folder / "person; drop.yaml")
    assert "snake_case" in contract_problems(home)[0].what


@pytest.mark.parametrize(
    "name", ["contracts/meter.yaml", "contracts/power_grid/x.yml", "policies/facts.yaml"]
)
def test_a_file_that_nothing_reads_is_named(home: Path, name: str) -> None:
    (home / name).write_text("a: 1\n")
    with pytest.raises(ZhaorenError, match="nothing reads this file") as refused:
        load_rulebook(home)
    assert refused.value.where == f"{home / name}:1"


def test_notes_beside_the_files_do_no_harm(home: Path) -> None:
    (home / "contracts" / "power_grid" / "README.md").write_text("call the grid before changing this\n")
    assert contract_problems(home) == []


def test_the_home_folder_itself_is_no_addition(tmp_path: Path) -> None:
    assert load_rulebook(Home(tmp_path).root).catalogue is load_rulebook(tmp_path / "none").catalogue
