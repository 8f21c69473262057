"""From a contract's YAML to its rules: each promise becomes one rule. Knows cells and contract."""
