"""Faults that show only when the policy files are read together: names, dates, purposes, types of rules.

May touch the catalogue, the engine, the worked examples and the contracts' columns; changes nothing.
"""
