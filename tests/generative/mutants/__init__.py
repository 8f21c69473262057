"""Deliveries that went wrong on the way: seeded mutations of real demo files, and what is known of each.

`mutant(base, seed)` is the same bytes for ever. Mutations are composed: of cells, rows and columns of the
sheet, of how it is written (encoding, separators, workbook, Parquet types), and of the finished bytes.
"""

from tests.generative.mutants.making import Mutant, mutant
from tests.generative.mutants.sheet import Row, Sheet, base_sheet, base_sheets

__all__ = ["Mutant", "Row", "Sheet", "base_sheet", "base_sheets", "mutant"]
