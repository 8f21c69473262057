"""Data contracts: one YAML file per extract, its code tables, and the compiler from a contract to checks.

Sub-rooms know only those before them in this order: cells, contract, rules, loading, delivery_checks,
row_checks, lint, authoring. No database is opened: Great Expectations is handed a staged table's address.
"""
