"""Folding tables until nobody stands out in them, and how far that went; knows no table by name."""
