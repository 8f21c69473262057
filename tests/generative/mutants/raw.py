"""Mutations of a finished file's bytes and of its name."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

MAGIC = (b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b\x08", b"%PDF-1.7",
         b"\xff\xd8\xff",
         b"<html>", b"{\\rtf", b"BM", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x00" * 8)  # fmt: skip
BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x84\x31\x95\x33", b"\xff\xfe\x00\x00", b"+/v8-")
ENDINGS = ("csv", "xlsx", "xls", "parquet", "txt", "tsv", "csv.gz", "zip", "dat", "CSV", "XLSX", "gz")


@dataclass
class Raw:
    """A finished file. `sure` as the sheet's: whether its rows' numbers are still known."""

    name: str
    content: bytes
    sure: bool


def _flip(raw: Raw, rng: Random) -> None:
    data = bytearray(raw.content)
    for _ in range(rng.choice((1, 1, 5, 200))):
        if data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    raw.content, raw.sure = bytes(data), False


def _truncate(raw: Raw, rng: Random) -> None:
    kept = rng.choice((0, 1, 7, 100, rng.randint(0, len(raw.content)), max(0, len(raw.content) - 3)))
    raw.content, raw.sure = raw.content[:kept], False


def _insert(raw: Raw, rng: Random) -> None:
    at = rng.randint(0, len(raw.content))
    more = rng.choice(
        (rng.randbytes(rng.choice((1, 4, 5000))), b"\x00" * rng.choice((1, 9, 4096)), b"\r", b"\n" * 9, b'"')
    )
    raw.content, raw.sure = raw.content[:at] + more + raw.content[at:], False


def _block(raw: Raw, rng: Random) -> None:
    """A block of the file twice, gone, moved, or noise."""
    size = rng.choice((1, 64, 512, 4096))
    at = rng.randint(0, max(0, len(raw.content) - size))
    block, before, after = raw.content[at : at + size], raw.content[:at], raw.content[at + size :]
    raw.content = rng.choice((
        before + block + block + after, before + after, after + block + before,
        before + rng.randbytes(size) + after,
        before + b"\x00" * size + after,
    ))  # fmt: skip
    raw.sure = False


def _start(raw: Raw, rng: Random) -> None:
    """Another format's first bytes, before the file's own or instead of them."""
    magic = rng.choice(MAGIC)
    raw.content = magic + raw.content[rng.choice((0, len(magic))) :]
    raw.sure = False


def _bom(raw: Raw, rng: Random) -> None:
    """A byte order mark that may not be this text's, or two of them."""
    raw.content = rng.choice(BOMS) * rng.choice((1, 1, 2)) + raw.content
    raw.sure = False


def _recoded(raw: Raw, rng: Random) -> None:
    """Decoded wrongly and saved again, or in an encoding nobody asked for."""
    source = rng.choice(("utf-8", "gb18030", "latin-1", "cp1252", "big5"))
    target = rng.choice(
        ("utf-8", "gb18030", "utf-16", "utf-16-le", "utf-32", "big5", "shift_jis", "utf-7", "hz")
    )
    raw.content = raw.content.decode(source, "replace").encode(target, "replace")
    raw.sure = False


