"""Great Expectations Data Docs for one run: a page per delivery and an index, readable without a network.

The sections are rendered by Great Expectations from the validation documents that `runner.check_suite`
gave; only the page around them is ours, since its own loads styles, scripts and pictures from elsewhere.
No page holds a row or an identifier, and the same documents give the same bytes.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Delivery = Mapping[str, str]  # delivery_id, department, extract, file_name, known_date, status
Validation = tuple[Delivery, Mapping[str, Any]]

_PAGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ page_title | e }}</title><style>{{ style }}</style></head>
<body><h1>{{ page_title | e }}</h1>
{% if home %}<p><a href="index.html">← Data Docs</a></p>{% endif %}
{% for section in sections %}{% set section_loop = loop -%}{% include 'section.j2' %}{% endfor %}
<footer>Great Expectations {{ ge_version }} · Zhaoren</footer></body></html>
"""
_STYLE = """
body { font: 15px/1.5 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 2rem auto; max-width: 75rem;
  padding: 0 1rem; color: #222; background: #fff }
h1 { font-size: 1.4rem } h5 { font-size: 1.05rem; margin: 1.2rem 0 .4rem }
h6 { font-size: .95rem; margin: .6rem 0 }
table { border-collapse: collapse; width: 100%; margin: .3rem 0 1rem }
th, td { border: 1px solid #ddd; padding: .3rem .6rem; text-align: left; vertical-align: top;
  overflow-wrap: break-word }
th { background: #f3f4f6 } td:last-child { overflow-wrap: anywhere }
.ge-section > .row > div > div { font-weight: 600 } table { font-weight: 400 }
pre, code { white-space: pre-wrap; font-size: .85rem }
a { color: #0a58a8 } footer { color: #777; font-size: .8rem; margin-top: 2rem }
.text-success::before { content: "✔"; color: #18794e; font-style: normal }
.text-danger::before { content: "✖"; color: #c0262d; font-style: normal }
.text-warning::before { content: "⚠"; color: #9a6700; font-style: normal }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #ddd } th { background: #24272d }
  th, td { border-color: #3a3f47 } a { color: #79b8ff } }
"""


def write_data_docs(folder: Path, results: Sequence[Validation]) -> Path:
    """Write index.html and <delivery_id>.html for every (delivery, document); returns the index.

    `results`: warehouse.deliveries.profiles.validations. A delivery without a document (it could not
    be read) is listed without a page. An existing folder's pages are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for delivery, document in results:
        if document:
            (folder / f"{delivery['delivery_id']}.html").write_text(_page(delivery, document), "utf-8")
    index = folder / "index.html"
    index.write_text(_render("Data Docs", [_index(results)], home=False), "utf-8")
    return index


def _page(delivery: Delivery, document: Mapping[str, Any]) -> str:
    """One delivery's page: what was checked, what could not be, and how each rule was checked."""
    from great_expectations.render.renderer import ValidationResultsPageRenderer

    rendered = ValidationResultsPageRenderer().render(_validation(delivery, document))
    sections = list(rendered.sections)
    # Its header links to a page of the suite, and its run details have ids made up anew each time.
    sections[0].content_blocks = [b for b in sections[0].content_blocks if b.content_block_type == "table"]
    unchecked = [[rule, why] for rule, why in document.get("unchecked", {}).items()]
    if unchecked:
        sections.append(_table("Not checked", ["Rule", "Why"], unchecked))
    sections.append(_table("Rules", ["Rule", "Level", "Expectation"], _expectations(document)))
    title = (
        f"{delivery['department']}.{delivery['extract']} · {delivery['known_date']} · {delivery['status']}"
    )
    return _render(title, sections, home=True)


def _expectations(document: Mapping[str, Any]) -> list[list[str]]:
    configs = [result["expectation_config"] for result in document["results"]]
    return [[c["meta"]["rule_id"], c["meta"]["level"], _expectation(c)] for c in configs]


def _expectation(config: Mapping[str, Any]) -> str:
    kwargs = config["kwargs"]
    query = kwargs.get("unexpected_rows_query")
    return str(query) if query else f"{config['type']} {dict(sorted(kwargs.items()))}"


def _index(results: Sequence[Validation]) -> Any:
    """One line per delivery, with a link to its page."""
    lines = []
    for delivery, document in results:
        figures, where = document.get("statistics", {}), f"{delivery['department']}.{delivery['extract']}"
        passed, run = figures.get("successful_expectations", 0), figures.get("evaluated_expectations", 0)
        name = _link(where, f"{delivery['delivery_id']}.html") if document else where
        nothing = str(len(document.get("unchecked", {})))
        lines.append(
            [
                name,
                delivery["file_name"],
                delivery["known_date"],
                delivery["status"],
                f"{passed}/{run}",
                nothing,
            ]
        )
    header = ["Delivery", "File", "Known", "Status", "Passed", "Not checked"]
    return _table("Deliveries", header, lines)


def _link(text: str, target: str) -> Any:
    from great_expectations.render import RenderedStringTemplateContent

    tag = {"tag": "a", "attributes": {"href": target}}
    template = {"template": "$name", "params": {"name": text}, "styling": {"params": {"name": tag}}}
    return RenderedStringTemplateContent(content_block_type="string_template", string_template=template)


def _table(title: str, header: list[str], rows: list[list[Any]]) -> Any:
    from great_expectations.render import (
        RenderedHeaderContent,
        RenderedSectionContent,
        RenderedTableContent,
    )

    cells = [[_plain(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    table = RenderedTableContent(content_block_type="table", header_row=header, table=cells)
    blocks = [RenderedHeaderContent(content_block_type="header", header=_plain(title)), table]
    return RenderedSectionContent(section_name=title, content_blocks=blocks)


def _plain(text: str) -> Any:
    """A text that the view escapes: as the value of a template, not as markup."""
    from great_expectations.render import RenderedStringTemplateContent

    template = {"template": "$text", "params": {"text": text}}
    return RenderedStringTemplateContent(content_block_type="string_template", string_template=template)


def _validation(delivery: Delivery, document: Mapping[str, Any]) -> Any:
    """The document as Great Expectations' own object again."""
    from great_expectations.core.expectation_validation_result import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    wanted = ("type", "kwargs", "meta", "description")
    results = [
        ExpectationValidationResult(
            success=entry["success"],
            expectation_config=ExpectationConfiguration(
                **{key: value for key, value in entry["expectation_config"].items() if key in wanted}
            ),
            result=dict(entry["result"]),
            exception_info=dict(entry["exception_info"]),
        )
        for entry in document["results"]
    ]
    run = {"run_name": delivery["delivery_id"], "run_time": f"{delivery['known_date']}T00:00:00+00:00"}
    return ExpectationSuiteValidationResult(
        success=document["success"],
        results=results,
        suite_name=document["suite_name"],
        statistics=dict(document["statistics"]),
        meta={"run_id": run},
    )


def _render(title: str, sections: list[Any], home: bool) -> str:
    from great_expectations.render import RenderedDocumentContent

    document = RenderedDocumentContent(sections=sections, page_title=title, renderer_type="DataDocs")
    return str(_view().render(document, style=_STYLE, home=home))


@functools.cache
def _view() -> Any:
    """Great Expectations' page view with our page around its sections."""
    from great_expectations.render.view import DefaultJinjaPageView
    from jinja2 import ChoiceLoader, DictLoader

    view = DefaultJinjaPageView()
    theirs = view.env.loader
    view.env.loader = ChoiceLoader([DictLoader({"page.j2": _PAGE}), *([theirs] if theirs else [])])
    return view
