"""Original files, kept for ever: named by hash, compressed, encrypted with the vault's key, never edited.

One archived file is sealed pieces, one per 4 MiB of the original, so that a file larger than memory can be
kept; the hash in its name is checked when it is read back. Files of the first format are lines of Fernet
tokens; they stay as they are and are read as before.
"""

from __future__ import annotations

import functools
import hashlib
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.fernet import InvalidToken, MultiFernet

from warehouse.database.derived_keys import Pieces, box_of, derived_key, sealed_pieces
from warehouse.database.files import sync
from zhaoren.errors import ZhaorenError
from zhaoren.names import NAMELESS

if TYPE_CHECKING:
    import pyarrow

_CUT = ".cut-"  # between the hash of the file that came and that of what is left of it
CHUNK = 4 << 20  # bytes of the original per piece: one is held in memory at a time
# What a file of sealed pieces begins with; a Fernet token begins with gAAAAA. The files' ending stays that of
# the first format: what a home's files are called does not change.
_MARK = b"ZRA2"


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def archive_path(root: Path, sha256: str) -> Path:
    """Where the file that came with that hash is kept; of one that was cut: where what is left of it is."""
    whole = root / sha256[:2] / f"{sha256}.fernet"
    cut = sorted(whole.parent.glob(f"{sha256}{_CUT}*.fernet"))
    return cut[-1] if cut else whole


def is_cut(root: Path, sha256: str) -> bool:
    """Whether rows were taken out of the archived file since it came."""
    return _CUT in archive_path(root, sha256).name


def keep_cut(root: Path, sha256: str, without: Path | None, key: str) -> None:
    """Put a file from which rows were taken in place of the one that came with that hash; None: nothing.

    Its name holds both hashes, so that it is still found by the first and checked by its own. Killed in
    between, both lie there and the one that was cut goes first; what it replaced is removed when repeated.
    """
    former = set((root / sha256[:2]).glob(f"{sha256}*.fernet"))
    if without is not None:
        target = root / sha256[:2] / f"{sha256}{_CUT}{sha256_of(without)}.fernet"
        former.discard(target)
        if not target.exists():
            _write(without, target, sha256_of(without), key)
    for path in former:
        path.unlink()
    sync(root / sha256[:2])


def keep(root: Path, source: Path, sha256: str, key: str) -> Path:
    """Archive the file unless it is already there; becomes visible only when whole.

    The bytes are hashed again while they are archived. Raises ZhaorenError when they are not those of the
    hash, as with a file that is still being written: nothing is archived under a wrong name.
    """
    target = archive_path(root, sha256)
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    _write(source, target, sha256, key)
    return target


def _write(source: Path, target: Path, sha256: str, key: str) -> None:
    """Encrypt the source, whose hash it must have, into the target, which is whole or not there."""
    partial = target.with_suffix(".partial")
    pieces, digest, place = _pieces_of(key), hashlib.sha256(), 0
    try:
        with source.open("rb") as file, partial.open("wb") as out:
            out.write(_MARK)
            while piece := file.read(CHUNK):
                digest.update(piece)
                out.write(pieces.sealed(place, _packed(piece)))
                place += 1
            out.flush()
            os.fsync(out.fileno())  # the delivery goes on record next, and must not be the only trace of it
        if digest.hexdigest() != sha256:
            raise changed_meanwhile(source.name)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def changed_meanwhile(name: str) -> ZhaorenError:
    """The error for a file whose bytes changed while it was taken in."""
    return ZhaorenError(
        "The file is still being written.",
        name,
        "Its content changed while it was read.",
        "Nothing of it was taken in. The next run takes it, once it is complete.",
        code="still_being_written",
    )


def restore(root: Path, sha256: str, key: str, target: Path) -> Path:
    """Write the original file to `target`. Raises ZhaorenError when the key or the content is not right."""
    with target.open("wb") as out:
        for piece in _original(root, sha256, key):
            out.write(piece)
    return target


@contextmanager
def opened_original(root: Path, sha256: str, key: str, scratch: Path) -> Iterator[Path]:
    """The original as a file without a name, by a path of this process: nothing of it outlives a kill.

    Where the disk of `scratch` knows no such files it has a name there until the end, or until the home is
    opened next. Raises ZhaorenError as `restore`.
    """
    try:
        descriptor = os.open(scratch, os.O_TMPFILE | os.O_RDWR, 0o600)
    except (AttributeError, OSError):  # another system than Linux; a network disk
        path = scratch / f"{sha256}.original"
        try:
            yield restore(root, sha256, key, path)
        finally:
            path.unlink(missing_ok=True)
        return
    try:
        yield restore(root, sha256, key, NAMELESS / str(descriptor))
    finally:
        os.close(descriptor)


def refuse_damaged(root: Path, sha256: str, key: str) -> None:
    """Raise ZhaorenError when the archived file is not there, or is not the one of that hash."""
    for _ in _original(root, sha256, key):
        pass


