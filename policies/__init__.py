"""The rules as dated data (parameters/, benefits/, signals/) and the code that reads and answers them.

Order: catalogue < engine < lint < loading.py < analysis. No database, no clock, no identity.
"""
