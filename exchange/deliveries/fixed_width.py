"""Fixed width: columns that begin at the same place in every line, counted in characters or in bytes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from exchange.deliveries.decoding import Text
from exchange.reading_notes import Note, note

_LONE_CR = re.compile(r"\r(?!\n|\Z)")
_FILLER = "\x00"  # a decoded text holds none
_LOOKED_AT = 200
Cells = tuple[str | None, ...]


@dataclass(frozen=True)
class Layout:
    """Where columns begin, in `unit`: characters, cells (a Chinese character takes two) or bytes."""

    starts: tuple[int, ...]
    end: int | None
    unit: str
    encoding: str

    def said(self) -> Note:
        """The layout for people."""
        return note("fixed_width", len(self.starts), self.unit)

    def cut(self, lines: Sequence[str]) -> pl.DataFrame:
        """Lines as String columns column_0…; text beyond the last, or cut apart, in one more column."""
        series = pl.Series("line", self.spread(lines), dtype=pl.String)
        ends = [*self.starts[1:], self.end]
        line = pl.col("line")
        raw = [
            line.str.slice(start, None if end is None else end - start).alias(f"column_{at}")
            for at, (start, end) in enumerate(zip(self.starts, ends, strict=True))
        ]
        frame = series.to_frame().select(line, *raw)
        apart = pl.any_horizontal(pl.col(f"column_{at}").str.starts_with(_FILLER) for at in range(len(ends)))
        beyond = line.str.slice(self.end) if self.end is not None else pl.lit("")
        frame = frame.with_columns(pl.when(apart).then(line).otherwise(beyond).alias(f"column_{len(ends)}"))
        names = [f"column_{at}" for at in range(len(ends) + 1)]
        bare = [pl.col(n).str.replace_all(_FILLER, "", literal=True).str.strip_chars() for n in names]
        return frame.select(bare).with_columns(pl.col(names).replace("", None))

    def spread(self, lines: Sequence[str]) -> list[str]:
        """Lines in which every character stands where the unit counts it."""
        if self.unit == "characters":
            return list(lines)
        wide = _Wide(self.unit, self.encoding)
        return [line.translate(wide) for line in lines]


class _Wide(dict[int, str]):
    """A translation that puts fillers behind a character that takes more than one place."""

    def __init__(self, unit: str, encoding: str) -> None:
        self._unit, self._encoding = unit, encoding

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if self._unit == "cells":
            size = 2 if unicodedata.east_asian_width(character) in "WFA" and code > 127 else 1
        else:
            size = len(character.encode(self._encoding))
        self[code] = character + _FILLER * (size - 1)
        return self[code]


def declared(lines: Sequence[str], widths: Sequence[int], encoding: str) -> Layout | None:
    """The contract's widths, in the unit by which the lines fit them; None when they fit by none."""
    filled = [line for line in lines if line.strip()]
    total = sum(widths)
    starts = tuple(sum(widths[:at]) for at in range(len(widths)))
    fits = []
    for unit in ("characters", "cells", "bytes"):
        layout = Layout(starts, total, unit, _plain(encoding))
        lengths = [len(line.rstrip("\r")) for line in layout.spread(filled)]
        exact = sum(length == total for length in lengths)
        within = sum(total - widths[-1] < length <= total for length in lengths)
        fits.append((exact, within, layout))
    exact, within, layout = max(fits, key=lambda fit: (fit[0], fit[1]))
    return layout if filled and within * 2 > len(filled) else None


def aligned(
    lines: Sequence[str], find: Callable[[Sequence[Cells]], int | None], encoding: str
) -> Layout | None:
    """Columns told by a header whose words stand apart, with blanks above one another in all lines below."""
    words = [tuple(re.findall(r"[^\s\u3000]+", line)) for line in lines[:20]]
    place = find(words)
    if place is None or len(words[place]) < 2:
        return None
    looked = [line.rstrip() for line in lines[place:_LOOKED_AT] if line.strip()]
    for unit in ("characters", "cells", "bytes"):
        starts = _starts(Layout((0,), None, unit, _plain(encoding)).spread(looked))
        if starts is not None:
            return Layout(starts, None, unit, _plain(encoding))
    return None


def _starts(lines: list[str]) -> tuple[int, ...] | None:
    """A column begins after the last place before its header's word that is blank in every line."""
    words = [(m.start(), m.end()) for m in re.finditer(r"[^\s\u3000]+", lines[0])]
    width = max(len(line) for line in lines)
    blank = [all(len(line) <= at or line[at] in " \u3000\t" for line in lines) for at in range(width)]
    starts = [0]
    for (begin, _), (following, _) in zip(words, words[1:], strict=False):
        gaps = [at for at in range(begin + 1, following) if blank[at]]
        if not gaps:
            return None
        starts.append(gaps[-1] + 1)
    return tuple(starts)


def _plain(encoding: str) -> str:
    return {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)


def read_fixed(text: Text, layout: Layout) -> Iterator[pl.DataFrame]:
    """All lines of the text, cut by the layout: row_no and String columns, a piece at a time."""
    held, row = "", 1
    for piece in _texts(text):
        # A CR is no cell's here: alone, it parts two rows as well. The last one may have its LF to come.
        *lines, held = _LONE_CR.sub("\n", held + piece).split("\n")
        if lines:
            yield _numbered(layout, lines, row)
            row += len(lines)
    if held:
        yield _numbered(layout, [held], row)


def _texts(text: Text) -> Iterator[str]:
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")()
    for piece in text.pieces():
        yield decoder.decode(piece)


def _numbered(layout: Layout, lines: list[str], row: int) -> pl.DataFrame:
    frame = layout.cut([line.rstrip("\r") for line in lines])
    return frame.with_columns(row_no=pl.int_range(row, row + frame.height, dtype=pl.Int64))
