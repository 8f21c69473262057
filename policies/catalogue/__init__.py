"""What the policy files hold: one module per concept, and the reading of the files.

May touch YAML files, Pydantic and the contracts' declared facts; runs no rule.
"""
