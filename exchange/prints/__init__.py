"""Lists as PDF on A4, for the eye and the pocket: the same lines as the workbook. Touches PDF files only."""
