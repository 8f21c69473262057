"""The words by which a receipt names itself, on paper and when it comes back."""

from __future__ import annotations

import re

MARK = "回执编号"
DELIVERY_ID = r"[0-9]{8}-[a-z][a-z0-9_]*(?:[-.][0-9A-Za-z_]+)*-[0-9a-f]{8,64}"
# A saved copy may lose the property, the first sheet or the format; the first column's heading stays.
MARKED = re.compile(rf"{MARK}[^0-9A-Za-z]{{0,3}}({DELIVERY_ID})")


def is_of_receipt(heading: str) -> bool:
    """Whether a column is a receipt's own first one: then its cells are read without our guard."""
    return MARKED.search(heading) is not None
