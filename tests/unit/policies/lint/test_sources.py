"""What is marked verified rests on a page of the body that issued it (tried §7: sources)."""

from __future__ import annotations

from collections import Counter

import pytest

from policies.catalogue.issuer import Issuer
from policies.catalogue.parameter import Entry
from policies.catalogue.shapes import Source
from policies.lint.sources import source_problems
from policies.loading import load_catalogue

CATALOGUE = load_catalogue()
GOVERNMENT = Issuer(host="gov.cn", zh="国家机关")


@pytest.mark.parametrize(
    ("url", "counts"),
    [
        ("https://www.gov.cn/zhengce/content/1.htm", True),
        ("http://mzt.gd.gov.cn/a", True),
        ("https://WWW.GOV.CN./a", True),
        ("https://notgov.cn/a", False),
        ("https://www.gov.cn.example.com/a", False),
        ("https://example.com/www.gov.cn", False),
        ("https://www.gov.cn@example.com/a", False),
        ("ftp://www.gov.cn/a", False),
        ("www.gov.cn/a", False),
        (None, False),
    ],
)
def test_whose_page_an_address_is(url: str | None, counts: bool) -> None:
    assert GOVERNMENT.has_page(Source(url=url, document="国发〔2015〕52号")) is counts


def test_every_shipped_value_and_rule_that_is_verified_rests_on_an_issuer_s_page() -> None:
    """tried §7: of 61 values and rules marked verified, 49 rested on reprints, repositories or no page."""
    assert list(source_problems(CATALOGUE)) == []
    values: list[Entry] = [v for p in CATALOGUE.parameters.values() for v in (*p.values, *p.local)]
    counted = Counter([*(value.status for value in values), *(rule.status for rule in CATALOGUE.rules)])
    assert counted["verified"] >= 12
    for value in values:
        if value.status == "borrowed":
            assert "gov.cn" not in (value.source.url or "")


def test_a_value_borrowed_from_another_place_never_counts_as_verified() -> None:
    borrowed = [
        (name, v.status)
        for name, p in CATALOGUE.parameters.items()
        for v in p.values
        if "（参照）" in p.region
    ]
    assert borrowed and {status for _, status in borrowed} == {"borrowed"}
