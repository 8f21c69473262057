"""A department's file, whatever its format, packing and encoding, as rows of text. Judges only whether it can
be read and is the promised one; touches the file, and the contract it is read by.
"""
