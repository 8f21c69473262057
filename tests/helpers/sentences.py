"""Every text that people read on a home's lists, and what of it is not plain Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl

from exchange.language.plain import barred, faults

READ = ("worklists", "counties", "compliance", "referrals", "spot_checks")
# These say why families are on a list, or what a worker may say to them: no word of an illness or a crime.
ABOUT_FAMILIES = ("走访名单", "本期变化", "重点人员", "后续办理", "转介清单", "待核实清单")
# The duty to report for a child names the police and what is done to children; it stands around the lines.
_DUTY = ("未成年人保护法", "孩子受到侵害")


def sentences(home: Path) -> Iterator[tuple[str, str]]:
    """(where, text) of every cell that is shown, each text of a sheet once."""
    seen: set[tuple[str, str]] = set()
    for kind in READ:
        for path in sorted(home.glob(f"{kind}/*/*.xlsx")):
            book = openpyxl.load_workbook(path, read_only=True)
            for sheet in book:
                if sheet.sheet_state != "visible":
                    continue
                for row in sheet.iter_rows(values_only=True):
                    texts = {(sheet.title, cell) for cell in row if isinstance(cell, str)} - seen
                    seen |= texts
                    yield from ((f"{path.parent.name}/{path.name} {name}", text) for name, text in texts)


def not_plain(home: Path) -> dict[str, list[str]]:
    """Text -> what is wrong with it, of every text on the home's lists."""
    found = {}
    for where, text in sentences(home):
        wrong = faults(text)
        if where.endswith(ABOUT_FAMILIES) and not any(word in text for word in _DUTY):
            wrong += [f"barred: {word}" for word in barred(text)]
        if wrong:
            found[text] = [where, *wrong]
    return found
