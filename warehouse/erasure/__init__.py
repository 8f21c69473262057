"""Taking one person out of vault and warehouse, and what is left to do until nothing of them is left.

May use the sub-rooms database and identity; knows no file but the two databases.
"""
