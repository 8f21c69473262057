"""Questions about a home or a file, answered without changing anything that is kept."""
