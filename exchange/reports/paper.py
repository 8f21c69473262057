"""A page as PDF on A4, with the fonts of this machine embedded."""

from __future__ import annotations

from pathlib import Path

from zhaoren.errors import ZhaorenError


def write_paper(path: Path, html: str) -> None:
    """Write the page as PDF; nothing is fetched from anywhere.

    Raises ZhaorenError (pdf_libraries) where the system lacks what WeasyPrint needs (Pango).
    """
    try:
        from weasyprint import HTML  # half a second, and system libraries that a station may not have
    except (ImportError, OSError) as error:
        raise ZhaorenError(
            "This machine cannot write PDF files.",
            path.name,
            "WeasyPrint or the system's Pango library is not installed.",
            "Install Pango (Debian: libpango-1.0-0 libpangoft2-1.0-0), or take HTML or XLSX and print it.",
            code="pdf_libraries",
        ) from error
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    HTML(string=html, url_fetcher=_refused).write_pdf(str(unfinished))
    unfinished.replace(path)


def _refused(url: str, *_: object, **__: object) -> dict[str, object]:
    raise ValueError(f"a report asks nobody for anything: {url}")
