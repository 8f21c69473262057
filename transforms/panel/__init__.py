"""Every fact of the feature dictionary as of one date: sections per subject, put together in panel.py.

Persons come before households: a household's sections may read the persons', never the other way round.
"""
