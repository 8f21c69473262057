"""Write the archive out again as the inbox it came from, so that a home can be rebuilt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from data_contracts.contract.file_names import KnownWords
from flows.context.home import Home
from flows.context.progress import Progress
from flows.context.rulebook import load_rulebook
from flows.context.site import Site
from warehouse.database.archive import archive_path, restore
from warehouse.identity.vault import Vault
from warehouse.identity.vault_secrets import NAME_KEY, secret
from warehouse.queries.deliveries import delivered_files
from warehouse.wholeness.vault_key import key_missing, usable_key
from warehouse.written.names import delivery_names
from zhaoren.errors import ZhaorenError

# The folder of the file being written. It is gone when all are: where it lies, the work was cut off.
_IN_HAND = ".unfinished"
_SAME_NAME = "another file of this name came on the same day and was written: a folder holds one of them"


@dataclass(frozen=True)
class Restored:
    """How many files were written, and which could not be: what each is called, and why."""

    file_cnt: int
    failed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Originals:
    """The archive with its key, and how its files are named: delivery_id, known_date, folder, name, sha256.

    names is in the order of writing: of one name on one day only the first is written. words: those that may
    be shown of names.
    """

    archive: Path
    key: str
    names: pl.DataFrame
    words: KnownWords


def originals_of(site: Site) -> Originals:
    """Those of an open home; of one name on one day, the file in force goes first and a rejected one last."""
    with site.open_vault(site.now().date(), "restore") as vault:
        names = delivery_names(vault)
    order = delivered_files(site.con).select("delivery_id").with_row_index("place")
    ordered = names.join(order, on="delivery_id", how="left", maintain_order="left")
    names = ordered.sort("known_date", "folder", "name", "place", nulls_last=True, maintain_order=True)
    return Originals(site.home.archive, site.vault_key, names.drop("place"), site.words)


def originals_without_warehouse(home: Home) -> Originals:
    """Those of a home whose warehouse is lost; of one name on one day, the one that came last goes first."""
    given = usable_key(home.root)
    if given is None:
        raise key_missing()
    with Vault(home.vault, given.value) as vault:
        names, name_key = delivery_names(vault), secret(vault.con, NAME_KEY)
    if names.is_empty():
        raise ZhaorenError(
            "The archive cannot be written out.",
            "vault.duckdb",
            "The warehouse is not there, and this vault does not know yet how the files are named.",
            "Put warehouse.duckdb back from a backup.",
        )
    words = KnownWords.of(load_rulebook(home.root).contracts.values(), name_key)
    return Originals(home.archive, given.value, names, words)


def restore_inbox(originals: Originals, out: Path, progress: Progress) -> Restored:
    """Write every archived delivery as <out>/<date>/<department>/<file>; one that fails stops no other.

    A new home run over them with --all gets the same persons and households under the same ids. One that was
    cut off goes on where it was. Raises ZhaorenError when `out` holds anything else.
    """
    in_hand = out / _IN_HAND
    if out.exists() and any(out.iterdir()) and not in_hand.is_dir():
        raise ZhaorenError("The folder is not empty.", str(out), "", "Name a new or an empty folder.")
    # A link, pipe or folder has no hash: it is on record, and was never opened nor kept.
    rows = originals.names.drop("delivery_id").drop_nulls("sha256").unique(maintain_order=True)
    if rows.is_empty():
        return Restored(0)
    in_hand.mkdir(parents=True, exist_ok=True, mode=0o700)
    done, failed = set[Path](), []
    for count, (known, folder, name, sha256) in enumerate(rows.rows()):
        called = f"{known}/{originals.words.folder(folder)}/{originals.words.file(name, sha256)}"
        progress(called, count, rows.height)
        target = out / known.isoformat() / folder / name
        if target in done:
            failed.append((called, _SAME_NAME))
        elif not target.exists() and (why := _written(originals, sha256, target, in_hand / "file")):
            failed.append((called, why))
        else:
            done.add(target)
    in_hand.rmdir()
    progress("restored", rows.height, rows.height)
    return Restored(len(done), tuple(failed))


def _written(originals: Originals, sha256: str, target: Path, partial: Path) -> str:
    """Write one file, which is there whole or not at all; why it could not be, empty where it was."""
    if not archive_path(originals.archive, sha256).exists():
        return (
            "its bytes are not below archive/: put the archive back from a backup, unless it was deleted "
            "for its age (`zhaoren retain`)"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        restore(originals.archive, sha256, originals.key, partial)
        partial.replace(target)
    except ZhaorenError as error:
        return f"{error.why} {error.todo}"
    except OSError as error:
        error.filename = str(target.parents[2])  # whoever has no room needs no file's name
        raise
    finally:
        partial.unlink(missing_ok=True)  # half of it may be there
    return ""
