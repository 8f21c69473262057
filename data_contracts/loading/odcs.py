"""Contracts as others write them: any ODCS 3 document, completed with what our reading needs to know.

Headers are the physical or logical names, ways of reading follow the logical types, the rest is taken from
the standard's own fields. Nothing is invented about the data: what has no meaning in a flat file is read
as text, and the rule that documents it gives the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from data_contracts.cells.values import DTYPES
from data_contracts.contract.custom_properties import custom_of
from data_contracts.contract.model import Contract
from data_contracts.contract.period import nearest_cadence, parse_period
from data_contracts.rules.service_levels import FREQUENCY
from zhaoren.errors import ZhaorenError

READS = {
    "string": "text",
    "date": "date",
    "timestamp": "timestamp",
    "time": "time",
    "number": "number",
    "integer": "int",
    "boolean": "bool",
}
# For a column with a physical type only: the first pattern that the type's name begins with.
# `timestamp` comes before `date` and `time`, which begin the same.
PHYSICAL = (
    (r"(big|small|tiny|medium|u)*int(eger)?\d*\b|long\b|serial", "integer"),
    (r"decimal|numeric|number|double|float|real|money", "number"),
    (r"timestamp|datetime", "timestamp"),
    (r"date", "date"),
    (r"time", "time"),
    (r"bool", "boolean"),
    (r"n?(var)?char|string|text|clob|uuid|enum", "string"),
)
STANDARD = "Open Data Contract Standard 3 (apiVersion v3.…, kind DataContract)"


def is_ours(document: Mapping[str, Any]) -> bool:
    """Whether the document carries our own properties."""
    return bool({"department", "loads", "cadence"} & set(custom_of(document)))


def refuse_other_standards(document: Any, where: str) -> None:
    """ZhaorenError when the YAML is no ODCS 3 contract, saying what it looks like instead."""
    todo = f"write it in the {STANDARD}"
    if not isinstance(document, Mapping):
        raise ZhaorenError("this is not a data contract", where, "the file holds no keys", todo)
    if "dataContractSpecification" in document:
        why = "it is written in the Data Contract Specification of datacontract.com"
        todo += "; `datacontract export --format odcs` of that project's tool converts it"
        raise ZhaorenError("this contract is in another standard", where, why, todo)
    if "dataset" in document or str(document.get("apiVersion", "")).startswith("v2"):
        why = "it is written in version 2 of the standard, which describes tables under `dataset`"
        raise ZhaorenError("this contract is in an older standard", where, why, todo)
    if not isinstance(document.get("schema"), list) or not document["schema"]:
        raise ZhaorenError(
            "this is not a contract we can run", where, "it describes no table: no schema", todo
        )


def completed(document: Mapping[str, Any], position: int) -> dict[str, Any]:
    """The document for its table at `position` alone, with everything our reader needs filled in."""
    table = _table(document["schema"][position])
    custom, domain = custom_of(document), document.get("domain") or document.get("dataProduct")
    owner = str(domain or document.get("tenant") or "outside")
    ours = {
        "department": _plain(owner),
        "departmentZh": owner,
        "loads": "roll",  # whatever a file holds is the present state: nothing is added to earlier files
        "cadence": _cadence(document),
        **custom,
        "isForeign": True,
    }
    stem = str(document.get("id") or document.get("name") or "contract")
    return {
        **document,
        "id": stem if stem.endswith(f".{table['name']}") else f"{stem}.{table['name']}",
        "version": document.get("version") or "",
        "schema": [table],
        "customProperties": [{"property": key, "value": value} for key, value in ours.items()],
    }


def _table(entry: Mapping[str, Any]) -> dict[str, Any]:
    name = _plain(str(entry.get("name") or entry.get("physicalName") or "table"))
    properties = list(_columns(entry))
    title = entry.get("businessName") or entry.get("physicalName") or entry.get("name") or name
    return {**entry, "name": name, "businessName": str(title), "properties": properties}


def _columns(table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    taken: set[str] = set()
    for number, entry in enumerate(table.get("properties") or (), start=1):
        written_name = str(entry.get("name") or entry.get("physicalName") or f"column_{number}")
        name, again = _plain(written_name), 2
        while name.lower() in taken:  # DuckDB takes upper and lower case for the same
            name, again = f"{_plain(written_name)}_{again}", again + 1
        taken.add(name.lower())
        yield _column(entry, written_name, name, number)


def _column(entry: Mapping[str, Any], written_name: str, name: str, number: int) -> dict[str, Any]:
    custom, logical = custom_of(entry), _logical_type(entry)
    reads_as = custom.get("readsAs") or _reads_as(logical, entry)
    aliases = [*(custom.get("aliases") or ()), written_name]
    aliases += [str(one.get("synonym")) for one in entry.get("synonyms") or () if isinstance(one, Mapping)]
    # The standard marks "no position" by -1; then the order of the columns is that of the key.
    position = entry.get("primaryKeyPosition")
    ours = {**custom, "readsAs": reads_as or "text", "aliases": list(dict.fromkeys(aliases))}
    if reads_as == "yuan":
        ours.setdefault("unit", "yuan")
    done = {
        **entry,
        "name": name,
        "physicalName": str(entry.get("physicalName") or written_name),
        "businessName": str(entry.get("businessName") or written_name),
        "logicalType": logical,
        "primaryKeyPosition": position if isinstance(position, int) and position > 0 else number,
        "customProperties": [{"property": key, "value": value} for key, value in ours.items()],
    }
    if reads_as is None:
        done["readAsTextBecause"] = f"a flat file's cell has no type “{logical}”; it is read as text"
    return done


def _logical_type(entry: Mapping[str, Any]) -> str:
    if entry.get("logicalType"):
        return str(entry["logicalType"])
    physical = str(entry.get("physicalType") or "string").lower()
    return next((logical for form, logical in PHYSICAL if re.match(form, physical)), physical)


def _reads_as(logical: str, entry: Mapping[str, Any]) -> str | None:
    """How a cell of this type is read; None when only as text."""
    written = str((entry.get("logicalTypeOptions") or {}).get("format") or "")
    if logical == "date" and re.search("[Hh]", written):
        logical = "timestamp"  # version 3.0 of the standard has no timestamp
    if logical == "date" and written and "d" not in written.lower():
        return "month"
    if logical == "number" and re.match(PHYSICAL[0][0], str(entry.get("physicalType") or "").lower()):
        logical = "integer"  # long numbers keep every digit
    reads_as = READS.get(logical)
    return reads_as if reads_as in DTYPES else None


def _cadence(document: Mapping[str, Any]) -> str:
    """Our name for the first frequency that is promised; `event` (never stale) where none is."""
    promised = (
        parse_period(item.get("value"), item.get("unit"))
        for item in document.get("slaProperties") or ()
        if str(item.get("property", "")).lower() in FREQUENCY
    )
    return nearest_cadence(next(filter(None, promised), None))


def _plain(name: str) -> str:
    """A name that SQL needs not quote: letters of any script, digits and underscores."""
    plain = re.sub(r"\W+", "_", name).strip("_") or "column"
    return f"_{plain}" if plain[0].isdigit() else plain


_DAY_FIRST = (("yyyy", "%Y"), ("YYYY", "%Y"), ("yy", "%y"), ("MMM", "%b"), ("MM", "%m"), ("M", "%m"),
              ("dd", "%d"), ("DD", "%d"), ("d", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"))  # fmt: skip


def as_agreed(text: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """`text` with dates written as the contract says (day or month first) turned into year-month-day.

    Our readers know every form that begins with the year; whether 05/03/2024 is in March or May, only the
    contract knows.
    """
    turned = []
    for column in contract.columns:
        form = str(column.options.get("format") or "")
        known = column.reads_as in ("date", "timestamp") and column.name in text.columns
        if known and form and not form.startswith(("y", "Y", "%Y")):
            cell = pl.col(column.name)
            moment = cell.str.strip_chars().str.to_datetime(_strftime(form), strict=False)
            iso = moment.dt.strftime("%Y-%m-%d" if column.reads_as == "date" else "%Y-%m-%d %H:%M:%S")
            turned.append(pl.coalesce(iso, cell).alias(column.name))
    return text.with_columns(turned)


def _strftime(form: str) -> str:
    """dd/MM/yyyy -> %d/%m/%Y; a format that holds % is taken as it is."""
    if "%" in form:
        return form
    pieces = re.split("(" + "|".join(mark for mark, _ in _DAY_FIRST) + ")", form)
    return "".join(dict(_DAY_FIRST).get(piece, piece) for piece in pieces).replace("'", "")
