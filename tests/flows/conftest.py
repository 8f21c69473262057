"""Homes made once: the demo, with feedback and learning, and a thin one of two months and of the first."""

from __future__ import annotations

from tests.helpers.made_homes import demo, thin, thin_first

__all__ = ["demo", "thin", "thin_first"]
