"""What goes out of a home for one date: worklists, compliance lists, receipts, reports.

Opens the vault to print names and to return faulty rows; each opening is logged."""
