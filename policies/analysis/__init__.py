"""Questions about the rules: why an answer, what is missed by how much, what if, do the examples hold.

Builds on the engine; no files, no clock.
"""
