"""A date's answers by household shard: the same work in this process, in several, or on other machines.

What a shard's work needs is in its world and its files; it opens neither warehouse nor vault.
"""