def _mixed(raw: Raw, rng: Random) -> None:
    """The second half in another encoding, as when two offices' files are joined."""
    cut = raw.content.find(b"\n", len(raw.content) // 2) + 1
    codecs = rng.choice(
        (("utf-8", "gb18030"), ("gb18030", "utf-8"), ("utf-8", "utf-16"), ("gb18030", "latin-1"))
    )
    tail = raw.content[cut:].decode(codecs[0], "ignore").encode(codecs[1], "ignore")
    raw.content, raw.sure = raw.content[:cut] + tail, False


def _endings(raw: Raw, rng: Random) -> None:
    pairs = ((b"\r\n", b"\r"), (b"\r\n", b"\n\n"), (b"\n", b"\r\n"), (b"\r\n", b"\r\r\n"), (b",", b";"),
             (b",", b"\t"),
             (b",", b", "), (b",", "，".encode()), (b",", b""), (b"\n", b""))  # fmt: skip
    raw.content, raw.sure = raw.content.replace(*rng.choice(pairs)), False


def _renamed(raw: Raw, rng: Random) -> None:
    """The right bytes under a wrong ending."""
    raw.name = f"{raw.name.split('.')[0]}.{rng.choice(ENDINGS)}"


def _gzip(raw: Raw, rng: Random) -> None:
    raw.content = gzip.compress(raw.content, mtime=0)
    raw.name += rng.choice((".gz", "", ".gz"))
    damage = rng.choice(("none", "none", "truncated", "trailing", "double", "crc"))
    if damage == "truncated":
        raw.content = raw.content[: rng.randint(2, len(raw.content) - 1)]
    elif damage == "trailing":
        raw.content += rng.randbytes(20)
    elif damage == "double":
        raw.content = gzip.compress(raw.content, mtime=0)
    elif damage == "crc":
        raw.content = raw.content[:-8] + rng.randbytes(8)
    raw.sure = raw.sure and damage == "none"


def _zip(raw: Raw, rng: Random) -> None:
    """In a zip: alone, with others, under a name that climbs out, twice, locked, or empty."""
    kind = rng.choice(
        ("alone", "alone", "two", "climbing", "twice", "empty", "nested", "folder", "stored", "macos")
    )
    members = [(raw.name, raw.content)]
    if kind == "two":
        members.append(("说明.txt", "请查收".encode("gb18030")))
    elif kind == "climbing":
        members = [("../../../../tmp/" + raw.name, raw.content)]
    elif kind == "twice":
        members.append((f"2/{raw.name}", raw.content))
    elif kind == "empty":
        members = []
    elif kind == "nested":
        members = [("in.zip", _zipped(members))]
    elif kind == "folder":
        members = [("数据/", b""), (f"数据/{raw.name}", raw.content)]
    elif kind == "macos":
        members.append((f"__MACOSX/._{raw.name}", b"\x00\x05\x16\x07"))
    raw.content = _zipped(members, zipfile.ZIP_STORED if kind == "stored" else zipfile.ZIP_DEFLATED)
    raw.name = raw.name.split(".")[0] + rng.choice((".zip", ".zip", ".xlsx", ".csv"))
    raw.sure = raw.sure and kind in ("alone", "stored", "folder", "macos")


def _zipped(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), content, method)
    return out.getvalue()


def _inside(raw: Raw, rng: Random) -> None:
    """Bytes changed inside a workbook's own parts, its zip still whole; other files are flipped."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw.content)) as archive:
            members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except Exception:  # what is spoilt already raises all kinds
        _flip(raw, rng)
        return
    raw.sure = False
    if members:
        at = rng.randrange(len(members))
        name, content = members[at]
        members[at] = (name, _xml(content, rng))
        if rng.random() < 0.15:
            del members[at]
    raw.content = _zipped(members)


def _xml(content: bytes, rng: Random) -> bytes:
    """One part's bytes, spoilt the way XML can be."""
    bomb = (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(8))
        + b"]>"
    )
    cut = rng.randint(0, len(content))
    return rng.choice((
        lambda: content[:cut], lambda: content[:cut] + rng.randbytes(8) + content[cut:],
        lambda: content.replace(b"?>", b"?>" + bomb, 1).replace(b"<v>", b"<v>&i;", 1),
        lambda: content.replace(b't="s"', b't="zzz"'), lambda: content.replace(b"<v>", b"<v>99999"),
        lambda: content.replace(b'r="A', b'r="XFD', 3), lambda: content.replace(b'r="B2"', b'r="XFD1048576"'),
        lambda: content.replace(b'r="A3"', b'r=""'), lambda: content.replace(b"<row", b"<raw"),
        lambda: content.replace(b'r="2"', b'r="1048577"'), lambda: content.replace(b"UTF-8", b"GB2312"),
        lambda: content.replace(b'ref="A1:', b'ref="A1:XFD1048576" x="'),
        lambda: content.replace(b"\x3c", b"\x3c\x3c", 2),
        lambda: content * 2, lambda: content.replace(b'r:id="rId1"', b'r:id="rId99"'),
        lambda: content.replace(b"worksheets/sheet1.xml", b"../../../etc/passwd"), lambda: b"",
        lambda: content.replace(b's="1"', b's="4000000000"'),
        lambda: content.replace(b"<sst", b"<sst count='999999999'"),
    ))()  # fmt: skip


RAW: dict[str, Callable[[Raw, Random], None]] = {
    "raw.flip": _flip, "raw.truncate": _truncate, "raw.insert": _insert, "raw.block": _block,
    "raw.start": _start,
    "raw.bom": _bom, "raw.recoded": _recoded, "raw.mixed": _mixed, "raw.endings": _endings,
    "raw.renamed": _renamed,
    "raw.gzip": _gzip, "raw.zip": _zip, "raw.inside": _inside,
}  # fmt: skip
