"""For those who write contracts: changes between versions, drafts from a sample file."""
