"""Pages for people, generated from contracts and rules; touches files, no home and no database."""
