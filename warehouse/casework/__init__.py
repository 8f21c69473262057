"""What people wrote back about cases: rows that are added and never changed, and rulings on which count."""
