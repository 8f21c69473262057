"""What doctor sees without a database: program, key, modes, published file, disk, leftovers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from importlib.metadata import PackageNotFoundError, version

import zhaoren
from flows.context.home import Home
from flows.process.modes import open_to_others
from flows.safekeeping.findings import Finding, fine, named, note, of_error, wrong
from warehouse.database.files import log_of
from warehouse.wholeness.inspection import is_readable, published_date
from warehouse.wholeness.vault_key import GivenKey, key_of, usable_key
from zhaoren.errors import ZhaorenError

# Those that decide what is read, computed and kept.
LIBRARIES = ("duckdb", "duckdb-extension-httpfs", "polars", "great-expectations", "prefect", "cryptography")


def programs() -> Iterator[Finding]:
    """Versions of program and libraries."""
    python = ".".join(map(str, sys.version_info[:3]))
    known = {name: _version(name) for name in LIBRARIES}
    lacking = [name for name, found in known.items() if not found]
    shown = ", ".join(f"{name} {found}" for name, found in known.items() if found)
    yield fine("program", f"zhaoren {zhaoren.__version__}, Python {python}, {shown}.")
    if lacking:
        yield wrong("program", f"Not installed: {', '.join(lacking)}.", "Install the locked packages again.")
    elif known["duckdb"] != known["duckdb-extension-httpfs"]:
        text = "duckdb and duckdb-extension-httpfs differ in version: the vault cannot be written."
        yield wrong("program", text, "Install the locked packages again.")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def key_file(home: Home) -> tuple[GivenKey | None, list[Finding]]:
    """The key, so that the rest can be looked at with a weak one, too; where it comes from, what is wrong."""
    try:
        key = key_of(home.root)
        usable_key(home.root)
    except ZhaorenError as error:
        return (None if error.code != "key_weak" else key_of(home.root)), [of_error("key", error)]
    if key is None:
        return None, [note("key", "None is given: ZHAOREN_VAULT_KEY, ZHAOREN_VAULT_KEY_FILE or vault.key.")]
    found = [fine("key", f"From {key.source}.")]
    if key.source == "vault.key":
        text = "It lies in the home: whoever copies the home has everything."
        found.append(note("key", text, "Keep it elsewhere, and name it in ZHAOREN_VAULT_KEY_FILE."))
    return key, found


def modes(home: Home) -> Iterator[Finding]:
    """Whether other accounts may open anything of the home."""
    opened = [str(path.relative_to(home.root)) for path in open_to_others(home.root)]
    if opened:
        text = f"{len(opened):,} files and folders can be opened by other accounts ({named(opened)})."
        yield wrong("modes", text, f"Type: chmod -R go= {home.root}; the next command does so, too.")
    else:
        yield fine("modes", "Nothing of the home can be opened by other accounts.")


def published(home: Home, newest: date | None) -> Iterator[Finding]:
    """The analysts' file: there, readable, and of which date."""
    again = "Type: zhaoren publish"
    if not home.published.is_file():
        if newest:
            yield wrong("published", "There is no published file, though lists were made.", again)
        return
    if not is_readable(home.published):
        yield wrong("published", "The published file cannot be read.", again)
        return
    shown = published_date(home.published)
    if newest and (shown is None or shown < newest):
        yield note("published", f"It is of {shown}; the newest lists are of {newest}.", again)
    else:
        yield fine("published", f"It can be read, and is of {shown}.")


def disk(home: Home) -> Iterator[Finding]:
    """Whether there is room to run at all."""
    try:
        home.check_room(0)
    except ZhaorenError as error:
        yield of_error("disk", error)
    else:
        yield fine("disk", "There is room to run.")


def leftovers(home: Home, *, held: bool) -> Iterator[Finding]:
    """What killed commands left; held: another process is at work, so that nothing is left over."""
    if held:
        yield note("work", "Another process has the warehouse open; doctor sees more when it has ended.")
        return
    logs = [p.name for p in (log_of(home.warehouse), log_of(home.vault)) if p.exists()]
    if logs:
        text = f"A command was cut off: its last commits are in {named(logs)}."
        todo = "The next command folds them in; until then, copy them together with their files."
        yield note("leftovers", text, todo)
    partial = sorted(p for pattern in ("*.partial", "*.rewriting") for p in home.root.rglob(pattern))
    scratch = [p for p in home.scratch.rglob("*") if p.is_file()] if home.scratch.is_dir() else []
    if partial or scratch:
        names = [str(p.relative_to(home.root)) for p in (*partial, *scratch)]
        yield note(
            "leftovers", f"Left by a command that was cut off: {named(names)}.", "The next run removes it."
        )
    defects = list(home.defects.glob("*")) if home.defects.is_dir() else []
    if defects:
        text = f"{len(defects)} defects of ours were noted below defects/; they hold no data."
        yield note("leftovers", text, "Send them to us, and remove them.")
    if not (logs or partial or scratch or defects):
        yield fine("leftovers", "None.")
