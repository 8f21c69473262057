"""The life of deliveries: what is in force on a day, how each looked, what visits found; ops and mart."""
