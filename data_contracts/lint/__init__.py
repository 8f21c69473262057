"""What is wrong with contracts and code tables, each fault with file and line, by what is checked."""
