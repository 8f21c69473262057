"""What the made-up station does besides finding out: calls, agreements, key persons, services, reports."""