def _original(root: Path, sha256: str, key: str) -> Iterator[bytes]:
    """The original's bytes, piece by piece; raises ZhaorenError, at the end at the latest, if not."""
    digest, source = hashlib.sha256(), archive_path(root, sha256)
    try:
        with source.open("rb") as file:
            for piece in _opened(file, key):
                digest.update(piece)
                yield piece
    except FileNotFoundError as error:
        raise _unreadable(sha256, "The file is not there.") from error
    except (InvalidToken, InvalidTag, zlib.error) as error:
        raise _unreadable(sha256, "Its bytes were changed, or were encrypted with another key.") from error
    if digest.hexdigest() != source.stem.rpartition(_CUT)[2]:
        raise _unreadable(sha256, "It was cut off, or another file was put in its place.")


def _opened(file: BinaryIO, key: str) -> Iterator[bytes]:
    """The pieces of an archived file, of whichever format."""
    if _is_sealed(file):
        pieces = _pieces_of(key)
        for place, sealed in enumerate(sealed_pieces(file)):
            yield _unpacked(pieces.opened(place, sealed))
        return
    box = box_of(key, "archive")
    for token in file:
        yield zlib.decompress(box.decrypt(token.strip()))


def _is_sealed(file: BinaryIO) -> bool:
    """Whether it is of the present format; what follows its mark is read next, of the former all of it."""
    if file.read(len(_MARK)) == _MARK:
        return True
    file.seek(0)
    return False


@functools.cache
def _codec() -> pyarrow.Codec:
    import pyarrow  # a fifth of a second, which commands that open no archive do without

    # At its fastest level it packs a roll to a quarter, tighter than zlib and three times as fast.
    return pyarrow.Codec("zstd", compression_level=1)


def _packed(piece: bytes) -> bytes:
    return len(piece).to_bytes(4, "big") + bytes(_codec().compress(piece, asbytes=True))


def _unpacked(packed: bytes) -> bytes:
    size = int.from_bytes(packed[:4], "big")
    return bytes(_codec().decompress(packed[4:], decompressed_size=size, asbytes=True))


def opens(archived: Path, key: str) -> bool:
    """Whether the key opens the first piece of an archived file."""
    with archived.open("rb") as file:
        try:
            return next(_opened(file, key), None) is not None
        except (InvalidToken, InvalidTag):
            return False


@dataclass(frozen=True)
class Rekeyed:
    """How many files were gone through, and the hashes of those with bytes that neither key opens."""

    file_cnt: int
    damaged: tuple[str, ...]


def rekey(root: Path, former: str, key: str, progress: Callable[[int, int], None]) -> Rekeyed:
    """Encrypt every archived file with another key, file by file; repeated, it goes on where it stopped.

    A file takes its former's place whole. Bytes that neither key opens stay as they are, and the rest of
    their file is encrypted anew. progress: is told how many of how many files are done.
    """
    for partial in root.glob("*/*.partial"):
        partial.unlink()  # left by a run that was killed; the former key would go on opening it
    files = sorted(root.glob("*/*.fernet"))
    damaged = []
    for count, path in enumerate(files):
        progress(count, len(files))
        if not _rekeyed(path, former, key):
            damaged.append(path.stem)
    for folder in {path.parent for path in files}:
        sync(folder)  # no former file may come back after a power cut, once the former key is gone
    progress(len(files), len(files))
    return Rekeyed(len(files), tuple(damaged))


def _rekeyed(path: Path, former: str, key: str) -> bool:
    """Encrypt one file anew unless it is already; whether all of it could be read."""
    if opens(path, key):
        return True
    partial, whole = path.with_suffix(".partial"), True
    with path.open("rb") as file, partial.open("wb") as out:
        for piece, was_opened in _resealed(file, former, key):
            out.write(piece)
            whole = whole and was_opened
        out.flush()
        os.fsync(out.fileno())
    partial.replace(path)
    return whole


def _resealed(file: BinaryIO, former: str, key: str) -> Iterator[tuple[bytes, bool]]:
    """The file in its own format under the key; a piece that neither key opens as it is, and False."""
    if not _is_sealed(file):
        either = MultiFernet([box_of(key, "archive"), box_of(former, "archive")])
        for token in file:
            try:
                yield either.rotate(token.strip()) + b"\n", True
            except InvalidToken:
                yield token, False
        return
    yield _MARK, True
    new = _pieces_of(key)
    for place, sealed in enumerate(sealed_pieces(file)):
        packed = _with_either((_pieces_of(former), new), place, sealed)
        yield (sealed, False) if packed is None else (new.sealed(place, packed), True)


def _with_either(keys: Iterable[Pieces], place: int, sealed: bytes) -> bytes | None:
    for pieces in keys:
        with suppress(InvalidTag):
            return pieces.opened(place, sealed)
    return None


def _pieces_of(key: str) -> Pieces:
    return Pieces(derived_key(key, "archive pieces"))


def _unreadable(sha256: str, why: str) -> ZhaorenError:
    return ZhaorenError(
        "An archived file cannot be read back.",
        f"archive/{sha256[:2]}/{sha256[:12]}…",
        why,
        "Put this file, or all of archive/, back from a backup.",
        code="archive_unreadable",
    )
