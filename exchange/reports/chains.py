"""The page of a county's 救助链: what happened to each family on its lists, from first sign to payment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from exchange.words import TEMPLATES, words

Chain = Mapping[str, Any]


def write_chains(
    path: Path, chains: Iterable[Chain], *, area_zh: str, as_of: date, version: str, is_made_up: bool
) -> None:
    """Write one county's page; the same chains give the same bytes.

    chains: per household `cases` (case_no, queue_zh, state_zh, due_date, held_by_zh) and `links`, oldest
    first (date, known_date, text_zh), as flows.queries.chain tells them.
    """
    text = words("chains")
    shown = [_shown(chain, text) for chain in chains]
    page = _template().render(
        title=text["title"].format(area=area_zh),
        subtitle=text["subtitle"].format(as_of=as_of, version=version),
        notice=text["notice"].format(area=area_zh),
        count=text["count"].format(count=len(shown)),
        chains=shown,
        words=text,
        is_made_up=is_made_up,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def _shown(chain: Chain, text: Mapping[str, str]) -> dict[str, Any]:
    return {
        "cases": [_case(case, text) for case in chain["cases"]],
        "links": [
            {
                "date": link["date"],
                "text": link["text_zh"],
                "known": text["known"].format(date=link["known_date"])
                if link["known_date"] != link["date"]
                else "",
            }
            for link in chain["links"]
        ],
    }


def _case(case: Mapping[str, Any], text: Mapping[str, str]) -> dict[str, str]:
    due = text["due"].format(date=case["due_date"]) if case["due_date"] else ""
    held = text["held"].format(holder=case["held_by_zh"]) if case["held_by_zh"] else ""
    return {
        "number": case["case_no"],
        "queue": case["queue_zh"],
        "state": case["state_zh"],
        "more": (due + held).removeprefix("，"),
    }


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
    return environment.get_template("chains.html.j2")
