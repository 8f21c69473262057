"""What the hands of a social-work station can do in a month, and what waits for them."""
