"""A department's file as rows of text: decoded strictly, its header found, every row kept and numbered.

Nothing is judged here but whether the file can be read and is the promised one. Row numbers are those a
person sees in a spreadsheet: 1 is the file's first row, title rows and the header included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from zhaoren.data_contracts.contract import Contract, load_contracts
from zhaoren.errors import ZhaorenError
from zhaoren.exchange.headers import HeaderMatch, find_header, match_headers, nearest
from zhaoren.exchange.tables import RawTable, read_table

EXTRA = "_extra"
_INK = r"[^\s\u00a0\u3000,]"


@dataclass(frozen=True)
class TextRows:
    """A delivery as text.

    frame: one row per non-blank data row: row_no (Int64, as in the file), one String column per known
    header, named as the contract's column, and `_extra` (text beyond the header) where a row has any.
    headers: as in the file. unknown_headers: not in the contract, left out. missing_headers: promised
    (optional) headers the file lacks. renamed: file header -> agreed header, where they differ.
    """

    frame: pl.DataFrame
    headers: tuple[str, ...]
    unknown_headers: tuple[str, ...]
    missing_headers: tuple[str, ...]
    renamed: Mapping[str, str]
    encoding: str
    format: str
    header_row: int
    rows_read: int


def read_delivery(
    path: Path, contract: Contract, contracts: Mapping[str, Contract] | None = None
) -> TextRows:
    """Read a file by its contract, whatever its format and encoding.

    `contracts` (default: the shipped ones) are looked through to say whose a wrong file may be.
    Raises ZhaorenError: empty, unreadable, no header found, another department's file, or a required
    column missing.
    """
    path = Path(path)
    table, header = _opened(path, [contract])
    if header is None:
        raise _no_header(path, table, contract, contracts)
    match = match_headers(table.row(header), contract)
    _refuse_wrong_file(path, table, match, contract, contracts)
    frame = _data_rows(table, header, match)
    return TextRows(
        frame=frame,
        headers=match.headers,
        unknown_headers=match.unknown,
        missing_headers=match.missing,
        renamed=match.renamed,
        encoding=table.encoding,
        format=table.format,
        header_row=header + 1,
        rows_read=frame.height,
    )


def guess_contract(path: Path, contracts: Mapping[str, Contract]) -> list[tuple[str, float]]:
    """Whose file this may be: (contract id, share of its headers found), best first, zeros left out."""
    table, header = _opened(Path(path), list(contracts.values()))
    return _shares(table.row(header), contracts) if header is not None else []


def _opened(path: Path, contracts: list[Contract]) -> tuple[RawTable, int | None]:
    table = read_table(path, lambda rows: find_header(rows, contracts))
    return table, find_header(table.head, contracts)


def _shares(cells: Sequence[str | None], contracts: Mapping[str, Contract]) -> list[tuple[str, float]]:
    found = [(name, match_headers(cells, contract).share) for name, contract in contracts.items()]
    return sorted(((n, round(s, 4)) for n, s in found if s > 0), key=lambda pair: (-pair[1], pair[0]))


def _data_rows(table: RawTable, header: int, match: HeaderMatch) -> pl.DataFrame:
    """The rows below the header that hold anything at all, renamed to the contract's columns."""
    body = table.body(header)
    extra = [name for place, name in enumerate(table.columns) if place >= len(match.headers)]
    wanted = [pl.col(table.columns[place]).alias(name) for place, name in match.places.items()]
    frame = body.filter(_filled(body, table.columns))
    beyond = [pl.coalesce(extra).replace("", None).alias(EXTRA)] if extra else []
    frame = frame.select(pl.col("row_no").cast(pl.Int64), *wanted, *beyond)
    if beyond and frame[EXTRA].null_count() == frame.height:
        frame = frame.drop(EXTRA)
    return frame


def _filled(body: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """Rows that hold anything; the later columns are only looked at where the first is blank."""
    filled = body[names[0]].str.contains(_INK).fill_null(False)
    blank = filled.not_().arg_true()
    if blank.len() and len(names) > 1:
        rest = body[blank].select(
            pl.any_horizontal(pl.col(n).str.contains(_INK) for n in names[1:]).fill_null(False)
        )
        filled = filled.scatter(blank, rest.to_series())
    return filled


def _no_header(
    path: Path, table: RawTable, contract: Contract, contracts: Mapping[str, Contract] | None
) -> ZhaorenError:
    others = dict(contracts or load_contracts())
    header = find_header(table.head, list(others.values()))
    if header is not None:
        return _wrong_department(path, contract, _shares(table.row(header), others), others)
    required = "、".join(c.header for c in contract.columns if c.required)
    return ZhaorenError(
        "no header row was found",
        path.name,
        f"none of the first {len(table.head)} rows holds the headers of {contract.id} ({contract.title_zh})",
        f"check that this is the right file; it should have the columns {required}",
    )


def _refuse_wrong_file(
    path: Path,
    table: RawTable,
    match: HeaderMatch,
    contract: Contract,
    contracts: Mapping[str, Contract] | None,
) -> None:
    if not match.missing_required:
        return
    others = dict(contracts or load_contracts())
    shares = _shares(list(match.headers), others)
    if shares and shares[0][0] != contract.id and shares[0][1] > match.share:
        raise _wrong_department(path, contract, shares, others)
    hints = [
        f"“{u}” may be meant for “{near}”"
        for u in match.unknown
        if (near := nearest(u, match.missing_required))
    ]
    raise ZhaorenError(
        f"required columns are missing: {'、'.join(match.missing_required)}",
        f"{path.name}, header in row {table.found_header + 1 if table.found_header is not None else '?'}",
        f"{contract.id} promises them" + (f"; {'; '.join(hints)}" if hints else ""),
        f"ask {contract.department_zh} to deliver them under the agreed headers, or change the contract",
    )


def _wrong_department(
    path: Path, contract: Contract, shares: list[tuple[str, float]], others: Mapping[str, Contract]
) -> ZhaorenError:
    best, share = shares[0]
    whose = others[best]
    return ZhaorenError(
        f"this is not {contract.title_zh} ({contract.id})",
        path.name,
        f"its headers look like {whose.title_zh} ({best}, {whose.department_zh}): {share:.0%} of them match",
        f"put it in {whose.department}/ as {whose.extract}, or ask {contract.department_zh} again",
    )
