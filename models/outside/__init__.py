"""Labelled frames from outside: columns, persons rolled up to households, splits, one table of rankings.

Touches no file: frames come in, frames go out.
"""
