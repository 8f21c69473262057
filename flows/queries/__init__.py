"""What a person asks of a home or of a file, answered without changing anything that is kept."""
