"""The facts of a date cut into household shards, as files that any process can read, and what comes back.

Reads core; writes only below the folder it is given. Nothing in these files identifies anybody.
"""
