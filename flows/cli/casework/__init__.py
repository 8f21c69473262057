"""Commands about cases and what comes of them. They call flows and print; nothing is decided here."""
