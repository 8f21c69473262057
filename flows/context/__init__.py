"""What every step needs: the home's paths, the open site, one date's run, reference data, progress.

Opens the warehouse and reads the clock; knows no step.
"""
