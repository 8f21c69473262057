"""The made-up province: people, their lives, the departments' imperfect view of them, and the truth.

It stands in for the departments (docs/province.md): only tests and flows/evaluation import it.
"""
