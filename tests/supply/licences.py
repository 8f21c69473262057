"""The licence of every distribution that runs, from its own metadata.

`python -m tests.supply.licences` writes docs/licences.md, and ends with 1 where one is refused or not known.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from tests.supply.locks import ROOT, Locked, locked

PAGE = ROOT / "docs" / "licences.md"
PERMISSIVE = {
    *("MIT", "MIT-0", "ISC", "0BSD", "BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0", "Zlib"),
    *("CC0-1.0", "CNRI-Python", "Artistic-1.0-Perl", "MIT-CMU"),
}
# As metadata of older kinds write them -> by the names of SPDX; "BSD" where they do not say which.
WORDS = {
    "MIT License": "MIT",
    "The MIT License (MIT)": "MIT",
    "MIT license": "MIT",
    "MIT Licence": "MIT",
    "Apache Software License": "Apache-2.0",
    "Apache 2": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
# Where the metadata say nothing, or offer a choice in words: the licence, and where it is read.
STATED = {
    "polars-hash": ("MIT", "metadata name none; LICENSE of its repository"),
    "skops": ("MIT", "metadata say only “OSI approved”; the licence file in the package"),
    "text-unidecode": (
        "Artistic-1.0-Perl OR GPL-2.0-or-later",
        "offered under either; taken under the Artistic License",
    ),
    "python-dateutil": ("Apache-2.0 OR BSD-3-Clause", "offered under either"),
    "altair": ("BSD-3-Clause", ""),
    "polars": ("MIT", ""),
    "pyphen": ("GPL-2.0-or-later OR LGPL-2.1-or-later OR MPL-1.1", "offered under any of the three"),
    "scipy": (
        "BSD-3-Clause",
        "its wheel holds OpenBLAS (BSD) and libgfortran (GPL with the runtime exception)",
    ),
}
# The Mozilla licence binds changes to its own files only; we change none, and install them as they are.
FILE_LEVEL = {"MPL-1.1", "MPL-2.0"}
MPL_REASON = "used unchanged"
MPL_KNOWN = {
    "certifi": "certificates; brought by httpx and requests",
    "orjson": "brought by Prefect; its MPL part is one file",
    "pathspec": "brought by Prefect",
    "pyphen": "brought by WeasyPrint; offered under two others, too, and taken under Mozilla's",
    "tqdm": "brought by Great Expectations",
}


def licence_of(name: str) -> str:
    """A distribution's licence as an SPDX expression; "" when its metadata do not say."""
    if name in STATED:
        return STATED[name][0]
    about = metadata.metadata(name)
    if "License-Expression" in about:
        return str(about["License-Expression"])
    field = str(about["License"]).split("\n")[0] if "License" in about else ""
    if field in PERMISSIVE | FILE_LEVEL or " AND " in field or " OR " in field:
        return field
    marks = [
        mark.split(" :: ")[-1] for mark in about.get_all("Classifier") or [] if mark.startswith("License")
    ]
    found = [WORDS[mark] for mark in marks if mark in WORDS] if all(mark in WORDS for mark in marks) else []
    return " AND ".join(sorted(set(found))) or WORDS.get(field, "")


def refusal(name: str, expression: str) -> str:
    """Why this may not be installed to run; "" when it may. Of alternatives one has to be permissive."""
    if not expression:
        return "its licence is not known: read it, and state it in tests/supply/licences.py"
    for part in expression.split(" AND "):
        choices = [choice.strip("() ") for choice in part.split(" OR ")]
        if any(choice in PERMISSIVE for choice in choices):
            continue
        if FILE_LEVEL & set(choices) and name in MPL_KNOWN:
            continue
        return f"{part} is not among the licences that we install"
    return ""


def page() -> str:
    """docs/licences.md."""
    rows = [_row(one) for one in locked()]
    return "\n".join([_HEAD.read_text(encoding="utf-8"), *_TABLE, *rows, ""])


def refused() -> Iterator[str]:
    """Each distribution that may not be installed, with the reason."""
    for one in locked():
        if why := refusal(one.name, licence_of(one.name)):
            yield f"{one.name} {one.version}: {why}"


def _row(one: Locked) -> str:
    expression = licence_of(one.name)
    note = STATED.get(one.name, ("", ""))[1]
    if any(licence in expression for licence in FILE_LEVEL):
        note = f"{MPL_KNOWN[one.name]}; {MPL_REASON}" if one.name in MPL_KNOWN else "?"
    return f"| {one.name} | {one.version} | {expression or '?'} | {note} |"


_TABLE = ("| distribution | version | licence | remark |", "|---|---|---|---|")
_HEAD = Path(__file__).with_name("licences.md")  # what the page says before its table


def main() -> None:
    """Write the page; say what is refused."""
    PAGE.write_text(page(), encoding="utf-8")
    problems = list(refused())
    print("\n".join(problems) or f"{len(locked())} licences are in order: docs/licences.md")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
