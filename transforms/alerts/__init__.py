"""From signals and missing benefits to each station's list: texts, status, budget, audit arm.

Reads what the rules answered; knows nothing of the panel or of how facts came about.
"""
