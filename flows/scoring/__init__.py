"""What follows from a date's facts: identity resolution, panel, answers of the rules, alerts, households.

May open the vault, to resolve identities; knows flows/context only.
"""
