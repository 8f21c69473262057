"""Learners of a yes-or-no label on any frame: what they read, how they are fitted, and their chances.

Pure: no files, no clock. They know columns, not households.
"""
