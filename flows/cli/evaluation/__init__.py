"""Parts of the command evaluate that need no truth."""
