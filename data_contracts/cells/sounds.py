"""How a name sounds: pinyin without tones, so that a name heard wrong still meets itself."""

from __future__ import annotations

import polars as pl


def sounds_of(names: pl.Series) -> pl.Series:
    """The syllables of each name in lower case, parted by blanks; null in, null out.

    Every character has one reading, that of pypinyin for the character alone: a name always sounds like
    itself, which is all that a comparison needs. Dots, Latin letters and characters without a reading stay.
    """
    texts = names.cast(pl.String).str.to_lowercase()
    readings = _readings(texts)
    spoken = texts.str.replace_many(readings) if readings else texts
    return spoken.str.strip_chars(" ").alias("name_sound")


def _readings(texts: pl.Series) -> dict[str, str]:
    """Each distinct character that has a reading, and the reading with a blank around it."""
    from pypinyin import lazy_pinyin

    characters = sorted(set("".join(texts.unique().drop_nulls().to_list())))
    sounds = {character: lazy_pinyin(character)[0] for character in characters}
    return {character: f"{sound} " for character, sound in sounds.items() if sound != character}
