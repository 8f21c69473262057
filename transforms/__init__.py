"""Pure functions from frames to frames: no files, no database, no clock, no state between calls.

Each sub-room knows only the files beside this one, `policies` and `data_contracts`; none knows another.
"""
