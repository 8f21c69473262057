"""What departments promised and what came: missing and late partitions, how old each source is."""
