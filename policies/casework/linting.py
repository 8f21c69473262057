"""All mistakes of a casework folder, as `zhaoren policies lint` lists them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from policies.casework.appraisal import Appraisal, appraisal_problems
from policies.casework.contacts import Contacts, contact_problems
from policies.casework.key_persons import KeyPersons, key_person_problems
from policies.casework.life_checks import code_problems, life_problems
from policies.casework.life_shape import Life
from policies.casework.reports import ReportRules, report_problems
from policies.casework.services import Services, service_problems
from policies.casework.steps import Steps, step_problems
from policies.casework.versions import read_versions
from zhaoren.yaml_lines import Problem, load_yaml


def casework_problems(folder: Path, result_codes: Collection[str]) -> list[Problem]:
    """Every mistake of the folder's files, with file and line; none where there is no such folder.

    Another place's law brings its own rules, and no visits.
    """
    if not folder.is_dir():
        return []
    problems = read_versions(folder, "life", Life, life_problems)[1]
    problems += _codes(folder, result_codes) if not problems else []
    problems += read_versions(folder, "steps", Steps, step_problems)[1]
    problems += read_versions(folder, "appraisal", Appraisal, appraisal_problems)[1]
    problems += read_versions(folder, "reports", ReportRules, report_problems)[1]
    problems += read_versions(folder, "services", Services, service_problems)[1]
    problems += read_versions(folder, "contacts", Contacts, contact_problems)[1]
    return problems + read_versions(folder, "key_persons", KeyPersons, key_person_problems)[1]


def _codes(folder: Path, result_codes: Collection[str]) -> list[Problem]:
    found: list[Problem] = []
    for path in sorted((folder / "life.yaml", *folder.glob("life_*.yaml"))):
        file = load_yaml(path, exact=True)
        found += code_problems(Life.model_validate(file.data), file, result_codes)
    return found
