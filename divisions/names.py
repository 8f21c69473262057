"""Codes for divisions that are only named, looked up within their parent. Never a guess.

Names are compared in three steps, the closest first: as written; with the usual short forms made one (村委会
and 村民委员会, 居委会 and 社区居民委员会, 街道办事处 and 街道); without the word for what it is, so that a
village that became a community is still found. The first step at which any division of the parent answers
decides: one answer is the code, several are none.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from divisions import divisions

STEPS = ("written", "short_form", "bare")
_PARENT_LENGTHS = (2, 4, 6, 9)
_BLANKS = r"[\s\u3000\u200b]+"
# One word for each kind; the longest form first.
_KINDS = (
    ("(社区居民委员会|社区居委会|社区居委|居民委员会|居委会|居委|社区)$", "社区"),
    ("(村民委员会|村委会|村委|村)$", "村"),
    ("(街道办事处|街道办|街道|街)$", "街道"),
    ("(镇人民政府|镇政府|镇)$", "镇"),
    ("(乡人民政府|乡政府|乡)$", "乡"),
)
# 民族乡 carry the names of their peoples: 下帅壮族瑶族乡 is 下帅.
_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|"
    "纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|"
    "鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺"
)
_KIND_WORD = f"(社区|村|街道|镇|((?:{_PEOPLES})族)*乡|林场|农场|县|区|市)$"


def short_form(name: pl.Expr) -> pl.Expr:
    """The name without blanks, its committee or office written as the plain kind: 石牌村委会 is 石牌村."""
    tidy = name.str.normalize("NFKC").str.replace_all(_BLANKS, "")
    for form, kind in _KINDS:
        tidy = tidy.str.replace(form, kind)
    return tidy


def bare(name: pl.Expr) -> pl.Expr:
    """The short form without the word for what it is (石牌村 and 石牌社区 are 石牌); never emptied."""
    short = short_form(name)
    return pl.when(short.str.len_chars() > 2).then(short.str.replace(_KIND_WORD, "")).otherwise(short)


def resolve_names(names: pl.DataFrame, known: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row per row of `names`, in order, with what its name means within its parent.

    `names` has name, parent_code (2, 4, 6 or 9 digits: the division's parent or any that holds it) and, where
    wanted, level. Adds code (null unless exactly one division answers), candidates_cnt (how many answer at
    the deciding step; 0: none) and step (written, short_form or bare; null where none answers). A name may
    begin with the names of the divisions that hold it: 广州市天河区石牌街道.

    `known` is as divisions(), and is that when null: the present ones.
    """
    asked = names.with_row_index("_row")
    by = ["parent_code", *[column for column in names.columns if column == "level"]]
    places = _present_places() if known is None else _places(known)
    if "level" not in by:
        places = places.filter(~pl.col("has_twin"))
    keys = asked.select("_row", *by, **_forms(pl.col("name")))
    found = pl.concat([_answers(keys, places, by, step) for step in STEPS])
    found = found.unique("_row", keep="first", maintain_order=True)
    told = asked.join(found, on="_row", how="left", maintain_order="left").drop("_row")
    return told.with_columns(pl.col("candidates_cnt").fill_null(0))


def resolve_path(frame: pl.DataFrame, columns: list[str], within: str) -> pl.DataFrame:
    """Adds to each row the code of a place named level by level: county, town, village, say.

    `columns` hold the names from the widest to the narrowest, the first of them a division below `within`.
    Adds code (of the last one) and candidates_cnt (of the step where it failed, else 1). Where a wider name
    is not understood, nothing below it is looked up.
    """
    here = frame.with_columns(code=pl.lit(within), candidates_cnt=pl.lit(1, dtype=pl.UInt32))
    for column in columns:
        asked = here.select(name=pl.col(column), parent_code=pl.col("code"))
        found = resolve_names(asked).select("code", "candidates_cnt")
        was_found = here["code"].is_not_null()
        here = here.with_columns(
            found["code"],
            candidates_cnt=pl.when(was_found).then(found["candidates_cnt"]).otherwise("candidates_cnt"),
        )
    return here


def _forms(name: pl.Expr) -> dict[str, pl.Expr]:
    return {"written": name.str.replace_all(_BLANKS, ""), "short_form": short_form(name), "bare": bare(name)}


@cache
def _present_places() -> pl.DataFrame:
    return _places(divisions())


def _places(known: pl.DataFrame) -> pl.DataFrame:
    """One row per division, holder and spelling: parent_code, level, code, has_twin and the three forms.

    The spellings are the name alone and the name behind the names of one or more holders next above it.
    has_twin: a city without counties, which stands in the table as its own county too (4419, 441900).
    """
    spelt = pl.concat(_spellings(known.select("code", "name", "level", "parent_code")))
    twins = known.filter(pl.col("code") == pl.col("parent_code") + "00")["parent_code"]
    has_twin = pl.col("code").is_in(twins.implode())
    spelt = spelt.select("code", "level", has_twin=has_twin, **_forms(pl.col("name")))
    holds = pl.col("code").str.len_bytes()
    return pl.concat(
        spelt.filter(holds > length).with_columns(parent_code=pl.col("code").str.head(length))
        for length in _PARENT_LENGTHS
    )


def _spellings(known: pl.DataFrame) -> list[pl.DataFrame]:
    """The names alone, then behind their parent's name, then behind its parent's too, and so on."""
    above = known.select(parent_code="code", above="name", next_parent="parent_code")
    now, every = known, [known.select("code", "level", "name")]
    for _ in _PARENT_LENGTHS:
        now = now.join(above, on="parent_code", how="inner", maintain_order="left").select(
            "code",
            "level",
            pl.concat_str("above", "name").alias("name"),
            pl.col("next_parent").alias("parent_code"),
        )
        every.append(now.select("code", "level", "name"))
    return every


def _answers(keys: pl.DataFrame, places: pl.DataFrame, by: list[str], step: str) -> pl.DataFrame:
    """One row per asked row that any division answers at this step: _row, code, candidates_cnt, step."""
    # 石榴岗村 may mean 石榴岗社区 as well as 石榴岗村社区: at the last step both answer.
    asked = STEPS if step == "bare" else (step,)
    spelt = places.select(*by, "code", spelling=step)
    met = [keys.select("_row", *by, spelling=form).join(spelt, on=[*by, "spelling"]) for form in asked]
    counted = pl.concat(met).group_by("_row").agg(pl.col("code").unique().sort())
    count = pl.col("code").list.len()
    return counted.sort("_row").select(
        "_row", pl.when(count == 1).then(pl.col("code").list.first()), candidates_cnt=count, step=pl.lit(step)
    )
