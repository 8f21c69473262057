"""The real main job measured: several sizes, months of a year, a month of few changes, and the floor.

Calls the product from outside, through the runner that the main job is given; the product has no hook for it.
"""
