"""Contracts as YAML (extracts, codes, tables) and the compiler from a contract to checks; opens no database.

Order of imports: cells, registry, contract, rules, loading, delivery_checks, row_checks, lint, authoring."""
