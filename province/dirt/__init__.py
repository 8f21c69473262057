"""What is wrong in the files: mistaken identities and planted defects, each with its place in a ledger."""
