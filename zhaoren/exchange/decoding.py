"""Text files as UTF-8 bytes: strict, streamed, in memory (no temporary file ever holds personal data)."""

from __future__ import annotations

import codecs
from pathlib import Path

from zhaoren.errors import ZhaorenError

CHUNK = 8 * 2**20
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decoded(path: Path) -> tuple[bytes, str]:
    """The file's text as UTF-8 bytes without a byte order mark, and the encoding it came in.

    UTF-8 is tried first (it refuses nearly everything that is not), then GB18030, which covers GBK and
    GB2312. ZhaorenError when neither fits without a single doubtful byte, or the text holds control bytes.
    """
    with path.open("rb") as stream:
        start = stream.read(4)
    marked = next((name for bom, name in _BOMS if start.startswith(bom)), None)
    failures = []
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        try:
            data = _transcoded(path, encoding)
        except UnicodeDecodeError as error:
            failures.append(f"{encoding} fails at byte {error.start} ({error.reason})")
            continue
        if b"\x00" in data:
            failures = ["it holds zero bytes, so it is no text"]
            break
        return data, encoding
    todo = "ask the department to export it again as UTF-8 or GB18030 text, or as XLSX"
    raise ZhaorenError("the file cannot be read", path.name, "; ".join(failures), todo)


def _transcoded(path: Path, encoding: str) -> bytes:
    """Decode chunk by chunk; a failure's `start` counts from the beginning of the file."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    out, place = bytearray(), 0
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(CHUNK)
            held = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                error.start += place - held
                raise
            out += text.encode("utf-8", "surrogatepass") if encoding == "utf-16" else text.encode("utf-8")
            place += len(chunk)
            if not chunk:
                return bytes(out)
