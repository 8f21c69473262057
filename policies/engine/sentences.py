"""Sentences for people, built column-wise from templates such as 「…负担 {burden_12m_yuan} 元」.

A template names facts `{fact}`, the day a count of days points back to `{fact|date}`, parameters
`{$group.name}` and a signal's own number `{value}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from policies.catalogue.benefit import Benefit
from policies.catalogue.model import Catalogue, Rule
from policies.catalogue.shapes import Entity
from policies.values.columns import parameter_value
from policies.values.options import options
from zhaoren.chinese import dates_zh
from zhaoren.yaml_lines import Place

TOKEN = re.compile(r"\{([^{}]+)\}")
# A sentence with a gap is still worth reading; one that is missing altogether is not.
NOT_KNOWN = "（不详）"


def templates(rule: Rule) -> Iterator[tuple[Place, str]]:
    """Every template of a rule with its place in the file."""
    if isinstance(rule, Benefit):
        yield from ((("who", i, "says"), c.says) for i, c in enumerate(rule.who) if c.says)
    else:
        yield from ((("sentence", i, "zh"), s.zh) for i, s in enumerate(rule.sentence))


def unknown_names(cat: Catalogue, entity: Entity, template: str) -> list[str]:
    """Names in a template that are neither fact nor parameter nor `value`."""
    known = cat.facts_of(entity)
    return [token for token in TOKEN.findall(template) if not _is_known(cat, known, token)]


def _is_known(cat: Catalogue, known: dict, token: str) -> bool:
    if token.startswith("$"):
        return token[1:] in cat.parameters
    return token == "value" or token.removesuffix("|date") in known


def sentence(cat: Catalogue, entity: Entity, template: str, as_of: date) -> pl.Expr:
    """The template as one text expression; a fact that is not known reads 「（不详）」."""
    parts: list[pl.Expr] = []
    for i, piece in enumerate(TOKEN.split(template)):
        if i % 2:
            parts.append(_token(cat, entity, piece, as_of).fill_null(NOT_KNOWN))
        elif piece:
            parts.append(pl.lit(piece))
    return pl.concat_str(parts)


def facts_in(template: str) -> list[str]:
    """Facts a template names."""
    return [
        t.removesuffix("|date") for t in TOKEN.findall(template) if t != "value" and not t.startswith("$")
    ]


def parameters_in(template: str) -> list[str]:
    """Parameters a template names, as `group.name`."""
    return [token[1:] for token in TOKEN.findall(template) if token.startswith("$")]


def _token(cat: Catalogue, entity: Entity, token: str, as_of: date) -> pl.Expr:
    if token == "value":
        return yuan_text(pl.col("value"))
    if token.startswith("$"):
        name = token[1:]
        return yuan_text(parameter_value(options(cat, name, as_of, entity), name).cast(pl.Decimal(18, 2)))
    if token.endswith("|date"):
        days = pl.duration(days=pl.col(token.removesuffix("|date")))
        return dates_zh((pl.lit(as_of) - days).cast(pl.Date))
    fact = cat.facts_of(entity)[token]
    column = pl.col(token)
    if fact.type in ("yuan", "number"):
        return yuan_text(column)
    if fact.type == "date":
        return dates_zh(column)
    if fact.type == "text" and fact.name in cat.labels:
        return column.replace_strict(cat.labels[fact.name], default=column, return_dtype=pl.String)
    return column.cast(pl.String)


def yuan_text(column: pl.Expr) -> pl.Expr:
    """An amount without needless decimals: 5000, 612.5, 0.35."""
    text = column.cast(pl.String)
    return (
        pl.when(text.str.contains(".", literal=True))
        .then(text.str.strip_chars_end("0").str.strip_chars_end("."))
        .otherwise(text)
    )


def joined(parts: Sequence[pl.Expr], separator: str) -> pl.Expr:
    """The known parts with a separator between; an empty text when there is none."""
    if not parts:
        return pl.lit("")
    return pl.concat_str(parts, separator=separator, ignore_nulls=True)
