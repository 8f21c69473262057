"""Households of three kinds (registered, assistance unit, dwelling): who belongs where, under stable ids."""
