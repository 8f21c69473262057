"""Keeping a home whole and its people safe: its state, its keys, erasure and retention.

Opens warehouse, vault and archive; takes no part in the main job.
"""
