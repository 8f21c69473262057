"""Two homes made once: the demo, with feedback and learning, and a thin one of two months."""

from __future__ import annotations

from tests.helpers.made_homes import demo, thin

__all__ = ["demo", "thin"]
