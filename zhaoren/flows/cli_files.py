"""Commands about single files and numbers: peek, check, id."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from zhaoren.errors import ZhaorenError
from zhaoren.flows.console import plainly, print_json, table
from zhaoren.flows.options import JsonOption

FileArgument = Annotated[Path, typer.Argument(help="A delivery: .csv, .xlsx or .parquet.")]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(peek)
    app.command()(check)
    app.command("id")(id_numbers)


def peek(file: FileArgument, as_json: JsonOption = False) -> None:
    """Show how a file would be read, and against which contract."""
    with plainly(as_json):
        found = look_into(file)
    if as_json:
        print_json(found)
        return
    table(
        file.name,
        ["what", "value"],
        [
            (name, "、".join(value) if isinstance(value, list | tuple) else value)
            for name, value in found.items()
        ],
    )


def look_into(file: Path) -> dict[str, Any]:
    """How the file would be read; cell values are not among it, since they may name people."""
    from zhaoren.data_contracts.contract import load_contracts
    from zhaoren.exchange.reading import guess_contract, read_delivery

    contracts = load_contracts()
    guesses = guess_contract(file, contracts)
    if not guesses:
        raise ZhaorenError(
            "No contract fits this file.",
            file.name,
            "None of its rows holds the headers of a known extract.",
            "Check that it is a department's delivery, or write a contract for it.",
        )
    name, share = guesses[0]
    text = read_delivery(file, contracts[name])
    return {
        "contract": name,
        "title_zh": contracts[name].title_zh,
        "headers_matched": f"{share:.0%}",
        "format": text.format,
        "encoding": text.encoding,
        "header_row": text.header_row,
        "rows_read": text.rows_read,
        "headers": list(text.headers),
        "unknown_headers": list(text.unknown_headers),
        "missing_headers": list(text.missing_headers),
        "other_guesses": [f"{other} {part:.0%}" for other, part in guesses[1:4]],
    }


def check(
    file: FileArgument,
    contract: Annotated[str, typer.Option(help="A contract's YAML file, or its id department.extract.")],
    as_json: JsonOption = False,
) -> None:
    """Check any file against any contract: rows in, good, faulty, and the count of every broken rule."""
    with plainly(as_json):
        found = check_file(file, contract)
    if as_json:
        print_json(found)
    else:
        rows = [
            (k, found[k]) for k in ("contract", "rows_read", "rows_good", "rows_faulty", "rows_duplicate")
        ]
        table(file.name, ["what", "value"], rows)
        if found["rules"]:
            table("broken rules", ["rule", "rows"], sorted(found["rules"].items()))
    if found["rows_faulty"]:
        raise typer.Exit(1)


def check_file(file: Path, contract: str) -> dict[str, Any]:
    """The row check of one file, as counts."""
    from zhaoren.data_contracts.contract import load_codes, load_contract, load_contracts
    from zhaoren.data_contracts.rows import check_rows
    from zhaoren.exchange.reading import read_delivery

    known = load_contracts()
    if contract not in known and not Path(contract).is_file():
        raise ZhaorenError(
            f"There is no contract “{contract}”.",
            "",
            "",
            f"Name a YAML file or one of: {', '.join(sorted(known))}.",
        )
    agreed = known[contract] if contract in known else load_contract(Path(contract))
    text = read_delivery(file, agreed)
    checked = check_rows(text.frame, agreed, load_codes())
    return {
        "contract": agreed.id,
        "rows_read": text.rows_read,
        "rows_good": checked.good.height,
        "rows_faulty": checked.quarantined.height,
        "rows_duplicate": checked.duplicates.height,
        "rules": {rule: count for rule, count in sorted(checked.counts.items()) if count},
    }


def id_numbers(
    numbers: Annotated[list[str], typer.Argument(help="Numbers to look at.")], as_json: JsonOption = False
) -> None:
    """Say what is right or wrong about ID numbers; nothing is stored or looked up."""
    with plainly(as_json):
        found = look_at(numbers)
    if as_json:
        print_json(found)
    else:
        columns = ["number", "kind", "valid", "errors", "warnings", "normal"]
        table("ID numbers", columns, [tuple(_joined(one[c]) for c in columns) for one in found])
    if not all(one["valid"] for one in found):
        raise typer.Exit(1)


def _joined(value: Any) -> Any:
    return "；".join(value) if isinstance(value, list) else value


def look_at(numbers: list[str]) -> list[dict[str, Any]]:
    """One finding per number: number, kind, valid, errors, warnings, normal."""
    import polars as pl

    from zhaoren.data_contracts.ids import check_ids
    from zhaoren.data_contracts.reasons import ERRORS
    from zhaoren.divisions import area_codes

    found = check_ids(pl.Series(numbers), area_codes().select("code", "start_year", "end_year"))
    return [
        {
            "number": row["text"],
            "kind": row["kind"],
            "valid": bool(row["valid"]),
            "errors": [str(ERRORS[row["error"]])] if row["error"] else [],
            "warnings": [AREA_WARNINGS[row["area_state"]]] if row["area_state"] in AREA_WARNINGS else [],
            "normal": row["normal"],
        }
        for row in found.to_dicts()
    ]


AREA_WARNINGS = {
    "not_yet": "area code came into use after the birth year (usual for late registration)",
    "dropped": "area code was given up before the birth year",
    "unknown": "area code is not in the division tables",
}
