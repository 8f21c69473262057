"""What each department sees of people and lives, and how it writes it: facts in, no new events."""
