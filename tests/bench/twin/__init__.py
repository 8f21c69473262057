"""Panel facts and signals once more, as an analyst writes them in pandas: no line of transforms or policies.

Reads a home's core tables and golden record, and the parameters' YAML; keys of extracts are written here.
"""
