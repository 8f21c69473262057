"""Bodies whose own pages a verified value may rest on: issuers.yaml, and a home's own list beside it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from policies.catalogue.shapes import Source, Strict, Text

_HOST = r"^([a-z0-9-]+\.)+[a-z]{2,}$"


class Issuer(Strict):
    """A host, which stands for every host below it too, and whose it is."""

    host: Annotated[str, Field(pattern=_HOST)]
    zh: Text
    note: Text | None = None

    def has_page(self, source: Source) -> bool:
        """Whether the source's address is a page of this body; a document's name alone is none."""
        address = urlsplit(source.url or "")
        host = (address.hostname or "").rstrip(".").lower()
        # the dot keeps out hosts that merely end in the same letters (not-gov.cn)
        return address.scheme in ("http", "https") and (host == self.host or host.endswith(f".{self.host}"))


class IssuerFile(Strict):
    """The file issuers.yaml."""

    issuers: tuple[Issuer, ...] = Field(min_length=1)
