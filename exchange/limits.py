"""How much of anything one delivery may hold. Beyond it a file is refused, with the number said.

Each bound is far above what a department's honest file needs and far below what would hurt the run.
"""

from __future__ import annotations

KIB, MIB, GIB = 2**10, 2**20, 2**30

# Text is read in pieces of this size; a file below it is one chunk, and no line may be longer. Reading and
# checking one takes some twenty times that. It must not change: whoever a chunk names gets ids together, so a
# home rebuilt from its archive has the ids it had only where files are read in the pieces they were read in.
CHUNK_BYTES = 64 * MIB
# What the header is looked for in. 16,000 columns called "Unnamed: n" take 0.2 MiB.
HEAD_BYTES = 2 * MIB
# A spreadsheet's cell holds at most 32,767 characters (0.1 MiB); a longer text is no cell of a roll.
MOST_CELL_BYTES = MIB
# Columns a header may have: a spreadsheet ends at 16,384.
MOST_COLUMNS = 16_384
# Unpacked text may be this long: four of the largest rolls we know of.
MOST_UNPACKED_BYTES = 8 * GIB
# Workbooks, web pages and Parquet files inside an archive are read in memory.
MOST_UNPACKED_IN_MEMORY = GIB
# Text packs to a tenth, a table of zeros to a fiftieth. Only counted above SMALL_UNPACKED_BYTES.
MOST_PACKING_RATIO = 250
SMALL_UNPACKED_BYTES = 64 * MIB
# Members of an archive: one table and some papers.
MOST_MEMBERS = 100
# One sheet's XML, and the texts that its cells share: a million rows of 20 columns take about 1 GiB.
MOST_SHEET_BYTES = 2 * GIB
MOST_SHARED_BYTES = GIB
# The reader keeps rows x columns of a sheet in memory, 32 bytes each, whether filled or not.
MOST_SHEET_CELLS = 50_000_000
# Columns right of ZZ are cut off before a sheet is read: thousands of columns cost seconds even when empty.
LAST_COLUMN = 702
# Cutting needs the sheet's XML in memory.
MOST_CUT_BYTES = 512 * MIB
# Texts of all cells together, shared ones counted as often as they are used.
MOST_SHEET_TEXT_BYTES = 4 * GIB
# A web page saved as .xls.
MOST_HTML_BYTES = 64 * MIB
MOST_HTML_CELLS = 5_000_000
# Parquet is read in batches of so many rows.
PARQUET_BATCH_ROWS = 500_000
# A quoted cell with more line breaks than this is taken for a stray quotation mark.
MOST_LINES_IN_CELL = 50
# After so many lines with stray quotation marks, quoted line breaks are no longer looked for.
MOST_STRAY_QUOTES = 10_000
