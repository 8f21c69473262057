"""Zhaoren (找人): departments' files in, each station's short list of households to visit out."""

__version__ = "0.1.0"
