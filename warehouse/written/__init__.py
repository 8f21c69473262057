"""What people wrote that is no cell of a column: names of files, notes, reasons, and what a person
had corrected. In the vault alone; the warehouse holds codes, dates and counts. Works on given connections.
"""
