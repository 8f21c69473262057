"""For those who write contracts: lint, diff between versions, drafts from a sample file."""
