"""Contracts and declared facts read from YAML files, ours or others'. Knows cells, contract and rules."""
