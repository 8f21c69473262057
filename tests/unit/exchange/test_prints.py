"""The station's list as PDF: A4 across, fonts inside, every household whole, the same bytes each time."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import polars as pl
import pytest

from exchange.lists.side_sheets import CHANGE_TEXTS, side_sheets
from exchange.lists.worklist import head_texts, worklist_lines
from exchange.prints import engine
from exchange.prints.worklist_pdf import page, write_worklist_pdf
from tests.helpers.lists import AS_OF, HEADER, lines
from zhaoren.errors import ZhaorenError

MATTER_COLUMNS = (
    *(
        "step_id",
        "case_no",
        "head_name_masked",
        "kind_code",
        "subject",
        "subject_zh",
        "event_code",
        "due_date",
    ),
)
needs_pdf = pytest.mark.skipif(bool(engine.why_not()), reason=f"no PDF here: {engine.why_not()}")


def shown(**changes: list) -> pl.DataFrame:
    return worklist_lines(lines(**changes).with_columns(town_code=pl.lit(HEADER.town_code)), AS_OF)


def printed(path: Path, rows: pl.DataFrame) -> bytes:
    head = head_texts(HEADER, rows)
    write_worklist_pdf(path, "入户走访名单", head, rows, place_zh=HEADER.station_name, footer="版本 v1")
    return path.read_bytes()


def unpacked(pdf: bytes) -> bytes:
    """The file with every compressed stream opened: objects and fonts can be read by their names."""
    streams = []
    for body in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            streams.append(zlib.decompress(body))
        except zlib.error:
            streams.append(body)
    return pdf + b"\n".join(streams)


@needs_pdf
def test_it_is_a4_across_and_brings_its_fonts(tmp_path: Path) -> None:
    plain = unpacked(printed(tmp_path / "list.pdf", shown()))
    boxes = {tuple(float(n) for n in box.split()) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", plain)}
    assert {(round(w), round(h)) for _, _, w, h in boxes} == {(842, 595)}
    fonts = set(re.findall(rb"/BaseFont /([A-Z]{6}\+[\w-]+)", plain))
    assert fonts and all(engine.chinese_font().replace(" ", "-").encode() in font for font in fonts)
    faces = {font.split(b"+")[1] for font in fonts}
    assert plain.count(b"/FontFile3") == plain.count(b"/FontDescriptor ") >= len(faces)


@needs_pdf
def test_the_same_list_has_the_same_bytes(tmp_path: Path) -> None:
    assert printed(tmp_path / "a.pdf", shown()) == printed(tmp_path / "b.pdf", shown())
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a.pdf", "b.pdf"]


@needs_pdf
def test_no_household_is_cut_over_two_pages(tmp_path: Path) -> None:
    many = pl.concat([shown(questions_zh=["问一问近来怎么样？\n" * 9] * 3)] * 4)
    html = page("名单", [], many, place_zh="站", footer="页脚")
    assert html.count("<article>") == 12 and "break-inside: avoid" in html
    pages = _weasyprint_pages(html)
    assert sum(pages) == 12 and max(pages) <= 3


def _weasyprint_pages(html: str) -> list[int]:
    """How many boxes begin on each page; a box that was cut would stand on two."""
    weasyprint = pytest.importorskip("weasyprint")
    document = weasyprint.HTML(string=html).render()
    found = []
    for sheet in document.pages:
        boxes = [box for box in sheet._page_box.descendants() if box.element_tag == "article"]
        found.append(len(boxes))
    return found


def test_every_cell_of_a_line_is_on_the_page_and_nothing_acts_as_markup() -> None:
    rows = shown(reason_zh=["<b>三</b>个月医疗费用", "主要劳动力去世。", "医保未缴费。"])
    html = page("名单", head_texts(HEADER, rows), rows, place_zh='站"; }', footer="页脚")
    assert "&lt;b&gt;三&lt;/b&gt;个月医疗费用" in html and '站"; }' not in html
    for text in ("20250905-aa-N", "低保（约1980元/月）", "请家里准备：银行卡", "9月9日", "2. 欠了多少？"):
        assert text in html
    assert "「数据已过期」" in html and "结果代码" in html


def test_the_sheets_with_lines_follow_the_list_with_room_to_write() -> None:
    key = pl.DataFrame(
        {"key_no": ["甲01"], "name_masked": ["王*"], "village_name": ["石牌村"], "kind_zh": ["特困人员"],
         "last_visit_zh": ["没有走访记录"], "due_date": [AS_OF]}
    )  # fmt: skip
    none = pl.DataFrame(schema=dict.fromkeys(CHANGE_TEXTS, pl.String))
    matters = pl.DataFrame(schema=dict.fromkeys(MATTER_COLUMNS, pl.String)).with_columns(
        pl.col("due_date").cast(pl.Date)
    )
    html = page(
        "名单", [], shown(), place_zh="站", footer="", sheets=side_sheets(AS_OF, none, key, matters, AS_OF)
    )
    assert html.count('<section class="sheet">') == 1, "sheets without lines are for the workbook"
    for text in ("重点人员", "甲01", "王*", "特困人员", "未走访原因"):
        assert text in html
    assert html.count("<td></td>") == 3, "date, reason and name are written by hand"


def test_a_station_without_lines_gets_a_page_that_says_so() -> None:
    assert "本期没有需要走访的家庭" in page("名单", [], shown().clear(), place_zh="站", footer="")


def test_without_a_chinese_font_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "FAMILIES", ("No Such Font",))
    for cached in (engine.why_not, engine.chinese_font):
        cached.cache_clear()
    try:
        assert "no Chinese font" in engine.missing_for_pdf() or "pango" in engine.missing_for_pdf()
        assert "fonts-noto-cjk" in engine.missing_for_pdf()
        with pytest.raises(ZhaorenError) as error:
            engine.pdf("<p>一</p>")
        assert error.value.code == "no_pdf"
    finally:
        for cached in (engine.why_not, engine.chinese_font):
            cached.cache_clear()
