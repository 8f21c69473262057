"""Numbered steps that bring a home of a former version into today's layout: warehouse and vault together.

One module per step; opens DuckDB through the connections it is given.
"""
