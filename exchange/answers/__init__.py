"""Filled lists that come back: opened within bounds, held against what was handed out, taken line by line or
refused with the row and what to do. May use lists (headings, masks) and deliveries (bounds of workbooks)."""
