"""Read the policy files and check them: a catalogue ready to run, or every fault that keeps it from it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from data_contracts.loading.declared_facts import DeclaredFact, shipped_facts
from policies.casework.key_persons import key_rule_problems
from policies.casework.linting import casework_problems
from policies.catalogue.model import SHIPPED, Catalogue
from policies.forms.no_theatre import no_theatre_file_problems
from policies.lint.checks import check_catalogue
from policies.reading.catalogue_reader import CatalogueReader
from zhaoren.yaml_lines import Problem, refuse


def load_catalogue(
    root: Path | None = None,
    overlay: Path | None = None,
    declared: tuple[DeclaredFact, ...] | None = None,
) -> Catalogue:
    """Read and check the policy files under `root` (default: this package's own).

    `overlay` is a folder whose parameters, benefits and signals are added to them; `declared` are the facts
    that contracts declare (default: those of the shipped contracts).
    Raises ZhaorenError naming file and line of the first mistake, and how many more there are:
    unknown key, missing source, undefined fact or parameter, overlapping dates, a fact that may not
    be used for finding people, an added rule with the id of one that is there already.
    """
    root = (root or SHIPPED).resolve()
    if overlay is None and declared is None:
        return _shipped(root)
    return _sound(*read_catalogue(root, overlay, declared))


# The shipped files do not change while a process runs; reading and checking them takes half a second.
@lru_cache(maxsize=4)
def _shipped(root: Path) -> Catalogue:
    return _sound(*read_catalogue(root))


def _sound(catalogue: Catalogue | None, problems: list[Problem]) -> Catalogue:
    refuse(problems, "correct the file; `zhaoren policies lint` lists every problem")
    if catalogue is None:
        raise AssertionError("a catalogue that cannot be read has problems")
    return catalogue


def lint(
    root: Path | None = None,
    overlay: Path | None = None,
    declared: tuple[DeclaredFact, ...] | None = None,
) -> list[Problem]:
    """Every problem in the policy files, in file order; empty when all is well."""
    return read_catalogue((root or SHIPPED).resolve(), overlay, declared)[1]


def read_catalogue(
    root: Path, overlay: Path | None = None, declared: tuple[DeclaredFact, ...] | None = None
) -> tuple[Catalogue | None, list[Problem]]:
    """The catalogue and all problems; None when a file is so broken that rules cannot be compared."""
    reader = CatalogueReader(root, overlay, shipped_facts() if declared is None else declared)
    catalogue = reader.read()
    if reader.problems:
        return None, reader.problems
    codes = [code.code for code in catalogue.result_codes]
    problems = check_catalogue(catalogue) + casework_problems(root / "casework", codes)
    problems += no_theatre_file_problems(root / "casework")
    # A rule that names what is wrong itself would be told twice.
    return catalogue, problems or key_rule_problems(catalogue, root / "casework")
