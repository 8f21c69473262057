"""What is marked verified rests on a page of its issuing body; what was read elsewhere is unverified."""

from __future__ import annotations

from collections.abc import Iterator

from policies.catalogue.model import Catalogue
from policies.catalogue.rule_texts import rule_file
from policies.catalogue.shapes import Source
from policies.catalogue.where import parameter_entries
from zhaoren.yaml_lines import Place, Problem, YamlFile

_TODO = (
    "set status: unverified, or name the issuing body's page; policies/issuers.yaml lists whose pages count"
)


def source_problems(cat: Catalogue) -> Iterator[Problem]:
    """Verified values and rules without such a page; nothing where a folder of its own lists no issuers."""
    if not cat.issuers:
        return
    for name, file, place, entry in parameter_entries(cat):
        if entry.status == "verified":
            yield from _page(cat, file, place, f"a value of ${name}", entry.source)
    for rule in cat.rules:
        if rule.status == "verified":
            yield from _page(cat, rule_file(cat, rule), (), rule.id, rule.source)


def is_from_issuer(cat: Catalogue, source: Source) -> bool:
    """Whether a source is a page of a body that issues such documents."""
    return any(issuer.has_page(source) for issuer in cat.issuers)


def _page(cat: Catalogue, file: YamlFile, key: Place, what: str, source: Source) -> Iterator[Problem]:
    if is_from_issuer(cat, source):
        return
    where = source.url or "no page at all"
    yield file.problem(
        f"{what} is verified, but its source is no issuing body's page: {where}", *key, "status", todo=_TODO
    )
