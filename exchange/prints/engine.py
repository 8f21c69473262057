"""HTML to PDF by WeasyPrint, with every font embedded; and whether this machine can."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from types import ModuleType

from zhaoren.errors import ZhaorenError

FAMILIES = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
)
_TODO = (
    "Install what draws a page: `make debian`, or "
    "apt-get install libpango-1.0-0 libpangoft2-1.0-0 fonts-noto-cjk."
)


@cache
def why_not() -> str:
    """Why no PDF can be written on this machine; "" where libraries and a Chinese font are there."""
    if _weasyprint() is None:
        return "the libraries that draw a page (pango) are not installed"
    return "" if chinese_font() else "no Chinese font is installed"


def refuse_without() -> None:
    """Raise ZhaorenError where no PDF can be written."""
    if why := why_not():
        raise ZhaorenError("No PDF can be written on this machine.", "", why, _TODO, code="no_pdf")


def missing_for_pdf() -> str:
    """What a run says that was asked for PDF; "" where nothing is missing."""
    why = why_not()
    return f"No PDF is written: {why}. {_TODO}" if why else ""


@cache
def chinese_font() -> str:
    """The first of our families that is installed; "" where none is."""
    if not shutil.which("fc-list"):
        return ""
    found = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False)
    installed = set(re.split(r"[,\n]", found.stdout))
    return next((family for family in FAMILIES if family in installed), "")


def pdf(html: str) -> bytes:
    """The page as PDF; the same page gives the same bytes. Nothing is fetched from anywhere.

    Raises ZhaorenError where this machine cannot (why_not).
    """
    refuse_without()
    weasyprint = _weasyprint()
    assert weasyprint is not None
    page = weasyprint.HTML(string=html, url_fetcher=_fetch_nothing)
    return bytes(page.write_pdf(font_config=_fonts()))


def write_pdf(path: Path, html: str) -> None:
    """`pdf` into a file that appears only when complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_bytes(pdf(html))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _fetch_nothing(url: str, *_: object, **__: object) -> dict[str, object]:
    raise ValueError(f"a printed list fetches nothing, but it names {url[:40]}")


@cache
def _weasyprint() -> ModuleType | None:
    """The library, loaded when the first page is drawn: it needs pango, which is not Python's."""
    try:
        import weasyprint
    except (ImportError, OSError):
        return None
    return weasyprint


@cache
def _fonts() -> object:
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()
