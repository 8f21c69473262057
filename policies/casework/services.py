"""What a station does besides visits, as the sheet of services and the reports name it: `services.yaml`.

services = load_services()
services.zh("a3"), services.forms[0].code
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.casework.contacts import Word
from policies.casework.life_checks import twice_named
from policies.casework.versions import in_force, shipped
from policies.catalogue.shapes import Dated, Source, Status, Text
from zhaoren.yaml_lines import Problem, YamlFile


class Service(Word):
    """One service and the field it belongs to."""

    field: Text


class Services(Dated):
    """One version of `services.yaml`."""

    source: Source
    status: Status
    fields: tuple[Word, ...]
    services: tuple[Service, ...]
    forms: tuple[Word, ...]

    def zh(self, code: str) -> str:
        """The service's name; the code itself where no service has it."""
        return next((one.zh for one in self.services if one.code == code), code)


def service_problems(services: Services, file: YamlFile) -> Iterator[Problem]:
    """Every mistake of one version that its shape does not show, with file and line."""
    for name in ("fields", "services", "forms"):
        yield from twice_named(file, name, (word.code for word in getattr(services, name)))
    fields = {field.code for field in services.fields}
    for i, service in enumerate(services.services):
        if service.field not in fields:
            what = f"'{service.field}' is no field"
            yield file.problem(what, "services", i, "field", todo="see fields")


def load_services(as_of: date | None = None) -> Services:
    """The services of the day (default: the newest). ZhaorenError with file and line."""
    return in_force(shipped("services", Services, service_problems), as_of)
