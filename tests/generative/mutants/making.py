"""One mutant from a file and a seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from data_contracts.contract.model import Contract
from tests.generative.mutants.cells import CELLS
from tests.generative.mutants.columns import COLUMNS
from tests.generative.mutants.forms import FORMS
from tests.generative.mutants.raw import RAW, Raw
from tests.generative.mutants.rows import ROWS
from tests.generative.mutants.sheet import Row, Sheet
from tests.generative.mutants.writing import written

SHEET_MUTATORS = CELLS | ROWS | COLUMNS | FORMS
LEVELS = (CELLS, ROWS, COLUMNS, FORMS, RAW)
MUTATORS = tuple(name for level in LEVELS for name in level)
WEIGHTS = (30, 20, 13, 17, 20)


@dataclass(frozen=True)
class Mutant:
    """A spoilt delivery. rows: row number -> row, for every row that is not blank; None where unknown."""

    contract: Contract
    seed: int
    recipe: tuple[str, ...]
    name: str
    content: bytes
    header: tuple[str, ...]
    rows: dict[int, Row] | None

    def __str__(self) -> str:
        return f"{self.contract.id} seed={self.seed} {'+'.join(self.recipe)} as {self.name}"

    @property
    def sure_rows(self) -> set[int]:
        """The numbers of the rows that nobody could take for blank: filled under an agreed header."""
        agreed = {column.header for column in self.contract.columns}
        places = [at for at, header in enumerate(self.header) if header in agreed]
        return {at for at, row in (self.rows or {}).items() if row.is_inked(places)}


def mutant(base: Sheet, seed: int, only: str | None = None) -> Mutant:
    """The base with one to four mutations (or `only` that one); the same for the same seed."""
    rng = Random(f"{base.contract.id}:{seed}:{only or ''}")
    wanted = [only] if only else _recipe(rng)
    sheet = base.copy()
    for name in wanted:
        if name in SHEET_MUTATORS:
            SHEET_MUTATORS[name](sheet, rng)
    content, rows = written(sheet, rng)
    raw = Raw(f"{base.contract.extract}.{sheet.format}", content, sheet.sure)
    for name in wanted:
        if name in RAW:
            RAW[name](raw, rng)
    header, known = tuple(sheet.header), rows if raw.sure else None
    return Mutant(base.contract, seed, tuple(wanted), raw.name, raw.content, header, known)


def _recipe(rng: Random) -> list[str]:
    levels = rng.choices(LEVELS, WEIGHTS, k=rng.choice((1, 1, 2, 2, 3, 4)))
    return [rng.choice(sorted(level)) for level in levels]
