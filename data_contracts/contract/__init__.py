"""A contract as values, its code tables and calendar, and YAML with line numbers. Knows the cells only."""
