"""What analysts get: the warehouse's tables less what is withheld, those of people folded and without ids."""
