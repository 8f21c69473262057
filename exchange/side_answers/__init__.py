"""The further sheets of a workbook that came back: declared one by one, read by one mechanism."""
