"""Commands on what orders the lists."""
