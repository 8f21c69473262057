"""Lists that go out and come back filled: visits, payments to check, identities to review. Touches workbooks
only; every text on a visit list is masked before it is written.
"""
