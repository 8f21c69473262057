"""Opening the files, their tables, dated partitions, and the archive of originals.

Knows no other sub-room: whoever keeps something builds on it.
"""
