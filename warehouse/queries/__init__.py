"""Named questions to the warehouse, by what they ask about: values bound, polars frames out.

May touch the warehouse's connection; knows nothing of contracts, rules or the vault.
"""
