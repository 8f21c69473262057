"""Rules run over frames of facts: who shows a sign of need, who may have which benefit, and why.

Pure polars over a catalogue that is already read; no files, no clock.
"""
