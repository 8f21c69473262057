"""What a department gets back for its delivery: refused rows under its own headers, to be corrected. The only
documents that hold original values; touches workbooks and contracts.
"""
