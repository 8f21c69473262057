"""A delivered file's way in: inbox, arrival, checks, account, warehouse.

May open the vault, to load; knows flows/context only.
"""
