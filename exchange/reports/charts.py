"""Charts of reports: static SVG without scripts, made on this machine; the table beneath says the same."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import polars as pl
import vl_convert

FONT = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
INK, BAR = "#1d2430", "#3f6a94"
_ROW = 26  # pixels for one bar


def bars(rows: Sequence[tuple[str, float]], unit: str) -> str:
    """Bars side by side, one per (label, number) in the given order, as an SVG; empty without a number."""
    if not any(number for _, number in rows):
        return ""
    labels, numbers = [label for label, _ in rows], [float(number) for _, number in rows]
    texts = [f"{number:,.0f} {unit}" for number in numbers]
    frame = pl.DataFrame({"label": labels, "number": numbers, "text": texts})
    room = alt.Scale(domain=[0, max(numbers) * 1.25])
    base = alt.Chart(frame).encode(
        y=alt.Y("label", sort=None, title=None, axis=alt.Axis(labelLimit=160, ticks=False, domain=False)),
        x=alt.X("number", title=None, scale=room, axis=None),
    )
    drawn = base.mark_bar(color=BAR, height=16) + base.mark_text(align="left", dx=5, color=INK).encode(
        text="text"
    )
    chart = drawn.properties(width=420, height=_ROW * len(rows)).configure(font=FONT)
    chart = chart.configure_view(stroke=None).configure_axis(labelFontSize=13, labelColor=INK)
    svg: str = vl_convert.vegalite_to_svg(chart.configure_text(fontSize=13).to_dict())
    return svg
