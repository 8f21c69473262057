"""Characters that differ between departments though people mean the same one."""

from __future__ import annotations

import polars as pl

ZERO_WIDTH = r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]"
QUOTES = r"^['’‘`＇]+"

WIDE_CHARACTERS = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
# In a sentence a full-width comma is right; in a number a full-width dash would make it another household's.
WIDE_LETTERS = {wide: plain for wide, plain in WIDE_CHARACTERS.items() if plain.isalnum()}


def _private_use() -> dict[str, str]:
    """Private-use code points of the older GBK and GB18030 tables -> the characters they stand for.

    The 80 characters FE50–FEA0 sit at U+E815–U+E864 in files from old systems (GB 18030-2000, annex E).
    Python's gb18030 codec gives most of them their present code point; the others were moved later
    (2005 and 2022 editions) and are listed here.
    """
    moved = {
        0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE831: 0x215D7, 0xE83B: 0x2298F, 0xE855: 0x241FE,
        0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE832: 0x9FB8, 0xE843: 0x9FB9,
        0xE854: 0x9FBA, 0xE864: 0x9FBB, 0xE7C7: 0x1E3F, 0xE7C8: 0x01F9,
    }  # fmt: skip
    trail = [*range(0x50, 0x7F), *range(0x80, 0xA1)]
    known = {0xE815 + place: ord(bytes((0xFE, byte)).decode("gb18030")) for place, byte in enumerate(trail)}
    return {chr(old): chr(new) for old, new in (known | moved).items() if not 0xE000 <= new <= 0xF8FF}


PRIVATE_USE = _private_use()
# In names: the dot between the parts of an ethnic name is U+00B7; there are no spaces between characters.
NAME_REPAIRS = (
    (r"\s*[‧•・･∙⋅●]\s*", "·"),
    (r"(\p{Han})\s*[．.]\s*(\p{Han})", "${1}·${2}"),
    (r"(\p{Han})\s*[．.]\s*(\p{Han})", "${1}·${2}"),  # twice: matches do not overlap
    (r"(\p{Han})\s+", "${1}"),
)


def tidy(text: pl.Expr, reads_as: str = "int", *, is_number: bool = False) -> pl.Expr:
    """Text without invisible characters, outer spaces and leading apostrophes; full-width folded.

    `is_number`: a text that identifies or keys something, such as a household's number.
    """
    bare = text.str.replace_all(ZERO_WIDTH, "").str.replace_all("[\u00a0\u3000]", " ").str.strip_chars()
    bare = bare.str.replace(QUOTES, "").str.strip_chars(' "')
    if reads_as not in ("name", "text"):
        return bare.str.normalize("NFKC").str.replace_all(r"[\s]", "" if reads_as == "cn_id" else " ")
    bare = bare.str.replace_many(WIDE_CHARACTERS if is_number else WIDE_LETTERS).str.replace_many(PRIVATE_USE)
    if reads_as == "text":
        return bare.str.replace_all(r"\s+", " ")
    for pattern, instead in NAME_REPAIRS:
        bare = bare.str.replace_all(pattern, instead)
    return bare
