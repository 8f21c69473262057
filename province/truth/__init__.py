"""What really was the case, written beside the files; and what is measured or answered from it."""
